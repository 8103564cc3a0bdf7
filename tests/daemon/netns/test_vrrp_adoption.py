# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that is killed or replaced is replaced in place: the peer, the kernel and the scripts do not notice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from network import Host, Network, always, eventually
from routers import Keepalived, Listener, Lvsd, instance
from scenes import DOWN, SLACK, VIP, Monitor, double, group, one, single, tells, told

TENTH = 3.61 * 0.1  # Active_Down_Interval of priority 100 at a tenth of a second


one_at_a_time = threading.Lock()  # a start that shares the processors with ten others may take seconds


def crash(ours: Lvsd, meanwhile: Callable[[], object] = lambda: None) -> None:
    with one_at_a_time:
        ours.crash()
        meanwhile()
        ours.start()


def hand_over(ours: Lvsd) -> None:
    assert ours.replace() == 0


# A start after a crash has the peer's patience, and on a busy machine it takes seconds: such a test runs alone.
ways = pytest.mark.parametrize("replace", [crash, pytest.param(hand_over, marks=pytest.mark.beside)])


def fast(text: str) -> str:
    """A tenth of a second, which only version 3 knows."""
    return text.replace("advert_int 1", "advert_int 0.1\n  version 3")


def transitions(ours: Lvsd) -> int:
    return ours.logged(" -> ")


def active(network: Network, text: Callable[[int], str] = one) -> tuple[Lvsd, Keepalived, Host]:
    """We are Active, they are BACKUP."""
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, text(150))
    ours.reaches("Active", within=DOWN + SLACK)
    theirs = Keepalived(right, text(100))
    theirs.reaches("BACKUP", within=SLACK)
    return ours, theirs, left


@ways
def test_nobody_notices_that_the_active_one_was_replaced(network: Network, replace: Callable[[Lvsd], None]) -> None:
    left = single(network)
    script = tells(left)
    ours = Lvsd(left, one(150, f"notify {script}"))
    ours.reaches("Active", within=DOWN + SLACK)
    right = single(network, "theirs", 2)
    theirs = Keepalived(right, one(100))
    theirs.reaches("BACKUP", within=SLACK)
    eventually(lambda: told(left)[-1:] == ["INSTANCE VI_1 MASTER 150"], within=SLACK)
    heard, seen = Listener(right), Monitor(left)
    since, before, scripts = ours.show()["since"], transitions(ours), told(left)
    for time in (1, 2, 3):
        replace(ours)
        assert ours.logged("VI_1: resumed as Active") == time
        assert ours.show()["state"] == "Active"
        assert ours.show()["since"] == since
    always(lambda: theirs.entered("MASTER") == 0, during=DOWN)
    assert seen.changes(VIP) == []
    assert transitions(ours) == before
    assert told(left) == scripts
    assert all(packet[22] == 150 for _, packet in heard.advertisements())
    assert ours.show()["counters"].get("become_master", 0) == 0


def test_ten_planned_replacements_at_a_tenth_of_a_second(network: Network) -> None:
    """Not beside others: a third of a second is all the peer's patience."""
    ours, theirs, left = active(network, lambda priority: fast(one(priority)))
    seen = Monitor(left)
    for _ in range(10):
        hand_over(ours)
    always(lambda: theirs.entered("MASTER") == 0, during=2 * TENTH)
    assert ours.logged("resumed as Active") == 10
    assert seen.changes(VIP) == []


@pytest.mark.beside
def test_the_peers_hear_from_both_at_a_hand_over(network: Network) -> None:
    """Once more from the one that leaves and at once from its successor: between them a peer's timer starts anew."""
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    ours = Lvsd(left, one(255, "version 3").replace("advert_int 1", "advert_int 20"))
    ours.reaches("Active", within=SLACK)
    eventually(lambda: len(heard.advertisements()) == 1, within=SLACK)
    hand_over(ours)
    eventually(lambda: len(heard.advertisements()) == 3, within=SLACK)


