# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module that owns a file: check, do, again, absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SERVICE = {"address": "192.0.2.10", "port": 80}

MODULES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("director_globals", {"router_id": "director-01", "vrrp_version": 3}, {}, "lvsd.conf"),
    (
        "vrrp_instance",
        {
            "name": "a",
            "interface": "eth0",
            "virtual_router_id": 20,
            "authentication": {"auth_pass": "hunter2!"},
            "virtual_ipaddress": [{"address": "192.0.2.10/24", "dev": "eth0"}],
        },
        {"name": "a"},
        "conf.d/vrrp_instance-a.conf",
    ),
    ("vrrp_sync_group", {"name": "g", "group": ["a"]}, {"name": "g"}, "conf.d/vrrp_sync_group-g.conf"),
    ("ipvs_service", {**SERVICE, "lb_algo": "wrr"}, SERVICE, "conf.d/virtual_server-192.0.2.10-80-TCP.conf"),
    (
        "ipvs_service",
        {"fwmark": 7, "ip_family": "inet6", "lb_kind": "TUN", "tunnel": {"type": "gue", "port": 6080}},
        {"fwmark": 7, "ip_family": "inet6"},
        "conf.d/virtual_server-fwmark-7-inet6.conf",
    ),
    (
        "ipvs_real_server",
        {"virtual_server": SERVICE, "address": "198.51.100.11", "weight": 2, "TCP_CHECK": [{"connect_timeout": 3}]},
        {"virtual_server": SERVICE, "address": "198.51.100.11"},
        "conf.d/virtual_server-192.0.2.10-80-TCP.d/real_server-198.51.100.11-80.conf",
    ),
]


@pytest.mark.parametrize(("module", "options", "key", "path"), MODULES, ids=[f"{m[0]}-{m[3]}" for m in MODULES])
def test_check_do_again_absent(run: Any, host: Any, module: str, options: Any, key: Any, path: str) -> None:
    file = Path(host["config_dir"]) / path

    check = run(module, check=True, **options)
    assert (check["changed"], file.exists()) == (True, False)
    assert check["diff"][0]["before"] == ""

    done = run(module, **options)
    assert (done["changed"], file.exists(), done["reloaded"], done["live"]) == (True, True, False, None)
    assert file.stat().st_mode & 0o777 == 0o640
    assert "hunter2" not in str(done)
    assert done["diff"] == check["diff"]
    assert (run(module, check=True, **options)["changed"], run(module, **options)["changed"]) == (False, False)

    assert run(module, check=True, state="absent", **key)["changed"] is True
    assert file.exists()
    assert run(module, state="absent", **key)["changed"] is True
    assert not file.exists()
    assert run(module, state="absent", **key)["changed"] is False


def test_a_change_is_one_reload_and_the_live_state_is_in_the_result(run: Any, daemon: Any) -> None:
    daemon.instances = [{"name": "a", "state": "Backup"}]
    options = {"name": "a", "interface": "eth0", "virtual_router_id": 20}
    done = run("vrrp_instance", **options)
    assert (done["reloaded"], done["live"]["state"]) == (True, "Backup")
    assert daemon.asked.count(("lvsd", "reload")) == 1
    run("vrrp_instance", **options)
    run("vrrp_instance", check=True, **{**options, "priority": 7})
    assert daemon.asked.count(("lvsd", "reload")) == 1


def test_a_refused_reload_puts_the_file_back_and_shows_the_findings(run: Any, host: Any, daemon: Any) -> None:
    options = {"name": "a", "interface": "eth0", "virtual_router_id": 20}
    run("vrrp_instance", **options)
    file = Path(host["config_dir"]) / "conf.d/vrrp_instance-a.conf"
    before = file.read_text()
    finding = {"path": "/etc/lvsd/x.conf", "line": 3, "severity": "error", "message": "no such thing"}
    daemon.refusal = {"ok": False, "error": "1 error", "findings": [finding]}
    failed = run("vrrp_instance", **{**options, "priority": 7})
    assert failed["failed"] is True
    assert "/etc/lvsd/x.conf:3: no such thing" in failed["msg"]
    assert file.read_text() == before
    failed = run("vrrp_instance", **{**options, "name": "b"})
    assert failed["findings"] == [finding]
    assert not (file.parent / "vrrp_instance-b.conf").exists()


def test_a_wrong_mode_is_a_change(run: Any, host: Any) -> None:
    options = {"name": "a", "interface": "eth0", "virtual_router_id": 20}
    run("vrrp_instance", **options)
    file = Path(host["config_dir"]) / "conf.d/vrrp_instance-a.conf"
    file.chmod(0o644)
    assert run("vrrp_instance", check=True, **options)["changed"] is True
    assert run("vrrp_instance", **options)["changed"] is True
    assert file.stat().st_mode & 0o777 == 0o640
    assert run("vrrp_instance", **options)["changed"] is False
