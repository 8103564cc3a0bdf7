# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module that owns a file: check, do, again, absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._fragment import MANAGED

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


@pytest.mark.parametrize(("module", "options", "key", "path"), MODULES, ids=[f"{m[0]}-{m[3]}" for m in MODULES])
def test_a_file_that_somebody_else_wrote_stays(
    run: Any, host: Any, module: str, options: Any, key: Any, path: str
) -> None:
    file = Path(host["config_dir"]) / path
    file.parent.mkdir(parents=True)
    by_hand = "# by hand\n@director-01 auth_pass s3cret\n"
    file.write_text(by_hand)
    for refused in (run(module, **options), run(module, check=True, **options), run(module, state="absent", **key)):
        assert refused["failed"] is True
        assert f"{file}: not written by this collection" in refused["msg"]
        assert "s3cret" not in str(refused)
    assert file.read_text() == by_hand

    file.write_text(f"{MANAGED}{by_hand}")  # as the message says
    done = run(module, **options)
    assert (done["changed"], file.read_text().count("by hand")) == (True, 0)
    assert "by hand" in str(done["diff"])
    assert "s3cret" not in str(done)


def test_a_file_without_a_word_is_nobodys(run: Any, host: Any) -> None:
    file = Path(host["config_dir"]) / "lvsd.conf"
    file.parent.mkdir()
    file.write_text("\n")
    assert run("director_globals", router_id="director-01")["changed"] is True
    assert "director-01" in file.read_text()


@pytest.mark.parametrize(("module", "options", "key", "path"), MODULES, ids=[f"{m[0]}-{m[3]}" for m in MODULES])
def test_what_the_daemon_has_not_read_is_a_reload(
    run: Any, daemon: Any, module: str, options: Any, key: Any, path: str
) -> None:
    run(module, **options)
    daemon.loaded_at = 1.0  # the run before was cut off, or its reload not answered
    assert run(module, check=True, **options)["changed"] is True
    again = run(module, **options)
    assert (again["changed"], again["reloaded"], again["files"]) == (True, True, [])
    daemon.loaded_at = 2e9
    assert run(module, **options)["changed"] is False


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


def test_a_refusal_quotes_no_secret_of_the_line_that_it_is_about(run: Any, host: Any, daemon: Any) -> None:
    options = {"name": "a", "interface": "eth0", "virtual_router_id": 20, "authentication": {"auth_pass": "k@l!ve2"}}
    by_hand = Path(host["config_dir"]) / "conf.d" / "mine.conf"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("authentication {\n    auth_pass h@n!d\n}\n")
    new = by_hand.parent / "vrrp_instance-a.conf"
    rows = run("vrrp_instance", check=True, **options)["diff"][0]["after"].split("\n")
    line = next(number for number, row in enumerate(rows, 1) if "auth_pass" in row)
    findings = [
        {"path": str(by_hand), "line": 2, "message": "'!' in 'h@n!d' starts a comment: the value is 'h@n'"},
        {"path": str(new), "line": line, "message": "the value is 'k@l'"},
        {"path": str(by_hand), "line": 1, "message": "no such thing as 'k@l'"},
    ]
    daemon.refusal = {"ok": False, "error": "3 errors", "findings": findings}
    assert [finding["message"] for finding in run("vrrp_instance", **options)["findings"]] == [
        "'!' in '(hidden)' starts a comment: the value is '(hidden)'",
        "the value is '(hidden)'",
        "no such thing as 'k@l'",
    ]


def test_a_wrong_mode_is_a_change(run: Any, host: Any) -> None:
    options = {"name": "a", "interface": "eth0", "virtual_router_id": 20}
    run("vrrp_instance", **options)
    file = Path(host["config_dir"]) / "conf.d/vrrp_instance-a.conf"
    file.chmod(0o644)
    assert run("vrrp_instance", check=True, **options)["changed"] is True
    assert run("vrrp_instance", **options)["changed"] is True
    assert file.stat().st_mode & 0o777 == 0o640
    assert run("vrrp_instance", **options)["changed"] is False
