# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The starter as a process: what it runs, what it refuses, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lvsd import capabilities
from lvsd.control import control_socket
from lvsd.loop import Loop
from lvsd.model import Command, GlobalDefs
from lvsd.programs import protocol, starter
from lvsd.programs.configured import UNNAMED
from lvsd.programs.protocol import Ended, NotRun
from lvsd.programs.subreaper import parent_of

from tests.support.programs import ForkedPrograms, naming

ROOT = Path(__file__).parents[4]


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "checker.conf"


def shell(text: str, user: str | None = None) -> Command:
    return Command(("/bin/sh", "-c", text), user)


def until(loop: Loop, condition: Callable[[], object], within: float = 20.0) -> None:
    """Run the loop until `condition` holds."""

    def look() -> None:
        if condition() or time.monotonic() > deadline:
            loop.stop()
        else:
            loop.call_later(0.01, look)

    deadline = time.monotonic() + within
    loop.now = time.monotonic()
    loop.call_later(0.0, look)
    loop.run()
    assert condition()


def until_judged(loop: Loop, programs: ForkedPrograms, count: int) -> None:
    """Run the loop until so many configurations have been judged."""
    until(loop, lambda: len(programs.judged) == count)


def run(loop: Loop, programs: ForkedPrograms, command: Command, *arguments: str) -> Ended | NotRun:
    """How it ended, or why it is not run."""
    told: list[Ended | NotRun] = []
    programs.start(command, arguments, limit=10.0, grace=1.0, done=told.append, refused=told.append)
    until(loop, lambda: told)
    return told[0]


def passed_socket(loop: Loop, programs: ForkedPrograms) -> socket.socket | None:
    """The control socket that the starter has made, None where it has made none."""
    got: list[socket.socket | None] = []
    programs.make_socket(got.append)
    until(loop, lambda: got)
    return got[0]


