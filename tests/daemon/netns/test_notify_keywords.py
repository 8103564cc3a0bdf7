# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each notify keyword of instances and sync groups runs its own script, on its own occasion."""

from __future__ import annotations

import pytest
from network import Network, eventually
from routers import Lvsd
from scenes import SLACK, VIP, single, tells, told

WORDS = ("notify_backup", "notify_master", "notify_fault", "notify_deleted", "notify_stop")
PLACES = ("vrrp_instance", "vrrp_sync_group")


def configuration(place: str, lines: str, *, deleted: bool = False) -> str:
    """Two instances; the first, or the sync group around it, has the scripts and can be left out."""
    body = "interface eth0\n priority 200\n version 3\n advert_int 0.1"
    address = "virtual_ipaddress {{\n {}\n }}"
    inner, outer = (lines, "") if place == "vrrp_instance" else ("", lines)
    first = f"vrrp_instance VI_1 {{\n {body}\n virtual_router_id 51\n {address.format(VIP)}\n {inner}\n}}\n"
    group = f"vrrp_sync_group VG {{\n group {{\n VI_1\n }}\n {outer}\n}}\n"
    other = f"vrrp_instance VI_2 {{\n {body}\n virtual_router_id 52\n {address.format('192.0.2.101/24')}\n}}\n"
    kept = "" if deleted else first if place == "vrrp_instance" else group + first
    return kept + other


def all_occasions(place: str, ours: Lvsd, each: bool = False) -> None:
    """Backup, Active, Initialize, Active again, then deleted; VI_2 alone is left at the stop.

    `each`: a script runs for every state; it has to have ended before the next one, or that would pass it over.
    """
    host = ours.host

    def reaches(state: str, lines: int) -> None:
        ours.reaches(state, within=SLACK)
        if each:
            eventually(lambda: len(told(host)) == lines, within=SLACK)

    reaches("Active", 2)
    host.ip("link set eth0 down")
    reaches("Initialize", 3)
    host.ip("link set eth0 up")
    reaches("Active", 5)
    ours.configure(configuration(place, "", deleted=True))
    assert ours.ask("reload")["ok"]


@pytest.mark.beside
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", WORDS)
def test_a_word_runs_its_script_on_its_occasion(network: Network, place: str, word: str) -> None:
    host = single(network)
    script = tells(host)
    ours = Lvsd(host, configuration(place, f'{word} "{script} {word}"'))
    if word == "notify_stop":
        ours.reaches("Active", within=SLACK)
        assert told(host) == []
        ours.stop()
        assert told(host) == [word]
        return
    all_occasions(place, ours)
    expected = {"notify_backup": 2, "notify_master": 2, "notify_fault": 1, "notify_deleted": 1}[word]
    eventually(lambda: len(told(host)) == expected, within=5)
    ours.stop()
    assert told(host) == [word] * expected


@pytest.mark.beside
@pytest.mark.parametrize("place", PLACES)
def test_notify_is_told_every_state(network: Network, place: str) -> None:
    host = single(network)
    ours = Lvsd(host, configuration(place, f"notify {tells(host)}"))
    all_occasions(place, ours, each=True)
    states = ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "DELETED"]
    eventually(lambda: len(told(host)) == len(states), within=5)
    ours.stop()
    kind = {"vrrp_instance": "INSTANCE VI_1", "vrrp_sync_group": "GROUP VG"}[place]
    assert [line.rsplit(" ", 2)[0] for line in told(host)] == [kind] * len(states)
    assert [line.split()[2] for line in told(host)] == states
