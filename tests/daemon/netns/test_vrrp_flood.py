# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tens of thousands of packets that should change nothing: what is said, what is kept, and who stays Active.

`make long` sends 50,000 of each kind in 5 s and waits for the end of the minute; the level sends a tenth of that.
keepalived gets the same in the same run; what it made of it is printed, not judged.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from network import Host, Network, eventually, lines
from routers import RUNTIME, Keepalived, Lvsd, counters
from scenes import DOWN, SLACK, VIP, one, single

LONG = bool(os.environ.get("LVSD_LONG"))
COUNT, PER_SECOND = (50_000 if LONG else 5_000), 10_000
MINUTE = 60.0
KINDS = {
    "checksum": ("chksum_err", "checksum does not match"),
    "lower": ("advert_rcvd", "is Active too"),
    "differing": ("addr_list_err", "advertises other addresses"),
    "long": ("addr_list_err", "advertises other addresses"),
    "nowhere": ("invalid_src_err", "a host cannot have that address"),
    "ttl": ("ip_ttl_err", "TTL 254"),
}
"""What is counted and what is said, by what is sent."""
MOST_LINES = 3  # of a kind, in a minute
LONGEST_LINE = 300


def flood(host: Host, kind: str) -> None:
    words = (str(Path(__file__).with_name("flood.py")), "eth0", "51", kind, str(COUNT), str(PER_SECOND))
    sender = host.start(sys.executable, *words, log=host.folder / "flood.log", PYTHONPATH=str(RUNTIME))
    assert sender.wait(60) == 0, (host.folder / "flood.log").read_text()


def seconds(pid: int) -> float:
    """Of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Pair:
    """An Active router, a Backup one, and a stranger beside them."""

    network: Network

    def __post_init__(self) -> None:
        left, right, self.stranger = (single(self.network, name, k + 1) for k, name in enumerate(("a", "b", "c")))
        self.active = Lvsd(left, one(150))
        self.active.ask("reload")
        self.active.reaches("Active", within=DOWN + SLACK)
        self.backup = Lvsd(right, one(100))
        eventually(lambda: self.backup.show()["active_router"] == "192.0.2.1", within=SLACK)
        self.events = {router: self.seen(router) for router in (self.active, self.backup)}

    @staticmethod
    def seen(router: Lvsd) -> set[int]:
        return {event["seq"] for event in router.ask("events")["events"]}

    def heard(self, counter: str) -> int:
        return counters(self.active.show()).get(counter, 0)

    def is_as_before(self) -> None:
        for router, state, moves in ((self.active, "Active", 1), (self.backup, "Backup", 0)):
            shown = router.show()
            assert shown["state"] == state
            assert shown["counters"].get("become_master", 0) == moves
            assert self.events[router] <= self.seen(router)
            assert [said for _unused, said in KINDS.values() if router.logged(said) > MOST_LINES] == []
        assert VIP in self.active.host.addresses()
        assert VIP not in self.backup.host.addresses()


def test_a_flood_changes_nothing_and_says_little(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    pair = Pair(network)
    for kind, (counter, said) in KINDS.items():
        before, used, sent = pair.heard(counter), seconds(pair.active.process.pid), pair.heard("advert_sent")
        begin = time.monotonic()
        flood(pair.stranger, kind)
        eventually(lambda c=counter, n=before: pair.heard(c) > n + COUNT / 10, within=10)
        pair.is_as_before()
        took = time.monotonic() - begin
        eventually(lambda n=sent, s=took: pair.heard("advert_sent") >= n + int(s), within=3)
        heard, cost = pair.heard(counter) - before, seconds(pair.active.process.pid) - used
        with capsys.disabled():
            lines_said = pair.active.logged(said)
            print(
                f"\n  {kind}: {heard} of {COUNT} heard in {took:.1f} s, {lines_said} lines, {cost:.2f} s of processor",
                end="",
            )
    if LONG:
        more = " more in the last minute, the last one: "
        eventually(
            lambda: pair.active.logged(more) >= len({said for _unused, said in KINDS.values()}), within=MINUTE + 10
        )
        pair.is_as_before()
        with capsys.disabled():
            print("", *(line for line in lines(pair.active.log) if more in line), sep="\n  ", end="")
    assert max(map(len, lines(pair.active.log))) < LONGEST_LINE


def test_what_keepalived_makes_of_it(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """The same packets, for comparison: figures, no verdict."""
    host, stranger = single(network), single(network, "stranger", 3)
    theirs = Keepalived(host, one(150))
    theirs.reaches("MASTER", within=DOWN + SLACK)
    pid = int((host.folder / "vrrp.pid").read_text())
    for kind in KINDS:
        logged, entered, used = len(list(lines(theirs.log))), theirs.entered("BACKUP"), seconds(pid)
        flood(stranger, kind)
        more, backs = len(list(lines(theirs.log))) - logged, theirs.entered("BACKUP") - entered
        with capsys.disabled():
            cost = seconds(pid) - used
            print(f"\n  keepalived, {kind}: {more} lines, {backs} times to BACKUP, {cost:.2f} s of processor", end="")