@ways
def test_no_announcement_is_repeated(network: Network, replace: Callable[[Lvsd], None]) -> None:
    """The second burst, that the predecessor did not come to, is sent on time; nothing else is."""
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    ours = Lvsd(left, one(255))
    ours.reaches("Active", within=SLACK)
    vip = bytes([192, 0, 2, 100])
    eventually(lambda: len(heard.gratuitous_arps(vip)) == 5, within=SLACK)
    replace(ours)
    eventually(lambda: len(heard.gratuitous_arps(vip)) == 10, within=7)
    announced = heard.gratuitous_arps(vip)
    assert 4.5 < announced[5] - announced[0] < 6
    replace(ours)
    always(lambda: len(heard.gratuitous_arps(vip)) == 10, during=1)


@ways
def test_a_backup_that_was_replaced_listens_first(network: Network, replace: Callable[[Lvsd], None]) -> None:
    left, right = single(network), single(network, "theirs", 2)
    theirs = Keepalived(right, one(150))
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours = Lvsd(left, one(100))
    eventually(lambda: ours.show()["active_router"] == "192.0.2.2", within=SLACK)
    before = transitions(ours)
    replace(ours)
    assert ours.logged("VI_1: resumed as Backup") == 1
    assert ours.show()["active_router"] == "192.0.2.2"
    always(lambda: ours.state() == "Backup", during=DOWN)
    assert transitions(ours) == before
    theirs.crash()
    ours.reaches("Active", within=DOWN + SLACK)


@pytest.mark.beside
def test_a_backup_and_its_master_die_together(network: Network) -> None:
    """Nobody is heard after the restart: the timer that was running counts."""
    left, right = single(network), single(network, "theirs", 2)
    theirs = Keepalived(right, one(150))
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours = Lvsd(left, one(100))
    eventually(lambda: ours.show()["active_router"] == "192.0.2.2", within=SLACK)
    crash(ours, meanwhile=theirs.crash)
    assert ours.show()["timer"] < DOWN
    ours.reaches("Active", within=DOWN + SLACK)


def test_a_hand_over_is_remembered(network: Network) -> None:
    """A better router that has handed over does not take back because it was restarted."""
    ours, theirs, _ = active(network)
    ours.ask("failover")
    theirs.reaches("MASTER", within=SLACK)
    crash(ours)
    assert ours.show()["yielding"] is True
    always(lambda: ours.state() == "Backup" and theirs.last() == "MASTER", during=DOWN + 0.5)


def test_after_too_long_it_starts_as_ever(network: Network) -> None:
    ours, theirs, left = active(network, lambda priority: fast(one(priority)))
    before = ours.logged("VI_1: Initialize -> Backup")
    ours.crash()
    theirs.reaches("MASTER", within=TENTH + SLACK)
    ours.configure(fast(one(90)))
    ours.start()
    assert ours.logged("resumed") == 0
    assert ours.logged("VI_1: Initialize -> Backup") == before + 1
    assert VIP not in left.addresses()
    always(lambda: ours.state() == "Backup", during=3 * TENTH)


@ways
def test_a_sync_group_goes_on_together(network: Network, replace: Callable[[Lvsd], None]) -> None:
    left, right = double(network, "ours", 1), double(network, "theirs", 2)
    ours = Lvsd(left, group(150))
    for name in ("front", "back"):
        ours.reaches("Active", name, within=DOWN + SLACK)
    theirs = Keepalived(right, group(100))
    theirs.reaches("BACKUP", "front", within=SLACK)
    replace(ours)
    assert ours.logged("front: resumed as Active") == ours.logged("back: resumed as Active") == 1
    assert ours.ask("show")["groups"][0]["state"] == "Active"
    always(lambda: theirs.entered("MASTER", "front") + theirs.entered("MASTER", "back") == 0, during=DOWN)
    left.ip("link set eth1 down")  # they are still one
    ours.reaches("Initialize", "front", within=SLACK)


