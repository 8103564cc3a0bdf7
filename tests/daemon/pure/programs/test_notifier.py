# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notify scripts: in order, one at a time for each subject, and reported."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from lvsd.loop import Loop, ScriptLimits
from lvsd.model import Command
from lvsd.programs import notifier as module
from lvsd.programs.client import Shown
from lvsd.programs.notifier import Notifier

from tests.support.programs import LocalPrograms

Scripts = Sequence[tuple[Command | None, tuple[str, ...]]]


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


class Said(list[tuple[str, str, int | None]]):
    """The subject, the text and the exit code of each event."""

    def __call__(self, what: str, subject: str, message: str, priority: int = 6, /, **details: Any) -> None:
        self.append((subject, message, details.get("exit_code")))


def finish(loop: Loop, notifier: Notifier, within: float = 10.0) -> None:
    """Run the loop until no script is left."""
    notifier.when_idle(loop.stop)
    limit = loop.call_later(within, loop.stop)
    loop.run()
    limit.cancel()
    assert notifier.idle


def shell(text: str) -> Command:
    return Command(("/bin/sh", "-c", text))


def test_scripts_of_a_subject_keep_their_order_and_none_is_left_out(loop: Loop, tmp_path: Path) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    for number, pause in enumerate(("0.2", "0.1", "0", "0")):
        notifier.run("VI_1", shell(f"sleep {pause}; echo {number} >> {tmp_path}/out"))
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["0", "1", "2", "3"]


def test_last_words_wait_for_what_is_quick_enough(loop: Loop, tmp_path: Path) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    for word in ("first", "second"):
        notifier.run("VI_1", shell(f"sleep 0.05; echo {word} >> {tmp_path}/out"))
    notifier.part(10, loop.stop)
    notifier.run("VI_1", shell(f"echo last >> {tmp_path}/out"))
    loop.run()
    assert notifier.idle
    assert (tmp_path / "out").read_text().split() == ["first", "second", "last"]


def test_last_words_do_not_wait_for_what_is_not(loop: Loop, tmp_path: Path) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; echo slow >> {tmp_path}/out"))
    notifier.run("VI_1", shell(f"echo waited >> {tmp_path}/out"))
    notifier.part(0.2, loop.stop)
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/last ]; do sleep 0.02; done; echo stop >> {tmp_path}/out"))
    notifier.run("VI_1", shell(f"touch {tmp_path}/last"))
    loop.run()
    assert not notifier.idle
    assert ["was not started: lvsd is stopping" in text for _, text, _ in said] == [True]
    loop.call_later(0, lambda: eventually_go(tmp_path, loop))
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["stop", "slow"]


def eventually_go(folder: Path, loop: Loop) -> None:
    """The slow one may end when the last one has."""
    if (folder / "out").exists():
        (folder / "go").touch()
    else:
        loop.call_later(0.02, lambda: eventually_go(folder, loop))


def test_subjects_do_not_wait_for_each_other(loop: Loop, tmp_path: Path) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done"))
    notifier.run("VI_2", shell(f"touch {tmp_path}/go"))
    finish(loop, notifier)


def test_arguments_are_words_whatever_they_contain(loop: Loop, tmp_path: Path) -> None:
    command = Command(("/bin/sh", "-c", f'printf "%s|" "$@" > {tmp_path}/out', "name"))
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    notifier.run("VI_1", command, ("INSTANCE", "a b;$(c)", "MASTER", "150"))
    finish(loop, notifier)
    assert (tmp_path / "out").read_text() == "INSTANCE|a b;$(c)|MASTER|150|"


@pytest.mark.parametrize(("text", "code", "words"), [
    ("exit 3", 3, "exit code 3"), ("kill -9 $$", -9, "ended by signal 9"), ("true", 0, "exit code 0"),
])  # fmt: skip
def test_the_end_of_a_script_is_reported(loop: Loop, text: str, code: int, words: str) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    notifier.run("VI_1", shell(text))
    finish(loop, notifier)
    assert [(s, c) for s, _, c in said] == [("VI_1", code)]
    assert words in said[0][1]


def test_a_script_that_does_not_exist_is_reported_and_the_next_one_runs(loop: Loop, tmp_path: Path) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    notifier.run("VI_1", Command(("/nonexistent",)))
    notifier.run("VI_1", shell(f"touch {tmp_path}/ran"))
    finish(loop, notifier)
    assert "is not run" in said[0][1]
    assert (tmp_path / "ran").exists()


