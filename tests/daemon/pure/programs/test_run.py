# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real programs: judged, started, ended with all that they left behind."""

import os
import signal
import time
from pathlib import Path

import pytest
from lvsd.loop import Loop
from lvsd.model import Command, GlobalDefs
from lvsd.programs.protocol import Ended, NotRun
from lvsd.programs.run import ended, is_ours
from lvsd.programs.security import Account

from tests.support.programs import LocalPrograms


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    loop.close()


def shell(text):
    return Command(("/bin/sh", "-c", text))


def run(loop, command, limit=10.0, meanwhile=None):
    """How it ended; `meanwhile` gets the run, a little later."""
    how = []

    def told(ended):
        how.append(ended)
        loop.stop()

    running = LocalPrograms(loop).start(command, limit=limit, grace=0.3, done=told, refused=told)
    if meanwhile:
        loop.call_later(0.2, lambda: meanwhile(running))
    ending = loop.call_later(20, loop.stop)
    loop.run()
    ending.cancel()
    (ended,) = how
    return ended


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def written(path, count=1):
    """The numbers in a file, once there are so many."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if path.exists() and len(found := path.read_text().split()) >= count:
            return [int(word) for word in found]
        time.sleep(0.01)
    raise AssertionError(f"{path} has not {count} lines")


@pytest.mark.parametrize(("text", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9), ("kill -15 $$", -15)])
def test_the_exit_code_is_the_programs(loop, text, code):
    assert run(loop, shell(text)).code == code


LEFT_BEHIND = {
    "a job in the background": "sleep 60 & echo $! >> {pids}",
    "with nohup": "nohup sleep 60 >/dev/null 2>&1 & echo $! >> {pids}",
    "in a session of its own": "setsid sh -c 'echo $$ >> {pids}; exec sleep 60' & while [ ! -s {pids} ]; do :; done",
    "a daemon": "(setsid sh -c 'sh -c \"echo \\$\\$ >> {pids}; exec sleep 60\" & exit' & exit); "
    "while [ ! -s {pids} ]; do sleep 0.01; done",
    "one that ignores signals": "sh -c 'trap \"\" TERM HUP INT; echo $$ >> {pids}; while :; do sleep 1; done' & "
    "while [ ! -s {pids} ]; do sleep 0.01; done",
}


@pytest.mark.parametrize("text", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_what_a_program_leaves_behind_is_ended_with_it(loop, tmp_path, text):
    ended = run(loop, shell(text.format(pids=tmp_path / "pids")))
    assert ended.code == 0
    assert ended.left >= 1
    assert not any(map(alive, written(tmp_path / "pids")))


@pytest.mark.parametrize("text", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_so_it_is_when_the_program_is_ended(loop, tmp_path, text, how):
    text = f"{text.format(pids=tmp_path / 'pids')}; exec sleep 60"
    ended = run(loop, shell(text), meanwhile=lambda running: (written(tmp_path / "pids"), getattr(running, how)()))
    assert ended.code == (-signal.SIGTERM if how == "stop" else -signal.SIGKILL)
    assert not any(map(alive, written(tmp_path / "pids")))


def test_what_belongs_to_another_program_is_left_alone(loop, tmp_path):
    programs, ended = LocalPrograms(loop), []

    def told(how):
        ended.append(how)
        loop.stop()

    text = f"sleep 60 & echo $! >> {tmp_path}/pids; wait"
    other = programs.start(shell(text), limit=60, grace=1, done=ended.append, refused=print)
    second = shell(f"while [ ! -s {tmp_path}/pids ]; do sleep 0.01; done; sleep 60 &")
    programs.start(second, limit=60, grace=1, done=told, refused=print)
    loop.run()
    (pid,) = written(tmp_path / "pids")
    assert alive(pid)
    other.kill()
    loop.call_later(10, loop.stop)
    while len(ended) < 2:
        loop._running = True
        loop._sleep_and_drain()
        loop._expire()
    assert not alive(pid)


def test_a_program_that_ignores_sigterm_gets_sigkill_after_the_grace(loop, tmp_path):
    text = f"trap '' TERM; echo $$ > {tmp_path}/pids; while :; do sleep 0.1; done"
    ended = run(loop, shell(text), meanwhile=lambda running: (written(tmp_path / "pids"), running.stop()))
    assert ended.code == -signal.SIGKILL


def test_the_limit_holds_without_a_worker(loop, tmp_path):
    """The subreaper ends the program by itself, a second behind the limit."""
    ended = run(loop, shell("exec sleep 60"), limit=0.1)
    assert ended.code == -signal.SIGTERM


def test_a_program_leads_a_session_of_its_own_and_has_no_descriptor_of_ours(loop, tmp_path):
    inherited = os.open("/dev/zero", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    text = f"cut -d' ' -f1,5,6 /proc/$$/stat > {tmp_path}/ids; ls -l /proc/$$/fd > {tmp_path}/fds; pwd > {tmp_path}/cwd"
    try:
        assert run(loop, shell(text)).code == 0
    finally:
        os.close(inherited)
    pid, group, session = (tmp_path / "ids").read_text().split()
    assert pid == group == session
    assert "/dev/zero" not in (tmp_path / "fds").read_text()
    assert (tmp_path / "cwd").read_text() == "/\n"


def test_a_program_has_the_signals_that_it_expects(loop, tmp_path):
    assert run(loop, shell(f"grep -E 'Sig(Blk|Ign)' /proc/self/status > {tmp_path}/signals")).code == 0
    values = [line.split()[1] for line in (tmp_path / "signals").read_text().splitlines()]
    assert [int(value, 16) & ~(1 << 31 | 1 << 32) for value in values] == [0, 0]


def test_a_signal_of_the_daemons_does_not_reach_it_twice(loop):
    """A signal that meets the new process before it is the subreaper is not heard by the loop of the worker."""
    heard = []
    loop.on_signal(signal.SIGTERM, lambda: heard.append("worker"))
    ended = run(loop, shell("exec sleep 60"), meanwhile=lambda running: running.stop())
    assert ended.code == -signal.SIGTERM
    assert heard == []


@pytest.mark.parametrize(("command", "reason"), [
    (Command(("/nowhere/x",)), "/nowhere: no such file or directory"),
    (Command(("/etc",)), "/etc is a folder, no program"),
    (Command(("/etc/passwd",)), "/etc/passwd: root has no execute permission"),
    (Command(("x",)), "x is not a full path"),
    (Command(("/bin/true",), "no-such-user"), "there is no user 'no-such-user'"),
])  # fmt: skip
def test_what_cannot_run_is_refused_with_the_reason(loop, command, reason):
    programs = LocalPrograms(loop, commands=[command])
    programs.configure()
    shown = asked(loop, programs.refused)
    assert [refused["reason"].startswith(reason) for refused in shown] == [True]
    assert [str(refused).endswith(f"is not run: {shown[0]['reason']}") for refused in programs.judged[0][0]] == [True]
    (refused,) = (tried(loop, programs, command),)
    assert refused == NotRun(shown[0]["reason"], known=True)  # it was said when it was configured


def asked(loop, ask):
    """What `ask` calls back with."""
    answers = []

    def told(answer):
        answers.append(answer)
        loop.stop()

    ask(told)
    loop.run()
    (answer,) = answers
    return answer


def tried(loop, programs, command):
    """How a program has ended, or why it is not run."""
    return asked(loop, lambda told: programs.start(command, limit=5, grace=1, done=told, refused=told))


def test_a_broken_interpreter_is_told(loop, tmp_path):
    path = tmp_path / "x"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    ended = run(loop, Command((str(path),)))
    assert (ended.code, ended.error) == (None, "did not start: no such file or directory")


def test_programs_are_judged_when_they_are_configured_and_before_each_run(loop, tmp_path):
    path = tmp_path / "x"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o644)
    command = Command((str(path),))
    programs = LocalPrograms(loop, GlobalDefs(script_user=None), [command])
    programs.configure()
    (before,) = asked(loop, programs.refused)
    assert before["program"] == str(path)
    programs.configure()
    assert asked(loop, programs.refused) == [before]  # since the same moment
    path.chmod(0o755)
    assert asked(loop, programs.refused) == []
    assert tried(loop, programs, command) == Ended(0)
    path.chmod(0o644)
    assert not tried(loop, programs, command).known
    assert tried(loop, programs, command).known
    assert [refused["program"] for refused in asked(loop, programs.refused)] == [str(path)]


@pytest.mark.parametrize(
    ("report", "how"),
    [
        ("code 0\nleft 0\n", Ended(0)),
        ("code -9\nleft 3\n", Ended(-9, None, 3)),
        ("failed 2\ncode 127\nleft 0\n", Ended(None, "did not start: no such file or directory")),
        ("failed 13\n", Ended(None, "did not start: permission denied")),
        ("", Ended(None, "it is not known how it ended")),
        ("left 2\n", Ended(None, "it is not known how it ended", 2)),
    ],
)
def test_what_a_subreaper_says_is_how_it_ended(report, how):
    assert ended(report) == how


def test_nothing_is_changed_for_the_account_of_the_daemon():
    ours = Account("me", os.geteuid(), os.getegid())
    assert is_ours(ours)
    assert not is_ours(Account("me", ours.uid + 1, ours.gid))
    assert not is_ours(Account("me", ours.uid, ours.gid + 1))
