# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new version has to show before this process becomes it; the programs are scripts that say what they got."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest
from lvsd.loop import Loop
from lvsd.supervisor import reexec
from lvsd.supervisor.fork import fork
from lvsd.supervisor.reexec import HELD, Inheritance, Program, Rehearsal, become
from lvsd.version import described
from program_at_hand import OPTIONS, script

from tests.support.attempts import turns
from tests.support.loops import run_until

FINDING = {"path": "lvsd.conf", "line": 3, "severity": "error", "message": "no such keyword"}


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


# --- which program, and what it leaves ----------------------------------------------------------


def test_an_installed_daemon_becomes_whatever_is_installed_with_the_same_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LVSD_PROGRAM", "/opt/lvsd/bin/lvsd")
    monkeypatch.setattr(sys, "argv", ["lvsd", "-n", "-f", "lvsd.conf"])
    monkeypatch.chdir(tmp_path)
    assert Program.running() == Program(("/opt/lvsd/bin/lvsd",), ("-n", "-f", "lvsd.conf"), str(tmp_path))


@pytest.mark.parametrize(
    ("typed", "words", "options"),
    [
        (("python3", "-m", "lvsd", "-n", "-D"), ("-m", "lvsd"), ("-n", "-D")),
        (("python3", "-I", "lvsd.pyz"), ("-I", "lvsd.pyz"), ()),
    ],
)
def test_one_of_a_checkout_becomes_what_was_typed(
    monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], words: tuple[str, ...], options: tuple[str, ...]
) -> None:
    monkeypatch.delenv("LVSD_PROGRAM", raising=False)
    monkeypatch.setattr(sys, "orig_argv", list(typed))
    monkeypatch.setattr(sys, "argv", ["lvsd", *options])
    assert Program.running() == Program((sys.executable, *words), options, os.getcwd())


def test_an_inheritance_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVSD_INHERITANCE", '{"lock": 7, "release": "0.1.0", "digest": null}')
    assert Inheritance.taken() == Inheritance(lock=7, release="0.1.0", digest=None)
    assert "LVSD_INHERITANCE" not in os.environ
    assert Inheritance.taken() is None


@pytest.mark.parametrize(
    "said", ["", "{", "null", "[]", "7", '{"lock": 7}', '{"lock": "x", "release": "", "digest": ""}']
)
def test_an_inheritance_that_is_not_understood_is_none_and_goes(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("LVSD_INHERITANCE", said)
    assert Inheritance.taken() is None
    assert "LVSD_INHERITANCE" not in os.environ


# --- the rehearsal ------------------------------------------------------------------------------

Outcome = tuple[str | None, list[dict[str, Any]]]


def rehearsed(loop: Loop, program: Program, meanwhile: Callable[[Rehearsal], object] = lambda _: None) -> Outcome:
    """The only outcome of a rehearsal, which leaves no process, no descriptor and no timer."""
    before = descriptors()
    told: list[Outcome] = []
    rehearsal = Rehearsal(loop, program, lambda *outcome: told.append(outcome))
    pid = rehearsal._process.pid
    meanwhile(rehearsal)
    assert told == []  # never from within the call
    run_until(loop, lambda: told, every=0.001)
    turns(loop)
    assert len(told) == 1
    assert loop.next_deadline() == inf
    assert not Path(f"/proc/{pid}").exists()
    assert descriptors() == before
    return told[0]


def test_a_new_version_is_tried_as_it_would_run_but_only_reads_the_configuration(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("KEPT", "yes")
    here = os.getcwd()
    text = 'echo "$$ $(cut -d" " -f5 /proc/self/stat)" > group; printf "%s\\n" "$PWD" "$@" > words; env > environment'
    assert rehearsed(loop, script(tmp_path / "lvsd", text)) == (None, [])
    words = (tmp_path / "words").read_text().splitlines()
    assert words == [str(tmp_path), "-t", "--json", "-n", "-f", "lvsd.conf"]
    environment = dict(
        line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines() if "=" in line
    )
    assert (environment["LVSD_REHEARSAL"], environment["KEPT"]) == ("1", "yes")
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} & set(environment)
    pid, group = (tmp_path / "group").read_text().split()
    assert pid == group  # Control-C is for the daemon
    assert os.getcwd() == here


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 7", "exit code 7"),
        ("kill -SEGV $$", "signal SIGSEGV"),
        ("echo Traceback >&2; echo 'SyntaxError: invalid syntax' >&2; echo >&2; exit 1", "SyntaxError: invalid syntax"),
        ("printf 'no \\377\\n' >&2; exit 1", "no \N{REPLACEMENT CHARACTER}"),
        ("echo no JSON; exit 5", "exit code 5"),
        ("echo '[]'; exit 5", "exit code 5"),
        ("echo '{}'; exit 5", "exit code 5"),
        ("echo '{\"findings\": 5}'; exit 5", "exit code 5"),
        ("echo '{\"findings\": [5]}'; echo last >&2; exit 5", "last"),
    ],
)
def test_why_a_new_version_cannot_run_is_told(loop: Loop, tmp_path: Path, text: str, reason: str) -> None:
    assert rehearsed(loop, script(tmp_path / "lvsd", text)) == (f"the new version cannot run: {reason}", [])


