# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker over a table of plain dictionaries: start, checks, orders, reload, and its two ways to end."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from checking import Desk, DeskCheck, desk
from lvsd.check.checker import Checker, adopted
from lvsd.check.health import Health
from lvsd.check.memory import Memory
from lvsd.check.state_codec import NO_RESULTS, Results
from lvsd.control.peer import Peer
from lvsd.control.server import Refused
from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey, Table
from lvsd.loop import WorkerOptions
from lvsd.model import CheckTiming, Command, Configuration, GlobalDefs, RealServer, VirtualServer
from lvsd.programs.protocol import RefusedProgram
from lvsd.worker.reporter import Reporter

from tests.support.ipvs_table import IpvsTable
from tests.support.virtual_time import VirtualTime

KEY, OTHERS = (ServiceKey.at(ip_address(f"192.0.2.{n}"), 80) for n in (10, 99))
TIMING = CheckTiming(warmup=1.0, retry=0, delay_loop=10.0)
GAINED, LOST, DOWN = (Command((f"/bin/{name}",)) for name in ("gained", "lost", "down"))


def at(n: int) -> DestinationKey:
    return DestinationKey(KEY, ip_address(f"10.0.0.{n}"), 80)


def real(n: int, **more: Any) -> RealServer:
    check: Any = DeskCheck(name=str(n), timing=TIMING)
    return RealServer(address=ip_address(f"10.0.0.{n}"), checks=(check,), notify_down=DOWN, **more)


def configured(*servers: int, defs: GlobalDefs | None = None, **more: Any) -> Configuration:
    virtual = VirtualServer(
        address=KEY.address, port=80, protocol="TCP", real_servers=tuple(real(n) for n in servers), **more
    )
    return Configuration(global_defs=defs or GlobalDefs(), virtual_servers=(virtual,) if servers else ())


class Unreadable(IpvsTable):
    """A kernel that does not answer while `silent`."""

    silent = False

    def dump(self) -> Table:
        self._answer()
        return super().dump()

    def counted(self, service: ServiceKey | None = None) -> Any:
        self._answer()
        return super().counted(service)

    def services(self) -> dict[ServiceKey, Service]:
        self._answer()
        return super().services()

    def _answer(self) -> None:
        if self.silent:
            raise OSError(errno.ENOBUFS, "No buffer space available")


