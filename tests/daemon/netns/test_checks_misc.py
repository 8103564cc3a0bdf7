# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MISC_CHECK: real programs, their exit status, their end."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.regex_search import Searcher
from lvsd.check.probe.start import start
from lvsd.check.probe_spec import MiscProbe
from lvsd.loop import Loop
from lvsd.model import Command
from probes import outcome

from tests.support.programs import LocalPrograms


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "check"
    path.write_text(text)
    path.chmod(0o755)
    tmp_path.chmod(0o755)
    return str(path)


def misc(*words: str, dynamic: bool = False, user: str = "root") -> MiscProbe:
    return MiscProbe(command=Command(words, user), dynamic=dynamic)


@pytest.mark.parametrize(
    ("code", "dynamic", "passed", "weight"),
    [
        (0, False, True, None),
        (1, False, False, None),
        (2, False, False, None),
        (0, True, True, None),
        (1, True, False, None),
        (2, True, True, 0),
        (12, True, True, 10),
        (255, True, True, 253),
    ],
)
def test_exit_status(code: int, dynamic: bool, passed: bool, weight: int | None) -> None:
    result = outcome(misc("/bin/sh", "-c", f"exit {code}", dynamic=dynamic))
    assert (result.passed, result.weight) == (passed, weight)
    assert result.detail.startswith(f"exit status {code}")


def test_words_reach_the_program_as_they_are(tmp_path: Path) -> None:
    path = script(tmp_path, '#!/bin/sh\n[ $# = 2 ] && [ "$1" = "a b" ] && [ "$2" = \'$HOME;*\' ]\n')
    assert outcome(misc(path, "a b", "$HOME;*")).passed


def test_a_script_without_an_interpreter_line_runs(tmp_path: Path) -> None:
    assert outcome(misc(script(tmp_path, "exit $1\n"), "0")).passed
    assert outcome(misc(script(tmp_path, "exit $1\n"), "3")).detail == "exit status 3"


def test_what_cannot_run_says_nothing_about_the_server(tmp_path: Path) -> None:
    absent, folder = outcome(misc("/nowhere/check")), outcome(misc(str(tmp_path)))
    assert (absent.looked, absent.detail) == (False, "cannot run: /nowhere: no such file or directory")
    assert (folder.looked, folder.detail) == (False, f"cannot run: {tmp_path} is a folder, no program")
    assert not outcome(misc("/bin/true", user="nobody-of-that-name")).looked


def test_a_program_runs_as_its_user() -> None:
    assert outcome(misc("/bin/sh", "-c", '[ "$(id -un)" = nobody ]', user="nobody")).passed


def test_a_program_ended_by_a_signal_fails() -> None:
    assert outcome(misc("/bin/sh", "-c", "kill -9 $$")).detail == "ended by signal 9"


def group_is_gone(pid: int) -> bool:
    """No process of this group is left, or only ones that wait to be reaped."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _parent, group = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
            except OSError:
                continue
            if int(group) == pid and state != "Z":
                return False
    return True


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path, stubborn: bool) -> None:
    pid_file = tmp_path / "pid"
    ignore = "trap '' TERM\n" if stubborn else ""
    path = script(tmp_path, f"#!/bin/sh\n{ignore}echo $$ > {pid_file}\nsleep 60 &\nsleep 60\n")
    result = outcome(misc(path), timeout=0.4)
    assert (result.passed, result.detail) == (False, "timeout after 0.4 s")
    assert (1.5 < result.latency < 5) if stubborn else (result.latency < 1.5)
    assert group_is_gone(int(pid_file.read_text()))


def test_a_cancelled_program_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    path = script(tmp_path, f"#!/bin/sh\necho $$ > {pid_file}.new\nmv {pid_file}.new {pid_file}\nsleep 60\n")
    loop = Loop()
    results: list[Result] = []
    running = start(loop, misc(path), 0, 5, results.append, Searcher(loop), LocalPrograms(loop))

    def wait() -> None:
        if pid_file.exists():
            running.cancel()
            loop.call_later(0.5, loop.stop)
        else:
            loop.call_later(0.01, wait)

    wait()
    limit = loop.call_later(10, loop.stop)
    loop.run()
    limit.cancel()
    loop.close()
    assert results == []
    assert group_is_gone(int(pid_file.read_text()))
