# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that die or fall silent."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from daemons import CHECKER, VRRP, Daemon, alive, eventually
from lvsd import signals


def test_a_worker_that_dies_is_started_again_at_once_and_then_with_a_growing_delay(daemon: Daemon) -> None:
    daemon.start(VRRP)
    for restarts in (1, 2, 3):
        pid = daemon.pid("vrrp")
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: daemon.pid("vrrp") != pid, within=5)
        assert daemon.workers()["vrrp"]["restarts"] == restarts
    failed = [message for message in daemon.messages() if "SIGKILL" in message]
    assert [message.partition("again ")[2] for message in failed] == ["at once", "in 0.1 s", "in 0.2 s"]


@pytest.mark.parametrize("number", [36, 63, 33, signal.SIGSEGV])
def test_a_worker_that_ends_by_whatever_signal_is_started_again(daemon: Daemon, number: int) -> None:
    daemon.start(VRRP)
    pid = daemon.pid("vrrp")
    os.kill(pid, number)  # a fake worker heeds none
    eventually(lambda: daemon.pid("vrrp") != pid, within=5)
    (failed,) = [message for message in daemon.messages() if "starts again at once" in message]
    assert f"ended with signal {signals.name(number)};" in failed


def test_a_worker_that_cannot_start_does_not_keep_the_unit_from_starting(daemon: Daemon) -> None:
    daemon.behave(checker={"exit": 3})
    daemon.start(VRRP + CHECKER)
    assert alive(daemon.pid("vrrp"))
    eventually(lambda: daemon.workers()["checker"]["restarts"] >= 2, within=5)
    daemon.behave()
    eventually(lambda: daemon.pid("checker"), within=5)


def test_a_worker_whose_socket_has_no_room_is_said_once_and_started_when_there_is(daemon: Daemon) -> None:
    daemon.start(VRRP)
    pid, path = daemon.pid("vrrp"), daemon.run / "vrrp.sock"
    path.unlink()
    path.mkdir()
    os.kill(pid, signal.SIGKILL)
    text = f"could not be started: {path}: there is a directory where the control socket belongs"
    eventually(lambda: any(text in message for message in daemon.messages()), within=5)
    eventually(lambda: daemon.workers()["vrrp"]["restarts"] >= 4, within=5)
    assert sum(text in message for message in daemon.messages()) == 1
    path.rmdir()
    assert eventually(lambda: daemon.pid("vrrp"), within=10) != pid


def test_a_pid_file_that_could_not_be_written_is_written_when_it_can_be(daemon: Daemon) -> None:
    daemon.start(VRRP)
    path = daemon.run / "vrrp.pid"
    path.unlink()
    path.mkdir()
    os.kill(daemon.pid("vrrp"), signal.SIGKILL)
    eventually(lambda: any("vrrp.pid could not be written" in message for message in daemon.messages()), within=5)
    path.rmdir()
    eventually(lambda: int(path.read_text()) == daemon.pid("vrrp"), within=5)
    assert sum("could not be written" in message for message in daemon.messages()) == 1


def test_a_silent_worker_is_killed_and_replaced(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    vrrp, checker = daemon.pid("vrrp"), daemon.pid("checker")
    os.kill(checker, signal.SIGSTOP)
    eventually(lambda: daemon.workers()["checker"]["pid"] not in (None, checker), within=5)
    assert not alive(checker)
    assert daemon.pid("vrrp") == vrrp
    assert any("checker: no answer for" in message for message in daemon.messages())


def test_a_pause_of_the_whole_daemon_kills_nobody(daemon: Daemon) -> None:
    daemon.start(VRRP)
    pid = daemon.pid("vrrp")
    everybody = (daemon.process.pid, pid)
    for process in everybody:
        os.kill(process, signal.SIGSTOP)
    eventually(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", within=2)
    time.sleep(1.5)  # more than the patience of quick_parent.py
    for process in everybody:
        os.kill(process, signal.SIGCONT)
    seen = time.monotonic()
    eventually(lambda: time.monotonic() - seen > 0.6 and daemon.pid("vrrp"), within=5)
    assert daemon.pid("vrrp") == pid
    assert daemon.workers()["vrrp"]["restarts"] == 0


def test_without_respawn_the_end_of_a_worker_is_the_end(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER, "-R")
    os.kill(daemon.pid("vrrp"), signal.SIGKILL)
    assert daemon.wait() == 1
    assert (daemon.run / "ended").read_text() == "checker\n"


def test_a_worker_whose_modules_are_broken_does_not_take_the_parent_with_it(daemon: Daemon) -> None:
    daemon.environment["UNIMPORTABLE"] = "checker"
    daemon.start(VRRP + CHECKER)
    assert alive(daemon.pid("vrrp"))
    assert "checker: could not be started: SyntaxError: in checker; starts again at once" in daemon.messages()


def test_a_runtime_directory_that_is_removed_comes_back_and_no_worker_is_replaced(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    files = {path.name for path in daemon.run.iterdir() if not path.name.startswith("pids")}
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    shutil.rmtree(daemon.run)
    eventually(lambda: files <= {path.name for path in daemon.run.iterdir()}, within=10)
    seen = time.monotonic()
    eventually(lambda: time.monotonic() - seen > 2 and daemon.pid("vrrp"), within=10)  # longer than its patience
    assert (daemon.pid("vrrp"), daemon.pid("checker")) == pids
    assert [worker["restarts"] for worker in daemon.workers().values()] == [0, 0]
    assert "lvsd: another program has removed files from " in "".join(daemon.messages())
    assert daemon.spawn().wait(10) == 1  # the lock is held as before
    os.kill(pids[0], signal.SIGKILL)
    eventually(lambda: daemon.pid("vrrp") != pids[0], within=5)
    assert "192.0.2.1" in daemon.ask("show", "vrrp")["text"]
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\nchecker\n"


def test_a_worker_starts_again_though_its_part_has_just_been_removed(daemon: Daemon) -> None:
    daemon.start(VRRP)
    pid = daemon.pid("vrrp")
    (daemon.run / "vrrp.conf").unlink()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: daemon.pid("vrrp") != pid, within=5)
    assert daemon.workers()["vrrp"]["restarts"] == 1


def test_a_worker_that_nobody_can_ask_is_not_taken_for_dead(daemon: Daemon) -> None:
    daemon.behave(vrrp={"blind": True})
    daemon.start(VRRP)
    pid = daemon.pid("vrrp")
    (daemon.run / "vrrp.sock").unlink()
    said = f"vrrp: {daemon.run}/vrrp.sock has gone; pid {pid} goes on, and cannot be asked"
    eventually(lambda: said in daemon.messages(), within=5)
    seen = time.monotonic()
    eventually(lambda: time.monotonic() - seen > 2, within=5)  # again as long
    assert alive(pid)
    assert daemon.messages().count(said) == 1
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\n"


def test_a_runtime_directory_that_cannot_be_made_again_is_said_and_everybody_goes_on(daemon: Daemon) -> None:
    daemon.start(VRRP)
    pid = daemon.pid("vrrp")
    shutil.rmtree(daemon.run)
    daemon.run.touch()
    eventually(lambda: "cannot be put back: " in daemon.log.read_text(), within=5)
    eventually(lambda: "vrrp.sock has gone; pid " in daemon.log.read_text(), within=5)
    assert alive(pid)
    daemon.run.unlink()
    eventually(lambda: daemon.pid("vrrp") == pid, within=5)
    assert daemon.log.read_text().count("cannot be put back: ") == 1
    daemon.process.terminate()
    assert daemon.wait() == 0
