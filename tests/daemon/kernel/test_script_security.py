# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""enable_script_security with real files: the scripts of services, and MISC_CHECK."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from checkers import Checker, flag_check, real, service
from inside import eventually

from tests.support.scripts import UNSAFE, Make, safe, spoil

GLOBALS = "global_defs {\n enable_script_security\n script_user root\n}\n"
KINDS = pytest.mark.parametrize("make", UNSAFE.values(), ids=UNSAFE)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders of root's, for two programs."""
    tmp_path.chmod(0o755)
    found = tmp_path / "first", tmp_path / "second"
    for folder in found:
        folder.mkdir()
    return found


def notes(tmp_path: Path) -> list[str]:
    path = tmp_path / "notes"
    return path.read_text().split() if path.exists() else []


def told(checker: Checker, path: Path) -> int:
    return sum(f"{path} is not run" in line for line in checker.log.splitlines())


def misc(path: Path) -> str:
    return f"MISC_CHECK {{\n misc_path {path}\n misc_timeout 5\n }}"


def seen(checker: Checker) -> tuple[bool, bool, str]:
    """Whether the server is up, whether its check can look, and what it says."""
    (server,) = checker.show()["servers"]
    (check,) = server["checks"]
    return server["up"], check["looked"], check["detail"]


@KINDS
def test_the_script_of_a_quorum_is_not_run_and_told(
    checker: Checker, tmp_path: Path, folders: tuple[Path, Path], make: Make
) -> None:
    path = make(folders[0], f"echo gained >> {tmp_path}/notes")
    behind = safe(folders[1], f"echo lost >> {tmp_path}/notes")
    checker.start(GLOBALS + service(real(11), more=f" quorum_up {path}\n quorum_down {behind}\n omega\n"))
    assert [refused["program"] for refused in checker.ask("show")["refused_programs"]] == [str(path)]
    assert checker.end(signal.SIGTERM) == 0
    assert notes(tmp_path) == ["lost"]  # it is behind the other one in the queue of its service
    assert told(checker, path) == 1


def test_the_script_of_a_quorum_that_is_changed_after_the_start_is_not_run_and_told(
    checker: Checker, flag: Path, tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    path = safe(folders[0], f"echo gained >> {tmp_path}/notes")
    behind = safe(folders[1], f"echo lost >> {tmp_path}/notes")
    more = f" quorum_up {path}\n quorum_down {behind}\n"
    checker.start(GLOBALS + service(real(11, check=flag_check(flag)), more=more))
    eventually(lambda: notes(tmp_path) == ["gained"], within=5)
    spoil(path)
    for turn in (1, 2):
        flag.unlink()
        eventually(lambda turn=turn: notes(tmp_path) == ["gained", *turn * ["lost"]], within=10)
        flag.touch()
        eventually(lambda: checker.show()["quorum"]["up"], within=10)
    eventually(lambda: checker.ask("show")["refused_programs"], within=5)
    assert told(checker, path) == 1


@KINDS
def test_a_check_that_others_can_change_is_not_run_and_the_server_stays_as_it_was(
    checker: Checker, tmp_path: Path, folders: tuple[Path, Path], make: Make
) -> None:
    path = make(folders[0], f"echo ran >> {tmp_path}/notes; exit 1")
    checker.start(GLOBALS + service(real(11, check=misc(path))))
    eventually(lambda: not seen(checker)[1], within=10)
    up, _, detail = seen(checker)
    assert up
    assert detail.startswith("could not look: cannot run: ")
    assert detail.endswith("and it would run as root")
    assert notes(tmp_path) == []
    assert told(checker, path) == 1
    assert checker.log.count("the server stays up") == 1


def test_a_check_that_is_changed_after_the_start_is_not_run(
    checker: Checker, tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    path = safe(folders[0], f"echo ran >> {tmp_path}/notes")
    checker.start(GLOBALS + service(real(11, check=misc(path))))
    eventually(lambda: len(notes(tmp_path)) > 1, within=10)
    spoil(path)
    eventually(lambda: not seen(checker)[1], within=10)
    before = len(notes(tmp_path))
    path.write_text(f"#!/bin/sh\necho failed >> {tmp_path}/notes\nexit 1\n")
    assert seen(checker)[0]
    path.chmod(0o755)
    eventually(lambda: not seen(checker)[0], within=10)
    assert notes(tmp_path)[before] == "failed"  # nothing ran in between
    assert checker.log.count("the server stays up") == 1


def test_what_only_root_can_change_runs(checker: Checker, tmp_path: Path, folders: tuple[Path, Path]) -> None:
    gained = safe(folders[0], f"echo gained >> {tmp_path}/notes")
    check = safe(folders[1], f"echo checked >> {tmp_path}/notes")
    checker.start(GLOBALS + service(real(11, check=misc(check)), more=f" quorum_up {gained}\n"))
    eventually(lambda: {"gained", "checked"} <= set(notes(tmp_path)), within=10)
    assert checker.ask("show")["refused_programs"] == []