class Host:
    """A machine on which checkers come and go: the kernel's table, the two folders, the time, the servers' answers."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.folder = folder
        self.desk = desk
        self.time = VirtualTime()
        self.kernel = Unreadable(Table({OTHERS: Service("rr")}, {}))
        self.full = False
        self.scripts: list[tuple[str, str]] = []
        self.lines: list[str] = []

    def checker(self, configuration: Configuration, **options: Any) -> Checker:
        """A new process that has started."""
        chosen = WorkerOptions(config=self.folder / "c", runtime_dir=self.folder, state_dir=self.folder, **options)
        memory = Memory(self.folder, "boot", self.write, self.lines.append)
        ipvs: Ipvs = self.kernel  # type: ignore[assignment]
        reporter = Reporter("checker", lambda text, _priority: self.lines.append(text))
        checker = Checker(self.time.loop, chosen, ipvs, memory, "boot", reporter)
        notifier: Any = checker.notifier
        notifier.tell = self.script
        checker.start(configuration)
        return checker

    def write(self, path: Path, text: str) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_text(text)

    def script(self, subject: str, scripts: Any) -> None:
        self.scripts += [(subject, command.words[0]) for command, _arguments in scripts if command is not None]

    def answer(self, **passed: bool) -> None:
        """Let every check come, and answer it: s11=False is what the server .11 answers; True is the default."""
        self.time.run(15)
        for attempt in list(self.desk.open):
            attempt.end(passed.get(f"s{attempt.probe.name}", True), "as told")
        self.time.turn()

    @property
    def weights(self) -> dict[int, int]:
        """What the kernel holds of the service."""
        held = self.kernel.table.destinations.items()
        return {int(key.address) & 0xFF: value.weight for key, value in held if key.service == KEY}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with desk() as made:
        yield Host(tmp_path, made)


def said(checker: Checker, what: str) -> list[str]:
    return [event["message"] for event in checker.events.since(0) if event["what"] == what]


# --- start and checks ---------------------------------------------------------------------------


def test_a_script_that_a_crash_cut_off_is_told_by_the_successor(host: Host) -> None:
    told: list[str] = []

    def dies(subject: str, scripts: Any) -> None:
        raise MemoryError

    def tells(subject: str, scripts: Any) -> None:
        told.append(subject)

    host.script = dies  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        host.checker(configured(12, quorum_up=GAINED))
    host.script = tells  # type: ignore[method-assign]
    host.checker(configured(12, quorum_up=GAINED))
    assert told == [str(KEY)]


def test_the_kernel_has_the_table_before_a_service_is_told_of_or_a_script_runs(host: Host) -> None:
    """Of 1,000 services each line costs time, and a script may look at the kernel."""
    seen: list[tuple[str, bool]] = []

    def script(subject: str, scripts: Any) -> None:
        seen.append((subject, at(12) in host.kernel.table.destinations))

    host.script = script  # type: ignore[method-assign]
    checker = host.checker(configured(12, quorum_up=GAINED, quorum_down=LOST))
    assert seen == [(str(KEY), True)]
    quorum = next(number for number, line in enumerate(host.lines) if "quorum gained" in line)
    assert "ipvs: services: 1 added; destinations: 1 added" in host.lines[:quorum]
    checker.reload(configured(12, 13, quorum=2, quorum_up=GAINED, quorum_down=LOST))
    assert seen[1:] == []


def test_at_its_start_the_kernel_gets_what_is_configured_and_others_keep_theirs(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    assert host.weights == {11: 1, 12: 1}
    assert set(host.kernel.table.services) == {KEY, OTHERS}
    assert said(checker, "worker") == ["checker: 1 services"]
    checker.leave()


def test_a_kernel_that_does_not_answer_keeps_it_from_starting(host: Host) -> None:
    host.kernel.silent = True
    with pytest.raises(OSError, match="buffer space"):
        host.checker(configured(11))
    assert host.kernel.writes == []


def test_a_server_that_fails_leaves_the_table_and_comes_back(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    host.answer(s11=False)
    assert host.weights == {12: 1}
    assert host.scripts == [(str(at(11)), "/bin/down")]
    host.answer()
    assert host.weights == {11: 1, 12: 1}
    assert said(checker, "health") == [
        f"{at(11)}: up -> down (DESK_CHECK: as told)",
        f"{at(11)}: down -> up (DESK_CHECK: as told)",
    ]
    checker.leave()


def test_a_result_that_changes_nothing_costs_the_kernel_nothing(host: Host) -> None:
    checker = host.checker(configured(11))
    host.answer()
    writes, reads = len(host.kernel.writes), host.kernel.dump
    host.kernel.dump = lambda: pytest.fail("it was read")  # type: ignore[method-assign]
    host.answer()
    assert len(host.kernel.writes) == writes
    host.kernel.dump = reads  # type: ignore[method-assign]
    checker.leave()


def test_the_quorum_is_lost_and_gained_with_its_scripts(host: Host) -> None:
    checker = host.checker(configured(11, 12, quorum=2, quorum_up=GAINED, quorum_down=LOST))
    host.answer(s11=False)
    host.answer()
    assert [script for subject, script in host.scripts if subject == str(KEY)] == [
        "/bin/gained",
        "/bin/lost",
        "/bin/gained",
    ]
    checker.leave()


# --- orders -------------------------------------------------------------------------------------


def order(checker: Checker, verb: str, **more: Any) -> Any:
    return checker.handlers()[verb]({"service": str(KEY), "server": "10.0.0.11:80", "peer": Peer(0, 4711), **more})


def test_an_order_is_stored_carried_out_and_shown(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    shown = order(checker, "drain")["server"]
    assert (shown["admin"], shown["effective_weight"]) == ("drained", 0)
    assert host.weights == {11: 0, 12: 1}
    assert "by root (pid 4711)" in said(checker, "operator")[0]
    checker.leave()
    assert host.checker(configured(11, 12)).services.server(at(11)).order.drained  # the next process knows it


def test_an_order_that_cannot_be_stored_is_not_given(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    host.full = True
    with pytest.raises(Refused, match=r"the order cannot be stored: .*No space left"):
        order(checker, "drain")
    assert host.weights == {11: 1, 12: 1}
    assert not checker.services.server(at(11)).order
    checker.leave()


def test_an_order_that_the_kernel_refuses_stays_and_says_so(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    host.kernel.refusing.add(at(11))
    with pytest.raises(Refused, match=r"stored, but the kernel refuses: destination .*10\.0\.0\.11"):
        order(checker, "weight", weight=7)
    host.kernel.refusing.clear()
    host.time.run(5)  # it is tried again
    assert host.weights == {11: 7, 12: 1}
    checker.leave()


def test_an_order_that_is_repeated_says_nothing_and_keeps_its_time(host: Host) -> None:
    checker = host.checker(configured(11))
    clock = iter((3.0, 4.0, 5.0, 6.0, 7.0, 8.0))
    checker.events.wall_clock = lambda: next(clock)  # type: ignore[method-assign]
    since = order(checker, "drain")["server"]["order_since"]
    assert order(checker, "drain")["server"]["order_since"] == since
    assert len(said(checker, "operator")) == 1
    checker.leave()


@pytest.mark.parametrize("verb", ["show", "drain"])
def test_what_cannot_be_read_cannot_be_shown(host: Host, verb: str) -> None:
    checker = host.checker(configured(11))
    host.kernel.silent = True
    with pytest.raises(Refused, match=r"the kernel's table cannot be read: .*No buffer space"):
        checker.handlers()["show"]({}) if verb == "show" else order(checker, verb)
    checker.leave()


def test_show_has_services_refusals_and_refused_programs(host: Host) -> None:
    checker = host.checker(configured(11))
    checker.programs._refused = [RefusedProgram("/bin/down", "root", "/bin/down: no such file or directory", 1.0)]
    answers: list[Any] = []
    later: Any = checker.handlers()["show"]({})
    later.then(answers.append)
    (shown,) = answers
    assert [service["key"] for service in shown["services"]] == [str(KEY)]
    assert shown["refused"] == []
    assert [refused["program"] for refused in shown["refused_programs"]] == ["/bin/down"]
    checker.leave()


# --- reload -------------------------------------------------------------------------------------


def test_a_reload_changes_what_differs_and_says_what(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    answer = checker.reload(configured(12, 13))
    assert answer["changes"] == {"servers": {"added": [str(at(13))], "removed": [str(at(11))]}}
    assert answer["refused"] == []
    assert host.weights == {12: 1, 13: 1}
    assert host.scripts == [(str(at(11)), "/bin/down")]
    checker.leave()


def test_a_reload_of_the_same_configuration_changes_nothing(host: Host) -> None:
    wanted = configured(11)
    checker = host.checker(wanted)
    assert checker.reload(wanted)["changes"] == {}
    assert said(checker, "reload") == ["checker: reloaded: no change"]
    checker.leave()


def test_a_reload_keeps_what_the_checks_have_found(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    host.answer(s11=False)
    checker.reload(configured(11, 12, 13))
    assert host.weights == {12: 1, 13: 1}
    checker.leave()


def test_a_reload_keeps_what_was_ordered(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    order(checker, "drain")
    checker.reload(configured(11, 12, 13))
    assert host.weights == {11: 0, 12: 1, 13: 1}
    checker.leave()


def test_a_reload_for_which_the_kernel_does_not_answer_is_refused_and_all_is_as_before(host: Host) -> None:
    checker = host.checker(configured(11))
    host.kernel.silent = True
    with pytest.raises(Refused, match="No buffer space"):
        checker.reload(configured(12))
    host.kernel.silent = False
    assert set(checker.services.services[KEY].servers) == {at(11)}
    assert checker.configuration == configured(11)
    checker.leave()


def test_a_reload_goes_on_when_the_orders_cannot_be_stored(host: Host) -> None:
    checker = host.checker(configured(11))
    host.full = True
    checker.reload(configured(12))
    assert host.weights == {12: 1}
    assert any("orders cannot be stored" in line for line in host.lines)
    checker.leave()


def test_what_the_kernel_refuses_of_a_reload_is_in_its_answer(host: Host) -> None:
    checker = host.checker(configured(11))
    host.kernel.refusing.add(at(12))
    assert checker.reload(configured(11, 12))["refused"] == [f"destination {at(12)}: errno 16"]
    checker.leave()


# --- the end ------------------------------------------------------------------------------------


def test_at_a_stop_our_services_go_and_those_of_others_stay(host: Host) -> None:
    checker = host.checker(configured(11, omega=True, quorum_down=LOST, quorum_up=GAINED))
    host.scripts.clear()
    checker.stop()
    assert set(host.kernel.table.services) == {OTHERS}
    assert host.scripts == [(str(at(11)), "/bin/down"), (str(KEY), "/bin/lost")]
    assert not (host.folder / "checker" / "checker.state").exists()


def test_without_omega_no_script_runs_at_a_stop(host: Host) -> None:
    checker = host.checker(configured(11, quorum_down=LOST))
    checker.stop()
    assert host.scripts == []


def test_one_that_does_not_release_leaves_all_for_the_next(host: Host) -> None:
    checker = host.checker(configured(11, 12), release=False)
    host.answer(s11=False)
    checker.stop()
    assert host.weights == {12: 1}
    assert (host.folder / "checker" / "checker.state").exists()


def test_a_successor_knows_what_was_found_and_touches_nothing(host: Host) -> None:
    checker = host.checker(configured(11, 12))
    host.answer(s11=False)
    checker.leave()
    writes = len(host.kernel.writes)
    successor = host.checker(configured(11, 12))
    assert len(host.kernel.writes) == writes
    assert host.weights == {12: 1}
    assert said(successor, "worker") == ["checker: 1 services, 2 results adopted"]
    assert said(successor, "health") == []
    assert host.scripts == [(str(at(11)), "/bin/down")]
    successor.leave()


def test_no_check_runs_behind_an_end(host: Host) -> None:
    for end in (Checker.stop, Checker.leave):
        end(host.checker(configured(11)))
        host.time.run(3600)
        assert host.desk.open == []


def test_the_services_of_others_go_where_that_is_configured(host: Host) -> None:
    host.checker(configured(11, defs=GlobalDefs(lvs_flush=True))).leave()
    assert set(host.kernel.table.services) == {KEY}
    host.kernel.table.services[OTHERS] = Service("rr")
    host.checker(configured(11, defs=GlobalDefs(lvs_flush_on_stop=""))).stop()
    assert host.kernel.table.services == {}


def test_a_kernel_that_does_not_answer_at_the_end_does_not_hold_it_up(host: Host) -> None:
    checker = host.checker(configured(11, defs=GlobalDefs(lvs_flush_on_stop="")))
    host.kernel.silent = True
    checker.stop()
    assert any("the services of others stay" in line for line in host.lines)
    assert any("could not be removed" in line for line in host.lines)


@pytest.mark.parametrize(
    ("left", "words"),
    [(NO_RESULTS, ""), (Results({"a": Health(up=True, probe_at=0.0)}, {}), ", 1 results adopted")],
)
def test_what_was_adopted_in_words(left: Results, words: str) -> None:
    assert adopted(left) == words


def test_a_weight_of_zero_of_a_failed_server_stays_where_it_is_inhibited(host: Host) -> None:
    checker = host.checker(replace(configured(11, 12, inhibit_on_failure=True)))
    host.answer(s11=False)
    assert host.weights == {11: 0, 12: 1}
    assert host.kernel.table.destinations[at(11)] == replace(Destination(weight=0))
    checker.leave()
