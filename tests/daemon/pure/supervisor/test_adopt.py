# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers outlive their parent; the next one finds them and goes on with them."""

import os
import signal
import time
from typing import Any

import pytest
from daemons import BROKEN, CHECKER, VRRP, Daemon, alive, eventually


def crash(daemon: Daemon) -> None:
    daemon.process.kill()
    daemon.wait()


def pids(daemon: Daemon) -> tuple[int, int]:
    return daemon.pid("vrrp"), daemon.pid("checker")


def test_workers_outlive_their_parent_and_the_next_one_adopts_them(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    before, up_since = pids(daemon), daemon.workers()["vrrp"]["up_since"]
    crash(daemon)
    assert all(map(alive, before))
    daemon.start(VRRP + CHECKER)
    assert pids(daemon) == before
    shown = daemon.workers()
    assert (shown["vrrp"]["pid"], shown["checker"]["pid"]) == before
    assert abs(shown["vrrp"]["up_since"] - up_since) < 2
    assert daemon.ask("show")["takeover"]["adopted"] == ["checker", "vrrp"]
    assert daemon.lines("ended") == []


def test_an_adopted_worker_is_supervised_as_any_other(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    crash(daemon)
    daemon.start(VRRP + CHECKER)
    vrrp, checker = pids(daemon)
    os.kill(vrrp, signal.SIGKILL)
    eventually(lambda: daemon.pid("vrrp") != vrrp, within=5)
    assert daemon.workers()["vrrp"]["restarts"] == 1
    assert (daemon.run / "vrrp.pid").read_text() == f"{daemon.pid('vrrp')}\n"
    os.kill(checker, signal.SIGSTOP)
    eventually(lambda: daemon.pid("checker") != checker, within=5)
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert daemon.lines("ended") == ["vrrp", "checker"]


def test_workers_that_nobody_adopts_stop_in_order(daemon: Daemon) -> None:
    daemon.environment["ORPHAN_PATIENCE"] = "0.3"
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    eventually(lambda: not any(map(alive, before)), within=5)
    assert sorted(daemon.lines("ended")) == ["checker", "vrrp"]


def test_what_was_changed_meanwhile_is_loaded(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    daemon.start(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER)
    assert "192.0.2.3" in daemon.ask("show", "vrrp")["text"]
    assert pids(daemon) == before


def test_workers_come_and_go_as_the_new_configuration_has_it(daemon: Daemon) -> None:
    daemon.start(VRRP)
    vrrp = daemon.pid("vrrp")
    crash(daemon)
    daemon.start(CHECKER)
    eventually(lambda: not alive(vrrp), within=5)
    assert daemon.lines("ended") == ["vrrp"]
    assert list(daemon.workers()) == ["checker"]


def test_a_worker_that_will_not_be_adopted_is_replaced_by_force(daemon: Daemon) -> None:
    daemon.behave(vrrp={"unadoptable": True})
    daemon.start(VRRP + CHECKER)
    vrrp, checker = pids(daemon)
    crash(daemon)
    daemon.start(VRRP + CHECKER)
    eventually(lambda: not alive(vrrp), within=5)
    assert daemon.pid("vrrp") != vrrp
    assert daemon.pid("checker") == checker
    assert daemon.lines("ended") == []


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_worker_that_hangs_or_has_died_with_its_parent_is_replaced(daemon: Daemon, number: int) -> None:
    daemon.start(VRRP + CHECKER)
    vrrp, checker = pids(daemon)
    crash(daemon)
    os.kill(vrrp, number)
    daemon.start(VRRP + CHECKER)
    eventually(lambda: daemon.pid("vrrp") != vrrp, within=8)
    eventually(lambda: not alive(vrrp), within=8)
    assert daemon.pid("checker") == checker


def test_a_second_parent_is_refused_and_takes_nobody(daemon: Daemon) -> None:
    daemon.start(VRRP)
    first, vrrp = daemon.process, daemon.pid("vrrp")
    second = daemon.spawn()
    assert second.wait(10) == 1
    assert f"already running as pid {first.pid}" in daemon.log.read_text()
    assert daemon.pid("vrrp") == vrrp


# --- a wrong configuration ---


def test_over_a_broken_file_the_last_good_configuration_goes_on(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    daemon.start(BROKEN)
    assert pids(daemon) == before
    assert "192.0.2.1/24" in daemon.ask("config")["text"]
    shown = daemon.ask("show")
    assert "lvsd.conf:3:" in shown["fallback"]
    assert 3 in [finding["line"] for finding in shown["findings"]]
    assert "CONFIGURATION NOT TAKEN" in daemon.log.read_text()
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER)
    assert daemon.ask("reload")["ok"] is True
    assert daemon.ask("show")["fallback"] is None
    assert "192.0.2.3" in daemon.ask("show", "vrrp")["text"]


def test_a_missing_file_is_no_reason_to_leave_the_workers_alone(daemon: Daemon) -> None:
    daemon.start(VRRP)
    before = daemon.pid("vrrp")
    crash(daemon)
    daemon.config.unlink()
    daemon.started = daemon.spawn()
    daemon.await_line("READY=1")
    assert daemon.pid("vrrp") == before


def test_what_was_never_loaded_does_not_count_as_good(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.write(BROKEN)
    assert daemon.ask("reload")["ok"] is False
    crash(daemon)
    daemon.start(BROKEN)
    assert "192.0.2.1/24" in daemon.ask("config")["text"]


def test_without_workers_a_broken_file_is_a_reason_not_to_start(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.process.terminate()
    daemon.wait()
    daemon.write(BROKEN)
    assert daemon.spawn().wait(10) == 2
    assert "not started" in daemon.log.read_text()


def test_a_full_disk_does_not_leave_the_workers_alone(daemon: Daemon) -> None:
    """The parts cannot be written: a directory is in the way, as one that is full would be."""
    daemon.start(VRRP)
    before = daemon.pid("vrrp")
    crash(daemon)
    (daemon.run / ".vrrp.conf.new").mkdir()
    daemon.start(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    assert daemon.pid("vrrp") == before
    assert "cannot write the workers' parts" in daemon.ask("show")["fallback"]
    assert "192.0.2.1/" in daemon.ask("config")["text"]


def test_what_an_adopted_worker_refuses_does_not_run(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    daemon.behave(checker={"refuse": True})
    daemon.start(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER)
    assert pids(daemon) == before
    assert "do not like it" in daemon.ask("show")["fallback"]
    eventually(lambda: "192.0.2.1/" in daemon.ask("show", "vrrp")["text"], within=5)
    assert "192.0.2.1/" in daemon.ask("config")["text"]


# --- another version ---


def test_workers_of_another_version_are_replaced_one_after_the_other(daemon: Daemon) -> None:
    daemon.environment["DIGEST"] = "1" * 16
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    daemon.environment["DIGEST"] = "2" * 16
    daemon.start(VRRP + CHECKER)
    assert {worker["digest"] for worker in daemon.workers().values()} == {"2" * 16}
    assert not any(map(alive, before))
    assert daemon.lines("left") == ["checker", "vrrp"]
    assert daemon.lines("ended") == []
    assert daemon.ask("show")["takeover"] == {
        "adopted": ["checker", "vrrp"],
        "replaced": ["checker", "vrrp"],
        "problems": [],
    }
    assert all(worker["restarts"] == 0 for worker in daemon.workers().values())


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [({"exit": 3}, "ended with exit code 3 before it took over"), ({"prepares": 30}, "did not take over within 3 s")],
)
def test_a_new_version_that_fails_leaves_the_old_one_running(
    daemon: Daemon, behaviour: dict[str, Any], reason: str
) -> None:
    daemon.environment["DIGEST"] = "1" * 16
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    daemon.behave(checker=behaviour)
    daemon.environment["DIGEST"] = "2" * 16
    daemon.start(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER)
    eventually(lambda: daemon.ask("show")["complete"], within=10)
    assert pids(daemon) == before
    assert daemon.ask("show")["takeover"]["problems"] == [f"checker: {reason}", "vrrp: not tried"]
    eventually(lambda: "192.0.2.3/" in daemon.ask("show", "vrrp")["text"], within=5)
    assert daemon.lines("left") == []


def test_a_successor_that_dies_after_the_old_one_has_left_is_started_again(daemon: Daemon) -> None:
    daemon.environment["DIGEST"] = "1" * 16
    daemon.start(VRRP)
    before = daemon.pid("vrrp")
    crash(daemon)
    daemon.behave(vrrp={"exit_late": 3})
    daemon.environment["DIGEST"] = "2" * 16
    daemon.start(VRRP)
    assert not alive(before)
    daemon.behave()
    eventually(lambda: daemon.workers()["vrrp"]["digest"] == "2" * 16, within=5)
    assert "exit code 3" in daemon.ask("show")["takeover"]["problems"][0]


def test_a_stop_during_a_replacement_stops_whoever_is_there(daemon: Daemon) -> None:
    daemon.environment["DIGEST"] = "1" * 16
    daemon.start(VRRP + CHECKER)
    before = pids(daemon)
    crash(daemon)
    daemon.behave(checker={"prepares": 0.4})
    daemon.environment["DIGEST"] = "2" * 16
    daemon.started = daemon.spawn()
    eventually(lambda: len(daemon.lines("pids")) == 3, within=5)
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert daemon.lines("ended") == ["vrrp", "checker"]
    assert daemon.lines("left") == ["checker"]
    assert not any(alive(int(pid)) for pid in daemon.lines("pids"))
    assert not any(map(alive, before))


def test_a_reload_during_a_replacement_waits_for_its_end(daemon: Daemon) -> None:
    daemon.environment["DIGEST"] = "1" * 16
    daemon.start(VRRP + CHECKER)
    crash(daemon)
    daemon.behave(checker={"prepares": 0.5})
    daemon.environment["DIGEST"] = "2" * 16
    daemon.started = daemon.spawn()
    eventually(lambda: len(daemon.lines("pids")) == 3, within=5)
    daemon.write(VRRP + CHECKER.replace("192.0.2.11", "192.0.2.12"))
    before = time.monotonic()
    assert daemon.ask("reload")["ok"] is True
    assert time.monotonic() - before > 0.1
    assert "192.0.2.12" in daemon.ask("show", "checker")["text"]
    assert daemon.workers()["checker"]["digest"] == "2" * 16