def test_a_script_that_does_not_end_is_ended_with_its_children(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.2)
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop), limits=ScriptLimits(timeout=3.0))
    notifier.run("VI_1", shell(f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 1; done"))
    finish(loop, notifier)
    assert said[-1][2] == -9
    group = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10  # its last process was told to end, which takes a moment
    while alive_in_group(group) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive_in_group(group) == []


def alive_in_group(pgid: int) -> list[str]:
    """The processes of a group; one that has ended and is not reaped yet does not count."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == pgid and state not in "ZX":
            found.append(stat.parent.name)
    return found


def test_no_command_is_no_script(loop: Loop) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    notifier.run("VI_1", None)
    assert notifier.idle


def test_an_unknown_user_is_reported(loop: Loop) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    notifier.run("VI_1", Command(("/bin/true",), user="no-such-user"))
    finish(loop, notifier)
    assert "is not run" in said[0][1]


def states(folder: Path, *words: str) -> list[Scripts]:
    """The scripts of each state write its word; the first waits for the file `go`."""
    wait = f"while [ ! -e {folder}/go ]; do sleep 0.02; done; "
    return [[(shell(f"{wait if n == 0 else ''}echo {word} >> {folder}/out"), ())] for n, word in enumerate(words)]


def test_states_that_have_passed_before_their_script_began_are_left_out(loop: Loop, tmp_path: Path) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    for scripts in states(tmp_path, "BACKUP", "MASTER", "BACKUP", "FAULT", "MASTER"):
        notifier.tell("VI_1", scripts)
    loop.call_later(0.1, (tmp_path / "go").touch)
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["BACKUP", "MASTER"]
    assert [text for _, text, _ in said if "not started" in text] == 3 * [
        "VI_1: 1 script of a state that has passed: not started"
    ]


def test_a_state_without_a_script_passes_over_those_that_wait(loop: Loop, tmp_path: Path) -> None:
    """`notify_master` alone: who is Backup again starts nothing for a Virtual Router that it has not."""
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    for scripts in [*states(tmp_path, "FAULT", "MASTER"), [(None, ())]]:
        notifier.tell("VI_1", scripts)
    loop.call_later(0.1, (tmp_path / "go").touch)
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["FAULT"]
    assert "VI_1: 1 script of a state that has passed: not started" in [text for _, text, _ in said]


def test_both_scripts_of_a_state_wait_and_pass_together(loop: Loop, tmp_path: Path) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    for word in ("BACKUP", "MASTER", "FAULT"):
        specific = shell(f"[ {word} != BACKUP ] || while [ ! -e {tmp_path}/go ]; do sleep 0.02; done")
        notifier.tell("VI_1", [(specific, ()), (shell(f"echo {word} >> {tmp_path}/out"), ())])
    loop.call_later(0.1, (tmp_path / "go").touch)
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["FAULT"]
    counts = [text.split()[1] for _, text, _ in said if "not started" in text]
    assert counts == ["1", "2"]  # `notify` of BACKUP, then both of MASTER


def test_what_happened_is_run_once_however_often_it_waits(loop: Loop, tmp_path: Path) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done"))
    for _ in range(100):
        notifier.run("VI_1", shell(f"echo lower >> {tmp_path}/out"))
    notifier.tell("VI_1", [(shell(f"echo MASTER >> {tmp_path}/out"), ())])
    loop.call_later(0.1, (tmp_path / "go").touch)
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["lower", "MASTER"]


def test_a_script_that_hangs_does_not_hold_the_next_state_back(loop: Loop, tmp_path: Path) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop), limits=ScriptLimits(timeout=60, wait=0.2))
    notifier.tell("VI_1", [(shell("sleep 60"), ())])
    notifier.tell("VI_1", [(shell(f"echo MASTER >> {tmp_path}/out"), ())])
    finish(loop, notifier)
    assert (tmp_path / "out").read_text() == "MASTER\n"
    assert said[0][1].endswith("ended after 0 s: a newer state waits for it")


def test_a_script_may_take_its_time_while_no_newer_state_waits(loop: Loop, tmp_path: Path) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop), limits=ScriptLimits(timeout=60, wait=0.1))
    notifier.tell("VI_1", [(shell(f"sleep 0.5; echo MASTER >> {tmp_path}/out"), ())])
    notifier.tell("VI_2", [(shell("true"), ())])
    finish(loop, notifier)
    assert (tmp_path / "out").read_text() == "MASTER\n"


def test_a_last_word_is_not_left_out(loop: Loop, tmp_path: Path) -> None:
    notifier = Notifier(loop, Said(), LocalPrograms(loop))
    notifier.part(10, loop.stop)
    for scripts in states(tmp_path, "BACKUP", "STOP", "DELETED"):
        notifier.tell("VI_1", scripts)
    loop.call_later(0.1, (tmp_path / "go").touch)
    loop.run()
    assert (tmp_path / "out").read_text().split() == ["BACKUP", "STOP", "DELETED"]


def test_a_program_that_is_refused_is_told_once(loop: Loop, tmp_path: Path) -> None:
    said = Said()
    notifier = Notifier(loop, said, LocalPrograms(loop))
    for _ in range(3):
        notifier.tell("VI_1", [(Command(("/nonexistent",)), ())])
        finish(loop, notifier)
    assert len(said) == 1
    shown: list[Shown] = []

    def show(refused: Shown) -> None:
        shown.append(refused)
        loop.stop()

    notifier.programs.refused(show)
    loop.run()
    assert [refused["program"] for refused in shown[0]] == ["/nonexistent"]
