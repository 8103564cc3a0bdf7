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


def _inside(parent: str, *without: str) -> tuple[str, ...]:
    """The Python files and the folders with such in a folder, without the named ones."""
    found = (path for path in (ROOT / parent).iterdir() if path.suffix == ".py" or any(path.rglob("*.py")))
    return tuple(sorted(str(path.relative_to(ROOT)) for path in found if path.name not in without))


SUPERVISOR, NETNS, KERNEL = (_folders(f"tests/daemon/{level}") for level in ("pure/supervisor", "netns", "kernel"))
PURE = tuple(folder for folder in _folders("tests/daemon/pure") if folder not in SUPERVISOR)
PACKAGES = ("tests/daemon/conftest.py", "tests/daemon/simulation", "tests/daemon/fuzz")  # imported by their whole names

QUESTIONS = {
    "lvsd": Question("runtime/pyproject.toml", ("runtime/lvsd",)),
    "plugins": Question(f"{HERE}/plugins.ini"),
    "tests": Question(f"{HERE}/tests.ini", (*_inside("tests", "daemon", "output"), *PACKAGES)),
    "pure": Question(f"{HERE}/tests.ini", _inside("tests/daemon/pure", "supervisor", "__pycache__"), PURE),
    "supervisor": Question(f"{HERE}/tests.ini", ("tests/daemon/pure/supervisor",), SUPERVISOR),
    "netns": Question(f"{HERE}/tests.ini", ("tests/daemon/netns",), NETNS),
    "kernel": Question(f"{HERE}/tests.ini", ("tests/daemon/kernel",), (*KERNEL, *NETNS)),
}
