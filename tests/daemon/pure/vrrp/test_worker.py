# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP worker's verbs, reloads and ends, around a router over a kernel of plain tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.peer import Peer
from lvsd.control.server import Later, Refused
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration, GlobalDefs, SyncGroup, VirtualAddress, VirtualRouter
from lvsd.programs.protocol import RefusedProgram
from lvsd.vrrp.worker import VrrpWorker, prefer

from tests.support.plain_kernel import PlainHost, PlainKernel

DOWN = 3 + 156 / 256  # Active_Down_Interval at priority 100


def router(number: int, **words: Any) -> VirtualRouter:
    address = VirtualAddress(address=ip_address(f"10.0.0.{number}"), prefix_length=32)
    return VirtualRouter(
        **{"name": f"VI_{number}", "vrid": number, "interface": "eth0", "addresses": (address,), **words}
    )


def configured(*numbers: int, group: tuple[int, ...] = (), **words: Any) -> Configuration:
    groups = (SyncGroup(name="VG", members=tuple(f"VI_{n}" for n in group)),) if group else ()
    return Configuration(routers=tuple(router(n, **words) for n in numbers), sync_groups=groups)


class Process:
    """A worker whose router has begun over plain tables; its own sockets are open and idle."""

    def __init__(self, folder: Path, wanted: Configuration, **options: Any) -> None:
        kernel = PlainKernel()
        kernel.add_link("eth0", "192.0.2.1/24")
        self.host = PlainHost(kernel, wanted, folder)
        self.loop = Loop()
        chosen = WorkerOptions(config=folder / "vrrp.conf", runtime_dir=folder, state_dir=folder, **options)
        self.worker = VrrpWorker(chosen, self.loop)
        self.own = self.worker.router
        self.worker.router, self.worker.loop = self.host.router, self.host.loop

    def active(self) -> None:
        self.host.clock.run(2 * DOWN)
        assert set(self.host.states().values()) == {"Active"}
        self.host.kernel.trace.clear()

    given: Any = None  # with a `Later`

    def ask(self, verb: str, **words: Any) -> dict[str, Any]:
        answer: Any = None

        def drain() -> None:
            nonlocal answer
            answer = self.worker.verbs()[verb](words)

        self.host.loop.turn(drain)
        if isinstance(answer, Later):
            answer.then(lambda given: setattr(self, "given", given))
            answer = self.given
        found: dict[str, Any] = answer
        return found

    @property
    def addresses(self) -> list[str]:
        return sorted(str(key.address) for key in self.host.kernel.addresses if str(key.address).startswith("10."))

    @property
    def said(self) -> list[str]:
        return [event["message"] for event in self.worker.reporter.events.since(0)]

    def close(self) -> None:
        self.own.close()
        self.loop.close()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path, configured(1, 2, 3, group=(1, 2)))
    yield process
    process.close()


# --- verbs --------------------------------------------------------------------------------------


def test_show_has_instances_groups_counters_and_refused_programs(process: Process) -> None:
    process.active()
    process.worker.programs._refused = [RefusedProgram("/bin/x", "root", "/bin/x: no such file or directory", 1.0)]
    shown = process.ask("show")
    assert [instance["name"] for instance in shown["instances"]] == ["VI_1", "VI_2", "VI_3"]
    assert {instance["state"] for instance in shown["instances"]} == {"Active"}
    assert [group["name"] for group in shown["groups"]] == ["VG"]
    assert isinstance(shown["counters"], dict)
    assert [refused["program"] for refused in shown["refused_programs"]] == ["/bin/x"]


@pytest.mark.parametrize(
    ("name", "released"),
    [("VI_3", ["VI_3"]), ("VI_1", ["VI_1", "VI_2"]), ("VG", ["VI_1", "VI_2"]), (None, ["VI_1", "VI_2", "VI_3"])],
)
def test_a_failover_hands_over_what_is_named_with_its_group(
    process: Process, name: str | None, released: list[str]
) -> None:
    process.active()
    words = {} if name is None else {"name": name}
    assert process.ask("failover", peer=Peer(0, 4711), **words) == {"released": released}
    kept = {"VI_1", "VI_2", "VI_3"} - set(released)
    assert {instance for instance, state in process.host.states().items() if state == "Active"} == kept
    assert process.said == [f"{name or 'vrrp'}: handed over by root (pid 4711)"]


@pytest.mark.parametrize(
    ("active", "name", "reason"),
    [
        (True, "VI_9", "no instance or sync group 'VI_9'"),
        (True, 7, "no instance or sync group 7"),
        (False, "VI_1", "VI_1 is not Active here"),
        (False, None, "nothing is Active here"),
    ],
)
def test_a_failover_of_what_is_not_active_here_is_refused_and_not_told(
    process: Process, active: bool, name: Any, reason: str
) -> None:
    if active:
        process.active()
    before = process.host.states()
    with pytest.raises(Refused) as refused:
        process.ask("failover", name=name)
    assert str(refused.value) == reason
    assert (process.host.states(), process.said) == (before, [])


# --- a reload -----------------------------------------------------------------------------------


def test_a_reload_says_what_changed_and_leaves_the_rest_alone(process: Process) -> None:
    process.active()
    answer: Any = None

    def take() -> None:
        nonlocal answer
        answer = process.worker.take(configured(1, 2, 4, group=(1, 2)))

    process.host.loop.turn(take)
    changes = {kind: names for kind, names in answer["changes"].items() if names}
    assert changes == {"added": ["VI_4"], "deleted": ["VI_3"], "unchanged": ["VI_1", "VI_2"]}
    (said,) = process.said
    assert set(said.removeprefix("reloaded: ").split(", ")) == {"1 added", "1 deleted", "2 unchanged"}
    assert process.addresses == ["10.0.0.1", "10.0.0.2"]


def test_a_reload_without_a_change_says_so(process: Process) -> None:
    process.host.loop.turn(lambda: process.worker.take(configured(1, 2, 3, group=(1, 2))))
    assert process.said == ["reloaded: 3 unchanged"]


# --- its ends -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("release", "left"), [(True, []), (False, ["10.0.0.1"])])
def test_at_a_stop_the_addresses_go_unless_they_are_to_stay(tmp_path: Path, release: bool, left: list[str]) -> None:
    process = Process(tmp_path, configured(1), release=release)
    process.active()
    process.host.loop.turn(process.worker.release)
    assert process.addresses == left
    farewell = [said for what, said in process.host.kernel.trace if what == "advertises"]
    assert farewell == ([(1, 0)] if release else [])
    process.close()


def test_before_a_successor_the_peers_hear_of_each_active_instance_once_more(process: Process) -> None:
    process.active()
    process.host.loop.turn(process.worker.depart)
    assert process.host.kernel.trace == [("advertises", (n, 100)) for n in (1, 2, 3)]
    assert process.addresses == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


# --- what it asks of the host -------------------------------------------------------------------


def test_nothing_is_asked_of_the_host_without_a_keyword() -> None:
    before = os.sched_getscheduler(0)
    prefer(GlobalDefs(), lambda *_: pytest.fail("nothing is to be said"))
    assert os.sched_getscheduler(0) == before


def test_a_priority_that_the_host_refuses_is_said_and_not_fatal() -> None:
    said: list[tuple[str, ...]] = []
    prefer(GlobalDefs(vrrp_rt_priority=1000), lambda *words: said.append(words))
    assert said == [("configuration", "vrrp", "vrrp_rt_priority 1000: Invalid argument")]
