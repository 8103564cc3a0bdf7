# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that is watched by its descriptor: its end is told once, and a signal reaches it or no other."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest
from lvsd.loop import Loop
from lvsd.pidfd import Process


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    loop.call_later(10, loop.stop)  # no test hangs
    yield loop
    loop.close()


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", -9), ("exit 0", 0)])
def test_a_watched_process_that_is_a_child_is_reaped_with_its_exit_code(loop: Loop, script: str, code: int) -> None:
    ended: list[int | None] = []
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", script], os.environ)
    loop.watch_process(pid, lambda status: (ended.append(status), loop.stop()))
    loop.run()
    assert ended == [code]
    assert not loop._processes  # nothing of it is kept
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_end_of_somebody_elses_child_is_seen_without_its_exit_code(loop: Loop) -> None:
    shell = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE)
    assert shell.stdout
    grandchild = int(shell.stdout.readline())
    ended: list[int | None] = []
    loop.watch_process(grandchild, lambda status: (ended.append(status), loop.stop()))
    loop.call_later(0.01, lambda: os.kill(grandchild, signal.SIGKILL))
    loop.run()
    assert ended == [None]
    shell.wait(5)
    shell.stdout.close()


def test_a_process_that_has_long_gone_is_reported(loop: Loop) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    ended: list[int | None] = []
    process = loop.watch_process(gone.pid, lambda status: (ended.append(status), loop.stop()))
    process.send(signal.SIGTERM)
    loop.run()
    assert ended == [None]
    process.forget()


def test_a_signal_reaches_a_watched_process(loop: Loop) -> None:
    ended: list[int | None] = []
    pid = os.posix_spawn("/bin/sleep", ["sleep", "60"], os.environ)
    process = loop.watch_process(pid, lambda status: (ended.append(status), loop.stop()))
    process.send(signal.SIGTERM)
    loop.run()
    process.send(signal.SIGTERM)
    assert ended == [-signal.SIGTERM]


def test_a_process_can_be_watched_no_more(loop: Loop) -> None:
    pid = os.posix_spawn("/bin/true", ["true"], os.environ)
    process = loop.watch_process(pid, lambda _: pytest.fail("it was forgotten"))
    process.forget()
    process.forget()
    os.waitpid(pid, 0)
    loop.call_later(0.05, loop.stop)
    loop.run()


def test_the_end_of_the_loop_gives_the_descriptors_back_and_leaves_the_processes(loop: Loop) -> None:
    before = set(os.listdir("/proc/self/fd"))
    child = subprocess.Popen(["sleep", "60"])
    another = Loop()
    another.watch_process(child.pid, lambda _: pytest.fail("it has not ended"))
    another.close()
    assert child.poll() is None
    child.kill()
    child.wait(10)
    assert set(os.listdir("/proc/self/fd")) == before


def test_the_end_is_told_once_and_later_than_the_call_that_watches(loop: Loop) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    ended: list[int | None] = []
    loop.watch_process(gone.pid, ended.append)
    assert ended == []
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert ended == [None]


def test_one_that_has_long_gone_can_be_forgotten_before_it_is_told(loop: Loop) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    loop.watch_process(gone.pid, lambda _: pytest.fail("it was forgotten")).forget()
    loop.call_later(0.05, loop.stop)
    loop.run()


def test_a_process_has_its_number_and_no_signal_reaches_one_that_is_forgotten(loop: Loop) -> None:
    child = subprocess.Popen(["sleep", "60"])
    process = Process(loop, child.pid, lambda _: pytest.fail("it was forgotten"))
    assert process.pid == child.pid
    process.forget()
    process.send(signal.SIGKILL)
    assert child.poll() is None
    child.kill()
    child.wait(10)


def test_what_may_not_be_signalled_is_an_error_and_is_watched_on(loop: Loop) -> None:
    """A child of the test becomes a user of no rights, and sends to the test."""
    if os.geteuid() != 0:
        return  # who is not root may signal its own processes alone, and the test has no other
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setuid(65534)
            process = Process(Loop(), os.getppid(), lambda _: None)
            try:
                process.send(0)  # asks for the right alone
            except PermissionError:
                code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("pid", [0, -1])
def test_what_is_no_number_of_a_process_is_an_error(loop: Loop, pid: int) -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        Process(loop, pid, lambda _: None)
