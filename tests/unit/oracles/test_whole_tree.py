# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block is checked in the tree as it would become, by the real parser, whether the daemon runs or not."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._findings import Finding, refused
from ansible_collections.lvs.director.tests.unit.conftest import program

RUNTIME = next(p / "runtime" for p in Path(__file__).resolve().parents if (p / "runtime" / "lvsd").is_dir())
A = {"name": "a", "interface": "eth0", "virtual_router_id": 20, "virtual_ipaddress": [{"address": "192.0.2.10/24"}]}
B = {"name": "b", "interface": "eth0", "virtual_router_id": 21, "virtual_ipaddress": [{"address": "192.0.2.11/24"}]}
BROKEN = "vrrp_instance {} {{\n    interface eth0\n    virtual_router_id 999\n}}\n"
MANAGED = "# Managed by Ansible (lvs.director): local changes are replaced.\n"


@pytest.fixture(autouse=True)
def lvsd(host: Any) -> None:
    """The daemon's parser as a program of the host."""
    words = shlex.join(["env", f"PYTHONPATH={RUNTIME}", sys.executable, "-m", "lvsd"])
    program(host["lvsd_path"], f'#!/bin/sh\nexec {words} "$@"\n')


def pair(run: Any) -> None:
    run("director_globals", router_id="director-01")
    for instance in (A, B):
        assert run("vrrp_instance", **instance)["changed"] is True
    assert run("vrrp_sync_group", name="g", group=["a", "b"])["changed"] is True


def alike(run: Any, module: str, **options: Any) -> dict[str, Any]:
    """The run, which fails where the check has failed and changes what the check has said."""
    check, done = run(module, check=True, **options), run(module, **options)
    assert (check.get("failed"), check.get("changed"), check.get("msg")) == (
        done.get("failed"),
        done.get("changed"),
        done.get("msg"),
    )
    result: dict[str, Any] = done
    return result


def by_hand(host: Any, name: str, text: str) -> Path:
    path = Path(host["config_dir"]) / "conf.d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_removal_that_leaves_a_dangling_name_is_refused(run: Any, host: Any) -> None:
    pair(run)
    failed = alike(run, "vrrp_instance", name="a", state="absent")
    assert failed["failed"] is True
    assert "vrrp_sync_group-g.conf" in failed["msg"]
    assert "nothing has changed" in failed["msg"]
    assert (Path(host["config_dir"]) / "conf.d" / "vrrp_instance-a.conf").exists()
    assert alike(run, "vrrp_sync_group", name="g", state="absent")["changed"] is True
    assert alike(run, "vrrp_instance", name="a", state="absent")["changed"] is True


def test_a_block_that_does_not_fit_into_the_tree_is_refused(run: Any, host: Any) -> None:
    pair(run)
    failed = alike(run, "vrrp_instance", **{**B, "name": "c", "virtual_ipaddress": [{"address": "192.0.2.12/24"}]})
    assert failed["failed"] is True
    assert "virtual_router_id" in failed["msg"]
    assert not (Path(host["config_dir"]) / "conf.d" / "vrrp_instance-c.conf").exists()


def test_a_broken_tree_is_repaired_by_absent_one_after_the_other(run: Any, host: Any) -> None:
    pair(run)
    for name in ("x", "y"):
        by_hand(host, f"vrrp_instance-{name}.conf", MANAGED + BROKEN.format(name))
    another = {"name": "c", "virtual_router_id": 22, "virtual_ipaddress": [{"address": "192.0.2.12/24"}]}
    refused_ = alike(run, "vrrp_instance", **{**A, **another})
    assert refused_["failed"] is True
    first = alike(run, "vrrp_instance", name="x", state="absent")
    assert first["changed"] is True
    assert "vrrp_instance-y.conf" in str(first["warnings"])
    assert alike(run, "vrrp_instance", name="y", state="absent")["changed"] is True
    assert alike(run, "vrrp_instance", **{**A, "priority": 7})["changed"] is True


def test_the_running_daemon_refuses_what_is_left_and_the_repair_stays(run: Any, host: Any, daemon: Any) -> None:
    pair(run)
    for name in ("x", "y"):
        by_hand(host, f"vrrp_instance-{name}.conf", MANAGED + BROKEN.format(name))
    daemon.refusal = {"ok": False, "error": "vrrp_instance-y.conf:4: too large", "findings": []}
    done = alike(run, "vrrp_instance", name="x", state="absent")
    assert (done["changed"], done["reloaded"]) == (True, False)
    assert "lvsd still runs the configuration before" in str(done["warnings"])
    failed = alike(run, "vrrp_sync_group", name="g", state="absent")  # has nothing to do with it
    assert failed["failed"] is True
    assert "vrrp_instance-y.conf" in failed["msg"]


def test_a_keyword_that_a_running_daemon_leaves_out_stops_no_task(run: Any, host: Any) -> None:
    pair(run)
    by_hand(host, "mine.conf", "global_defs {\n    no_such_keyword 1\n}\n")
    assert alike(run, "vrrp_instance", **{**A, "priority": 7})["changed"] is True
    assert "no_such_keyword" not in str(alike(run, "vrrp_instance", **{**A, "priority": 8}).get("warnings", ""))
    assert "no_such_keyword" in str(alike(run, "director_configuration", prune=False)["warnings"])


def test_the_first_file_of_a_running_daemon_is_not_removed(run: Any, host: Any, daemon: Any) -> None:
    pair(run)
    failed = alike(run, "director_globals", state="absent")
    assert failed["failed"] is True
    assert "Stop the daemon first" in failed["msg"]


def finding(path: str, message: str, line: int = 1, *, fatal: bool = True, severity: str = "error") -> Finding:
    return {"path": path, "line": line, "severity": severity, "message": message, "fatal": fatal}


X, Y, SOFT = finding("x", "wrong"), finding("y", "wrong"), finding("x", "unknown keyword 'z'", fatal=False)


@pytest.mark.parametrize(
    ("before", "after", "removes", "running", "expected"),
    [
        ([], [X], False, False, [X]),
        ([], [SOFT], False, True, [SOFT]),  # what is new is refused, however bad it is
        ([SOFT], [SOFT], False, True, []),
        ([X], [finding("x", "wrong", 9)], True, False, []),  # at another line it is the same
        ([X], [X, X], True, False, [X]),
        ([X], [X], False, False, [X]),
        ([X], [X], True, True, [X]),
        ([X, Y], [Y], True, True, []),
        ([X, Y], [Y], False, True, [Y]),
        ([X, Y], [Y], False, False, []),
        ([X], [], False, True, []),
        ([], [finding("x", "look", severity="warning")], False, True, []),
    ],
)
def test_a_change_is_refused_for_what_is_new_and_for_what_the_daemon_would_not_take(
    before: list[Finding], after: list[Finding], removes: bool, running: bool, expected: list[Finding]
) -> None:
    assert refused(before, after, removes, running) == expected
