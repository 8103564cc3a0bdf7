# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs of mypy that together see every Python file of the repository once.

pytest lets a test import its neighbours by their bare names, so that two folders may each hold a `network.py`.  mypy
knows a name once, so that the tests are several questions, each with the folders that its files import from.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
HERE = "tests/mypy"


class Question(NamedTuple):
    """One run: mypy's configuration, the files or folders it is asked about, and the folders imports start from."""

    configuration: str
    files: tuple[str, ...] = ()
    imports_from: tuple[str, ...] = ()


def _folders(parent: str) -> tuple[str, ...]:
    """The folder and those below it that hold Python files and are no packages."""
    found = {path.parent for path in (ROOT / parent).rglob("*.py")}
    plain = {folder for folder in found if not (folder / "__init__.py").exists()}
    return tuple(sorted(str(folder.relative_to(ROOT)) for folder in plain))


def _beside_the_daemon() -> tuple[str, ...]:
    """What is in tests/ without the tests of the daemon."""
    found = (path for path in (ROOT / "tests").iterdir() if path.is_dir() or path.suffix == ".py")
    with_python = (path for path in found if path.is_file() or any(path.rglob("*.py")))
    return tuple(sorted(str(path.relative_to(ROOT)) for path in with_python if path.name not in ("daemon", "output")))


NETNS, KERNEL = (_folders(f"tests/daemon/{level}") for level in ("netns", "kernel"))
PACKAGES = ("tests/daemon/conftest.py", "tests/daemon/simulation", "tests/daemon/fuzz")  # imported by their whole names

QUESTIONS = {
    "lvsd": Question("runtime/pyproject.toml", ("runtime/lvsd",)),
    "plugins": Question(f"{HERE}/plugins.ini"),
    "tests": Question(f"{HERE}/tests.ini", (*_beside_the_daemon(), *PACKAGES)),
    "netns": Question(f"{HERE}/tests.ini", ("tests/daemon/netns",), NETNS),
    "kernel": Question(f"{HERE}/tests.ini", ("tests/daemon/kernel",), (*KERNEL, *NETNS)),
}