def test_what_it_finds_in_the_configuration_is_told_with_the_first_as_the_reason(loop: Loop, tmp_path: Path) -> None:
    later = {**FINDING, "line": 9}
    said = json.dumps({"findings": [{"path": "half of one"}, FINDING, later]})
    program = script(tmp_path / "lvsd", f"echo '{said}'; echo on standard error >&2; exit 5")
    reason = "the new version cannot run: lvsd.conf:3: no such keyword"
    assert rehearsed(loop, program) == (reason, [FINDING, later])


def test_what_is_found_by_one_that_can_run_is_no_reason(loop: Loop, tmp_path: Path) -> None:
    said = json.dumps({"findings": [FINDING]})
    assert rehearsed(loop, script(tmp_path / "lvsd", f"echo '{said}'")) == (None, [])


def test_one_that_takes_too_long_is_ended(loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reexec, "REHEARSE_WITHIN", 0.05)
    reason = "the new version took longer than 0.05 s to read the configuration"
    assert rehearsed(loop, script(tmp_path / "lvsd", "exec sleep 60")) == (reason, [])


def test_one_that_is_cancelled_is_ended_and_told_as_one_that_cannot_run(loop: Loop, tmp_path: Path) -> None:
    reason = "the new version cannot run: signal SIGKILL"
    assert rehearsed(loop, script(tmp_path / "lvsd", "exec sleep 60"), Rehearsal.cancel) == (reason, [])


def gone(program: Program) -> Program:
    Path(program.words[0]).unlink()
    return program


def not_executable(program: Program) -> Program:
    Path(program.words[0]).chmod(0o644)
    return program


def nowhere(program: Program) -> Program:
    return Program(program.words, program.options, "/no/such/folder")


UNSTARTABLE = [(gone, FileNotFoundError), (not_executable, PermissionError), (nowhere, FileNotFoundError)]


@pytest.mark.parametrize(("spoil", "error"), UNSTARTABLE)
def test_one_that_cannot_be_started_is_an_error_and_leaves_nothing(
    loop: Loop, tmp_path: Path, spoil: Callable[[Program], Program], error: type[OSError]
) -> None:
    program, here, before = spoil(script(tmp_path / "lvsd", "exit 0")), os.getcwd(), descriptors()
    told: list[Outcome] = []
    with pytest.raises(error):
        Rehearsal(loop, program, lambda *outcome: told.append(outcome))
    turns(loop)
    assert (told, descriptors(), os.getcwd()) == ([], before, here)


# --- execve -------------------------------------------------------------------------------------


SHOW = """
import json, os, signal, sys
left = json.loads(os.environ["LVSD_INHERITANCE"])
held, blocked = os.readlink(f"/proc/self/fd/{left['lock']}"), sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))
print(json.dumps([os.getpid(), os.getcwd(), sys.argv[1:], left, held, blocked]), file=open("seen", "w"))
sys.exit(42)
"""


def test_a_process_that_becomes_the_program_keeps_its_number_its_lock_and_its_signals(tmp_path: Path) -> None:
    """The program is Python here: a shell unblocks all signals."""

    def work() -> int:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        (tmp_path / "number").write_text(str(lock))
        become(Program((sys.executable, "-I", "-S", "-c", SHOW), OPTIONS, str(tmp_path)), lock)
        return 1

    pid = fork(work)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 42
    lock = int((tmp_path / "number").read_text())
    number, folder, options, left, held, blocked = json.loads((tmp_path / "seen").read_text())
    assert (number, folder, options) == (pid, str(tmp_path), list(OPTIONS))
    assert (left, held) == ({"lock": lock, **described()}, f"{tmp_path}/lock")
    assert set(blocked) == set(HELD)


@pytest.mark.parametrize(("spoil", "error"), UNSTARTABLE)
def test_where_it_cannot_become_the_program_all_is_as_before(
    tmp_path: Path, spoil: Callable[[Program], Program], error: type[OSError]
) -> None:
    program, here = spoil(script(tmp_path / "lvsd", "exit 0")), os.getcwd()
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        with pytest.raises(error):
            become(program, lock)
        assert not os.get_inheritable(lock)
    finally:
        os.close(lock)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & set(HELD)
    assert os.getcwd() == here
    assert "LVSD_INHERITANCE" not in os.environ