@pytest.mark.beside
def test_a_fault_at_the_restart_wins(network: Network) -> None:
    host = double(network, "ours", 1)
    ours = Lvsd(host, group(255))
    ours.reaches("Active", "front", within=SLACK)
    crash(ours, meanwhile=lambda: host.ip("link set eth1 down"))
    assert {ours.state("front"), ours.state("back")} == {"Initialize"}
    assert ours.logged("resumed") == 0
    assert VIP not in host.addresses()


def test_an_address_that_was_taken_away_is_put_back_and_announced(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    ours = Lvsd(left, one(255, "garp_master_delay 0", vips=f"{VIP},192.0.2.101/24"))
    ours.reaches("Active", within=SLACK)
    kept, lost = bytes([192, 0, 2, 100]), bytes([192, 0, 2, 101])
    eventually(lambda: len(heard.gratuitous_arps(lost)) == 5, within=SLACK)
    crash(ours, meanwhile=lambda: left.ip("addr del 192.0.2.101/24 dev eth0"))
    assert ours.logged("VI_1: resumed as Active") == 1
    assert {VIP, "192.0.2.101/24"} <= left.addresses()
    eventually(lambda: len(heard.gratuitous_arps(lost)) == 10, within=SLACK)
    assert len(heard.gratuitous_arps(kept)) == 5


def test_another_configuration_at_the_restart(network: Network) -> None:
    """One goes on, one has another VRID, one has lost an address, one is gone; a stranger's address is left alone."""
    host = single(network)
    host.ip("addr add 192.0.2.77/32 dev eth0")

    def text(vrid: int, *vips: str) -> str:
        named = (("stays", 51), ("moves", vrid), ("less", 53), ("goes", 54))
        return "".join(
            instance(name, number, 200, virtual_ipaddress=vip) for (name, number), vip in zip(named, vips, strict=False)
        )

    ours = Lvsd(host, text(52, "192.0.2.51/32", "192.0.2.52/32", "192.0.2.53/32,192.0.2.63/32", "192.0.2.54/32"))
    for name in ("stays", "moves", "less", "goes"):
        ours.reaches("Active", name, within=DOWN + SLACK)
    changed = text(62, "192.0.2.51/32", "192.0.2.52/32", "192.0.2.53/32")
    crash(ours, meanwhile=lambda: ours.configure(changed))
    assert [ours.state(name) for name in ("stays", "moves", "less")] == ["Active", "Backup", "Active"]
    assert ours.logged("resumed") == 2
    kept = {address for address in host.addresses() if address.startswith("192.0.2.")}
    assert kept == {"192.0.2.1/24", "192.0.2.77/32", "192.0.2.51/32", "192.0.2.53/32"}
    ours.reaches("Active", "moves", within=DOWN + SLACK)


@pytest.mark.beside
def test_a_damaged_memory_is_one_warning_and_a_start_as_ever(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, fast(one(100)))
    ours.reaches("Active", within=SLACK)
    memory = ours.socket.parent / "vrrp" / "vrrp.state"
    whole = memory.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], bytes(reversed(whole))):
        crash(ours, meanwhile=partial(memory.write_bytes, damaged))
        ours.reaches("Active", within=TENTH + SLACK)
    assert ours.logged("vrrp.state: ignored: ") == 3
    assert ours.logged("resumed") == 0


@pytest.mark.beside
def test_an_orderly_stop_leaves_nothing_behind(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    memory = ours.socket.parent / "vrrp" / "vrrp.state"
    assert memory.exists()
    assert ours.stop() == 0
    assert not memory.exists()


@pytest.mark.beside
def test_a_successor_that_fails_leaves_the_one_before_alone(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    before = ours.process
    ours.configure("vrrp_instance VI_1 {\n  interfase eth0\n}\n")
    with pytest.raises(AssertionError, match="interfase"):
        ours.start()
    assert ours.process.wait(5) == 5
    assert before.poll() is None
    ours.process = before
    assert ours.state() == "Active"
    assert VIP in host.addresses()
