# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Backup router that is kept from the processor for longer than its Active_Down_Interval, while it is spoken to."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from lvsd.vrrp.sockets import MOST_PER_WAKE
from network import Network, eventually
from routers import RUNTIME, Lvsd, counters
from scenes import SLACK, one, single

TIMES = 20
DOWN = 0.4  # seconds, and a little: Active_Down_Interval of the Backup router
QUICK = {0.01: "down_timer_adverts 40", 0.1: "down_timer_adverts 4"}  # by the advertisement interval


Kind = TypeVar("Kind", bound=Lvsd)


class StoppingLvsd(Lvsd):
    """A worker that stops behind its reading of the clock while `file` exists; `module` reads it."""

    module = "lvsd.loop"

    @property
    def file(self) -> Path:
        return self.host.folder / "stop"

    def command(self) -> tuple[str, ...]:
        return (str(Path(__file__).with_name("stopping.py")), str(self.file), self.module)


class StoppingAtItsStart(StoppingLvsd):
    module = "lvsd.vrrp.worker"

    def answers(self) -> bool:
        """Whether it is as far as it comes by itself."""
        return stopped(self.process.pid) if self.stops else super().answers()

    def start(self) -> None:
        self.stops = self.file.exists()
        super().start()
        self.stops = False


def pair(network: Network, interval: float, kind: type[Kind]) -> tuple[Lvsd, Kind]:
    """An Active router that speaks every `interval` seconds, and a Backup one that has heard it."""

    def text(priority: int) -> str:
        return one(priority, "version 3", QUICK[interval]).replace("advert_int 1", f"advert_int {interval}")

    active = Lvsd(single(network), text(200))
    active.reaches("Active", within=DOWN + SLACK)
    backup = kind(single(network, "theirs", 2), text(100))
    eventually(lambda: counters(backup.show()).get("advert_rcvd", 0) > 2, within=SLACK)
    return active, backup


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def is_still_backup(active: Lvsd, backup: Lvsd) -> None:
    heard = counters(backup.show())["advert_rcvd"]
    eventually(lambda: counters(backup.show())["advert_rcvd"] > heard + 2, within=3 + SLACK)
    shown = backup.show()
    assert (shown["state"], shown["counters"].get("become_master", 0)) == ("Backup", 0), backup.log.read_text()
    assert active.state() == "Active"


@pytest.mark.beside
@pytest.mark.parametrize("interval", QUICK)
def test_between_reading_the_clock_and_reading_the_socket(network: Network, interval: float) -> None:
    """At exactly that place: what has arrived since is heard by a wake-up whose clock is older than all of it."""
    active, backup = pair(network, interval, StoppingLvsd)
    luck = Random(20)
    for _unused in range(TIMES):
        backup.file.touch()
        eventually(lambda: stopped(backup.process.pid), within=SLACK)
        time.sleep(luck.uniform(DOWN, 2 * DOWN) + interval)  # the length of the pause is the subject of the test
        backup.process.send_signal(signal.SIGCONT)
        is_still_backup(active, backup)


@pytest.mark.beside
@pytest.mark.parametrize("interval", QUICK)
def test_anywhere(network: Network, interval: float) -> None:
    active, backup = pair(network, interval, Lvsd)
    luck = Random(21)
    for _unused in range(TIMES):
        time.sleep(luck.uniform(0, 2 * interval))
        backup.process.send_signal(signal.SIGSTOP)
        time.sleep(luck.uniform(DOWN, 2 * DOWN) + interval)
        backup.process.send_signal(signal.SIGCONT)
        is_still_backup(active, backup)


@pytest.mark.beside
def test_a_successor_that_is_paused_when_it_begins(network: Network) -> None:
    """It forgets what its predecessor has heard, and nothing that came after it had looked at the clock."""
    active, backup = pair(network, 0.1, StoppingAtItsStart)
    for _unused in range(3):
        backup.crash()
        backup.file.touch()
        backup.start()
        time.sleep(2 * DOWN)  # the length of the pause is the subject of the test
        backup.process.send_signal(signal.SIGCONT)
        eventually(backup.answers, within=SLACK)
        is_still_backup(active, backup)


@pytest.mark.beside
def test_more_than_a_wake_up_reads_lies_before_the_advertisement(network: Network) -> None:
    """What a stranger sent comes first: the timer is not believed before all of it is read."""
    active = Lvsd(single(network), one(200))
    active.reaches("Active", within=4 + SLACK)
    backup = Lvsd(single(network, "theirs", 2), one(100))
    eventually(lambda: backup.show()["active_router"] == "192.0.2.1", within=1 + SLACK)
    stranger = single(network, "stranger", 3)
    backup.process.send_signal(signal.SIGSTOP)
    sent = str(MOST_PER_WAKE + 300)
    words = (str(Path(__file__).with_name("flood.py")), "eth0", "51", "checksum", sent, "10000")
    sender = stranger.start(sys.executable, *words, log=stranger.folder / "flood.log", PYTHONPATH=str(RUNTIME))
    assert sender.wait(20) == 0, (stranger.folder / "flood.log").read_text()
    time.sleep(5)  # longer than its Active_Down_Interval
    backup.process.send_signal(signal.SIGCONT)
    eventually(lambda: counters(backup.show()).get("chksum_err", 0) > MOST_PER_WAKE, within=SLACK)
    is_still_backup(active, backup)
