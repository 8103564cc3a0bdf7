# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of that which does not work is new."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._faults import Router, Seen, new_faults, standing_faults


def router(name: str, state: str = "Backup", *faults: str, group: str | None = None, vrid: int = 0) -> Router:
    return Router(name, "Initialize" if faults else state, faults, group, ("eth0", 4, vrid or name, False))


WELL = Seen((router("a"), router("b", "Active")))
GONE = "192.0.2.1/24 is missing: Permission denied"
NO_LINK, DOWN = "no interface eth9", "interface eth1 is down"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (WELL, WELL, []),
        (WELL, Seen((router("a", "Backup", NO_LINK), router("b"))), [f"vrrp_instance a: {NO_LINK}"]),
        (WELL, Seen((router("c", "x", NO_LINK, DOWN),)), [f"vrrp_instance c: {why}" for why in (NO_LINK, DOWN)]),
        (Seen((router("a", "x", DOWN),)), Seen((router("a", "x", DOWN),)), []),
        (Seen((router("a", "x", DOWN),)), Seen((router("a", "x", DOWN, NO_LINK),)), [f"vrrp_instance a: {NO_LINK}"]),
        (Seen((router("a", "x", DOWN, vrid=7),)), Seen((router("renamed", "x", DOWN, vrid=7),)), []),
        (WELL, Seen((router("a", "Initialize"),)), ["vrrp_instance a: stays in Initialize"]),
        (Seen((router("a", "Initialize"),)), Seen((router("a", "Initialize"),)), []),
        (WELL, Seen(), []),
        (WELL, Seen((router("a")._replace(missing=(GONE,)),)), [f"vrrp_instance a: {GONE}"]),
        (Seen((router("a")._replace(missing=(GONE,)),)), Seen((router("a")._replace(missing=(GONE,)),)), []),
        (WELL, WELL._replace(refused=("x: No such file",)), ["the kernel does not take x: No such file"]),
        (WELL._replace(refused=("x",)), WELL._replace(refused=("x",)), []),
        (WELL, WELL._replace(silent=("checker",)), ["the worker checker does not answer"]),
        (WELL._replace(silent=("checker",)), WELL._replace(silent=("checker",)), []),
    ],
)
def test_only_what_did_not_fail_before(before: Seen, after: Seen, expected: list[str]) -> None:
    assert new_faults(before, after) == expected


def test_a_group_holds_its_members_back_only_for_a_new_reason() -> None:
    well = Seen((router("a", group="g"), router("b", group="g")))
    held = Seen((router("a", "x", DOWN, group="g"), router("b", "Initialize", group="g")))
    assert new_faults(well, held) == [
        f"vrrp_instance a: {DOWN}",
        "vrrp_instance b: stays in Initialize with its sync group g",
    ]
    more = held._replace(routers=(*held.routers, router("c", "Initialize", group="g")))
    assert new_faults(held, more) == []
    assert len(standing_faults(held)) == 2


def test_what_the_kernel_refuses_after_a_reload_fails_the_task_and_is_taken_back(
    run: Any, host: Any, daemon: Any
) -> None:
    service: dict[str, Any] = {"address": "192.0.2.10", "port": 80}
    run("ipvs_service", **service, lb_algo="rr")
    answer, asked = daemon.answer, []

    def answers(worker: str, request: Any) -> Any:
        if request["verb"] == "reload":
            asked.append(1)
            daemon.refused = ["192.0.2.10:80/TCP: No such file or directory"] if len(asked) == 1 else []
        return answer(worker, request)

    daemon.answer = answers
    failed = run("ipvs_service", **service, lb_algo="mh")
    assert failed["faults"] == ["the kernel does not take 192.0.2.10:80/TCP: No such file or directory"]
    assert "The files are as they were, and the daemon has loaded them again" in failed["msg"]
    assert run("ipvs_service", check=True, **service, lb_algo="rr")["changed"] is False

    daemon.refused = ["192.0.2.10:80/TCP: No such file or directory"]  # as before: told, and no reason to fail
    daemon.answer = answer
    done = run("ipvs_service", **service, lb_algo="wrr")
    assert done["changed"] is True
    assert "As before this task: the kernel does not take 192.0.2.10:80/TCP" in str(done["warnings"])


def test_what_cannot_be_put_right_again_is_told(run: Any, daemon: Any) -> None:
    answer = daemon.answer

    def answers(worker: str, request: Any) -> Any:
        if request["verb"] == "reload":
            daemon.instances = [{"name": "a", "state": "Initialize", "faults": ["interface lo is down"]}]
        return answer(worker, request)

    daemon.answer = answers
    failed = run("vrrp_instance", name="a", interface="lo", virtual_router_id=20)
    assert "are loaded again, but this is left: vrrp_instance a: interface lo is down" in failed["msg"]
