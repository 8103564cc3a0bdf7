# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director is, has and does."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_a_bare_host_has_nothing(run: Any, tmp_path: Path) -> None:
    found = run("director_info", install_dir=str(tmp_path / "opt"))
    assert (found["changed"], found["running"], found["lvsd"], found["vrrp"], found["checker"]) == (
        False,
        False,
        None,
        None,
        None,
    )
    assert found["files"] == []
    assert found["installed"] == {"current": None, "previous": None, "running": None, "digests": []}


def test_files_and_live_state(run: Any, host: Any, daemon: Any, tmp_path: Path) -> None:
    daemon.instances = [{"name": "a", "state": "Active"}]
    run("vrrp_instance", name="a", interface="eth0", virtual_router_id=20)
    by_hand = Path(host["config_dir"]) / "conf.d" / "mine.conf"
    by_hand.write_text("# mine\n")
    (by_hand.parent / ".#mine.conf").symlink_to("root@director-01.4711")  # an editor's lock
    found = run("director_info", install_dir=str(tmp_path / "opt"))
    assert found["running"] is True
    assert found["vrrp"]["instances"] == daemon.instances
    assert [(Path(entry["path"]).name, entry["managed"]) for entry in found["files"]] == [
        ("mine.conf", False),
        ("vrrp_instance-a.conf", True),
    ]


def test_an_address_that_the_kernel_refused_is_a_warning_of_the_module(run: Any, host: Any, daemon: Any) -> None:
    missing = [{"address": "2001:db8::1/64 dev eth0", "reason": "IPv6 is disabled on eth0"}]
    daemon.instances = [{"name": "a", "state": "Active", "missing": missing}]
    found = run("vrrp_instance", name="a", interface="eth0", virtual_router_id=20)
    assert found["live"]["missing"] == missing
    words = "vrrp_instance a: 2001:db8::1/64 dev eth0 is missing: IPv6 is disabled on eth0"
    assert any(words in str(warning) for warning in found["warnings"])