def gone(pid: int) -> bool:
    """It has ended; whether it has been reaped does not matter."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def eventually(condition: Callable[[], object], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def reap(programs: ForkedPrograms) -> None:
    """The starter ends by itself."""
    programs.close()
    assert os.waitpid(programs.pid, 0) == (programs.pid, 0)


def test_it_runs_what_the_configuration_names_and_nothing_else(loop: Loop, part: Path) -> None:
    command = shell('exit "$0"')
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    assert run(loop, programs, command, "3") == Ended(3)
    same_words, fewer_words = Command(command.words, "nobody"), Command(command.words[:1])
    for other in (shell("exit 0"), same_words, fewer_words, Command(("/bin/true",))):
        assert run(loop, programs, other) == NotRun(UNNAMED)
    reap(programs)


def test_before_it_is_told_to_read_the_configuration_nothing_is_configured(
    loop: Loop, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = Command(("/bin/true",))
    part.write_text(naming(command))
    monkeypatch.setattr(ForkedPrograms, "configure", lambda _: None)
    programs = ForkedPrograms(loop, part)
    assert run(loop, programs, command) == NotRun(UNNAMED)
    reap(programs)


def test_ten_at_once(loop: Loop, part: Path, tmp_path: Path) -> None:
    command = shell(f"touch {tmp_path}/began.$0; while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; exit $0")
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    told: dict[int, Ended | NotRun] = {}

    def start(number: int) -> None:
        def tell(how: Ended | NotRun) -> None:
            told[number] = how

        programs.start(command, (str(number),), limit=20, grace=1, done=tell, refused=tell)

    for n in range(10):
        start(n)
    until(loop, lambda: len(list(tmp_path.glob("began.*"))) == 10)
    assert told == {}
    (tmp_path / "go").touch()
    until(loop, lambda: len(told) == 10)
    assert told == {n: Ended(n) for n in range(10)}
    reap(programs)


def test_order_after_order(loop: Loop, part: Path, tmp_path: Path) -> None:
    command = shell(f"echo $0 >> {tmp_path}/out")
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    for n in range(20):
        assert run(loop, programs, command, str(n)) == Ended(0)
    assert (tmp_path / "out").read_text().split() == [str(n) for n in range(20)]
    reap(programs)


@pytest.mark.parametrize(("how", "code"), [("stop", -signal.SIGTERM), ("kill", -signal.SIGKILL)])
def test_a_run_is_stopped_or_killed(loop: Loop, part: Path, tmp_path: Path, how: str, code: int) -> None:
    command = shell(f"sleep 60 & echo $! > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; wait")
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    told: list[Ended | NotRun] = []
    running = programs.start(command, limit=60, grace=1, done=told.append, refused=told.append)
    until(loop, (tmp_path / "pid").exists)
    getattr(running, how)()
    until(loop, lambda: told)
    (end,) = told
    assert isinstance(end, Ended)
    assert end.code == code
    assert gone(int((tmp_path / "pid").read_text()))
    reap(programs)


def test_what_it_was_told_before_the_end_is_carried_out(loop: Loop, part: Path, tmp_path: Path) -> None:
    """A stop: the last jobs, and the connection is closed at once."""
    command = shell(f"sleep 0.2; echo $0 >> {tmp_path}/out")
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    for n in range(5):
        programs.start(command, (str(n),), limit=10, grace=1, done=print, refused=print)
    reap(programs)
    assert sorted((tmp_path / "out").read_text().split()) == list("01234")


def test_signals_do_not_end_it(loop: Loop, part: Path) -> None:
    command = Command(("/bin/true",))
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    until(loop, lambda: programs.judged)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
        os.kill(programs.pid, number)
        assert run(loop, programs, command) == Ended(0)
    reap(programs)


def test_it_has_a_name_no_descriptor_of_the_worker_and_uses_four_rights(loop: Loop, part: Path, tmp_path: Path) -> None:
    command = shell(f"grep -E 'Cap(Eff|Bnd|Prm)' /proc/self/status > {tmp_path}/rights")
    part.write_text(naming(command))
    held = [os.open("/dev/zero", os.O_RDONLY), *(end.detach() for end in socket.socketpair())]
    programs = ForkedPrograms(loop, part)
    assert run(loop, programs, command) == Ended(0)
    process = Path(f"/proc/{programs.pid}")
    assert (process / "comm").read_text() == "lvsd_starter\n"
    files = [os.readlink(fd) for fd in (process / "fd").iterdir()]
    assert files.count("/dev/null") == 3
    assert "/dev/zero" not in files
    # the connection, and the pair that wakes its loop
    assert sum(file.startswith("socket:") for file in files) == 3
    ours, its, the_programs = map(rights, (Path("/proc/self/status"), process / "status", tmp_path / "rights"))
    four = sum(1 << capabilities.NUMBERS[name] for name in starter.RIGHTS)
    assert its["CapEff"] == ours["CapEff"] & four
    assert its["CapPrm"] == ours["CapPrm"]
    assert the_programs["CapEff"] == ours["CapEff"]  # a program of root has what the daemon has
    for fd in held:
        os.close(fd)
    reap(programs)


def rights(status: Path) -> dict[str, int]:
    rows = (line.split() for line in status.read_text().splitlines() if line.startswith("Cap"))
    return {name.rstrip(":"): int(value, 16) for name, value in rows}


# --- reload ---


def test_a_reload_adds_a_program_and_the_one_before_is_allowed_until_the_next(loop: Loop, part: Path) -> None:
    first, second, third = (Command(("/bin/true", word)) for word in "abc")
    part.write_text(naming(first))
    programs = ForkedPrograms(loop, part)
    assert run(loop, programs, first) == Ended(0)
    part.write_text(naming(second))
    programs.configure()
    assert [run(loop, programs, each) for each in (second, first)] == [Ended(0), Ended(0)]
    part.write_text(naming(third))
    programs.configure()
    assert [run(loop, programs, each) for each in (third, second)] == [Ended(0), Ended(0)]
    assert run(loop, programs, first) == NotRun(UNNAMED)
    reap(programs)


BROKEN: dict[str, str | None] = {"a wrong text": "virtual_server {\n", "no file": None}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_part_that_is_wrong_changes_nothing(loop: Loop, part: Path, text: str | None) -> None:
    command = Command(("/bin/true",))
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    until(loop, lambda: programs.judged)
    part.unlink()
    if text is not None:
        part.write_text(text)
    for count in (2, 3):  # more than the one configuration before that is still allowed
        programs.configure()
        until_judged(loop, programs, count)
    assert programs.judged[0] == ([], None)
    assert all(str(part) in (error or "") for _, error in programs.judged[1:])
    assert run(loop, programs, command) == Ended(0)
    reap(programs)


def test_script_user_of_a_reload_holds_for_what_runs_afterwards(loop: Loop, part: Path) -> None:
    command = Command(("/bin/true",))
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    assert run(loop, programs, command) == Ended(0)
    part.write_text(naming(command, defs=GlobalDefs(script_user="no-such-user")))
    programs.configure()
    until_judged(loop, programs, 2)
    assert run(loop, programs, command) == NotRun("there is no user 'no-such-user'", known=True)
    assert [program.reason for program in programs.judged[1][0]] == ["there is no user 'no-such-user'"]
    reap(programs)


# --- how it ends ---


WORKER = """
import os, sys, time
from pathlib import Path
from lvsd.loop import Loop
from lvsd.model import Command
from tests.support.programs import ForkedPrograms, naming
text, part, folder = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
command = Command(("/bin/sh", "-c", text))
part.write_text(naming(command))
loop = Loop()
programs = ForkedPrograms(loop, part)
Path(folder, "starter").write_text(str(programs.pid))
programs.start(command, limit=1, grace=0.2, done=print, refused=print)
loop.run()
"""


def test_a_worker_that_is_killed_leaves_no_program_without_an_end(part: Path, tmp_path: Path) -> None:
    """The program ignores SIGTERM; it has a limit of a second."""
    text = (
        f"trap '' TERM; echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; while :; do sleep 1; done"
    )
    words = [sys.executable, "-c", WORKER, text, str(part), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}"}
    with subprocess.Popen(words, env=environment) as worker:
        eventually((tmp_path / "pid").exists)
        pids = [int((tmp_path / name).read_text()) for name in ("starter", "pid")]
        worker.kill()
        worker.wait(10)
        assert not any(map(gone, pids))
        eventually(lambda: all(map(gone, pids)))


def test_one_that_is_killed_ends_each_run_for_the_worker_and_is_told_once(
    loop: Loop, part: Path, tmp_path: Path
) -> None:
    command = shell(f"echo $PPID > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; sleep 60")
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    told: list[Ended | NotRun] = []
    programs.start(command, limit=60, grace=1, done=told.append, refused=told.append)
    until(loop, (tmp_path / "pid").exists)
    os.kill(programs.pid, signal.SIGKILL)
    until(loop, lambda: programs.losses)
    assert told == [Ended(None, "the process that starts programs has ended")]
    assert programs.losses == ["the process that starts programs has ended"]
    assert programs.lost
    assert run(loop, programs, command) == NotRun("the process that starts programs has ended")
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGUSR1)  # lvsd_program
    os.waitpid(programs.pid, 0)
    programs.close()


HOSTILE: dict[str, bytes | None] = {
    "no text": b"\xff\xfe\x00\x01",
    "half an order": b'["start",1,["/bin/true"],null',
    "no order": b'["run","/bin/true"]',
    "another shape": b'{"start": 1}',
    "words that are none": b'["start",1,[1],null,null,[],1,1]',
    "no words": b'["start",1,[],null,null,[],1,1]',
    "no time": b'["start",1,["/bin/true"],null,null,[],1e999,1]',
    "nested too deep": b"[" * 100000,
    "too long": b"[" + b" " * protocol.LONGEST + b"]",
    "the same run twice": None,
}


@pytest.mark.parametrize("bad", HOSTILE.values(), ids=HOSTILE)
def test_what_it_cannot_understand_ends_the_conversation_and_no_program(
    loop: Loop, part: Path, tmp_path: Path, bad: bytes | None
) -> None:
    command = shell(
        f"touch {tmp_path}/began; while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; touch {tmp_path}/ended"
    )
    part.write_text(naming(command))
    programs = ForkedPrograms(loop, part)
    told: list[Ended | NotRun] = []
    programs.start(command, limit=20, grace=1, done=told.append, refused=told.append)
    until(loop, (tmp_path / "began").exists)
    programs._send(bad or protocol.packet(protocol.StartOrder(max(programs._runs), command, (), 1.0, 1.0)))
    until(loop, lambda: programs.losses)
    assert told == [Ended(None, "the process that starts programs has ended")]
    assert not gone(programs.pid)
    (tmp_path / "go").touch()
    assert os.waitpid(programs.pid, 0) == (programs.pid, 0)
    assert (tmp_path / "ended").exists()
    programs.close()


def test_a_mistake_of_its_own_is_told_with_its_traceback(
    loop: Loop, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part.write_text(naming())
    monkeypatch.setattr(starter.Starter, "_configure", lambda *_: 1 / 0)
    programs = ForkedPrograms(loop, part)
    until(loop, lambda: programs.losses)
    assert "ZeroDivisionError" in programs.losses[0]
    assert os.waitstatus_to_exitcode(os.waitpid(programs.pid, 0)[1]) == 1
    programs.close()


def test_it_is_a_child_of_its_worker_and_of_no_group_of_its(loop: Loop, part: Path) -> None:
    part.write_text(naming())
    programs = ForkedPrograms(loop, part)
    until(loop, lambda: programs.judged)
    assert parent_of(str(programs.pid)) == str(os.getpid())
    assert os.getpgid(programs.pid) == programs.pid
    reap(programs)


def test_it_makes_the_one_socket_that_it_was_told_of_and_passes_it(loop: Loop, part: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    part.write_text("")
    programs = ForkedPrograms(loop, part, lambda: control_socket.bind(path))
    bound = passed_socket(loop, programs)
    assert bound is not None
    assert bound.getsockname() == str(path)
    assert passed_socket(loop, programs) is None  # it is there
    bound.close()
    reap(programs)


def test_one_that_was_told_of_none_makes_none(loop: Loop, part: Path) -> None:
    part.write_text("")
    programs = ForkedPrograms(loop, part)
    assert passed_socket(loop, programs) is None
    reap(programs)
