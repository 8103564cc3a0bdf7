# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance gets another name on both routers: it goes on, and what makes two Active routers is something else."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest
from network import Network, always, eventually
from routers import Lvsd, counters, instance
from scenes import SLACK, VIP, one, single

pytestmark = pytest.mark.beside

MANY = 10
LONG = 5  # seconds between two advertisements: a rename happens between them
ROOM = 0.5  # seconds by which a deadline may seem to differ: the answer says how far away it is, not when it came
SEVERAL = 5  # attempts on a machine so slow that an advertisement comes in between


def pairs(name: str, priority: int, peer: int) -> str:
    """Ten virtual routers, in unicast with one peer."""

    def member(number: int) -> str:
        words = instance(
            f"{name}{number}", number, priority, unicast_peer=f"192.0.2.{peer}", virtual_ipaddress=f"10.0.0.{number}/32"
        )
        return words.replace("advert_int 1", f"advert_int {LONG}")

    return "".join(map(member, range(1, MANY + 1)))


def seen(router: Lvsd) -> tuple[dict[int, Any], dict[int, float]]:
    """By VRID: what must not change, and the deadline of the timer on the clock of this machine."""
    shown = router.ask("show")["instances"]
    now = time.monotonic()
    same = {row["vrid"]: [row[key] for key in ("state", "since", "active_router", "counters")] for row in shown}
    return same, {row["vrid"]: now + row["timer"] for row in shown}


def between(router: Lvsd) -> bool:
    """Whether its last advertisements lie two seconds back, and the next are not due for a second."""
    return all(1 < row["timer"] < LONG - 2 for row in router.ask("show")["instances"])


def test_a_new_name_changes_no_state_and_no_timer_on_either_side(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    active, backup = Lvsd(left, pairs("A", 255, 2)), Lvsd(right, pairs("A", 100, 1))
    heard = {(number, "Backup", "192.0.2.1") for number in range(1, MANY + 1)}

    def shown() -> set[tuple[int, str, str]]:
        return {(row["vrid"], row["state"], row["active_router"]) for row in backup.ask("show")["instances"]}

    eventually(lambda: shown() == heard, within=2 * LONG)
    for attempt in range(SEVERAL):
        eventually(lambda: between(active), within=2 * LONG)
        before = [seen(router) for router in (active, backup)]
        name = f"B{attempt}_"
        for router, priority, peer in ((active, 255, 2), (backup, 100, 1)):
            router.configure(pairs(name, priority, peer))
            assert len(router.ask("reload")["changes"]["changed"]) == MANY
            assert all(row["name"].startswith(name) for row in router.ask("show")["instances"])
        after = [seen(router) for router in (active, backup)]
        if time.monotonic() < min(before[0][1].values()):  # else an advertisement was due in between
            break
    else:
        raise AssertionError("a rename takes longer than the interval between two advertisements")
    for (was, due), (now, due_now) in zip(before, after, strict=True):
        assert now == was
        moved = {vrid: round(due_now[vrid] - when, 1) for vrid, when in due.items()}
        assert {vrid: seconds for vrid, seconds in moved.items() if abs(seconds) > ROOM} == {}


@pytest.mark.parametrize("renamed", [False, True], ids=["under its first name", "renamed"])
def test_a_router_that_does_not_run_is_replaced_and_is_the_only_active_one_once_it_runs_again(
    network: Network, renamed: bool
) -> None:
    """As docs/troubleshooting.md has it under "Two directors are active for a moment"."""
    left, right = single(network), single(network, "theirs", 2)
    active, backup = Lvsd(left, one(200)), Lvsd(right, one(100))
    active.reaches("Active", within=4 + SLACK)
    eventually(lambda: backup.show()["active_router"] == "192.0.2.1", within=1 + SLACK)
    name = "VI_1"
    if renamed:
        name = "renamed"
        for router, priority in ((active, 200), (backup, 100)):
            router.configure(one(priority).replace("VI_1", name))
            assert router.ask("reload")["changes"]["changed"] == [name]

    active.process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)  # with the second before it, less than Active_Down_Interval, 3.6 s
    active.process.send_signal(signal.SIGCONT)
    always(lambda: backup.state(name) == "Backup", during=1)
    assert "become_master" not in counters(backup.show(name))

    active.process.send_signal(signal.SIGSTOP)
    backup.reaches("Active", name, within=4 + SLACK)
    assert VIP in left.addresses()
    assert VIP in right.addresses()
    active.process.send_signal(signal.SIGCONT)
    backup.reaches("Backup", name, within=SLACK)
    assert backup.logged(f"{name}: Backup -> Active (timeout)") == 1
    beaten = f"{name}: Active -> Backup (192.0.2.1 has priority 200)"
    eventually(lambda: backup.logged(beaten) == 1, within=SLACK)
    eventually(lambda: active.logged(f"{name}: 192.0.2.2 is Active too, with priority 100; asserting ours"), SLACK)
    eventually(lambda: VIP not in right.addresses(), within=SLACK)
    assert VIP in left.addresses()
    assert active.state(name) == "Active"
    assert counters(active.show(name))["become_master"] == counters(backup.show(name))["become_master"] == 1
