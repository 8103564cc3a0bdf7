# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arrows in ARCHITECTURE.md, as a test: pure modules do no I/O, and imports point one way."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "runtime" / "lvsd"
FILES = sorted(ROOT.rglob("*.py"))
IO = {"asyncio", "ctypes", "os", "random", "select", "signal", "socket", "ssl", "subprocess", "time"}
SHELL = {"worker.py", "sockets.py", "socket.py", "source.py", "loop.py", "control.py", "journal.py"}
SHELL |= {"__main__.py", "asking.py", "bond.py", "connection.py", "eventlog.py", "pidfd.py"}
SHELL |= {"signals.py", "succession.py", "files.py", "identity.py", "run.py", "subreaper.py"}
SHELL_PACKAGES = {"probe", "supervisor", "ctl"}

WORKER = {"loop", "control", "programs", "bond", "succession", "signals", "files"}  # what every worker is made of

# package -> the packages of ours that it may import (a package may always import itself)
ARROWS = {
    "postponed": set(),
    "record": set(),
    "model": {"record"},
    "loop": {"pidfd"},
    "pidfd": {"loop"},
    "options": set(),
    "signals": {"loop"},
    "files": set(),
    "journal": set(),
    "release": set(),
    "asking": set(),
    "asked": {"asking"},
    "eventlog": set(),
    "ratelimit": {"loop"},
    "connection": {"asked", "asking", "control"},
    "control": {"loop", "release", "asking", "asked", "connection", "eventlog", "files"},
    "bond": {"loop", "control"},
    "succession": {"control", "files"},
    "reconcile": set(),
    "conf": {"model", "record"},
    "kernel": {"reconcile", "record"},
    "vrrp": {"model", "record", "conf", "kernel", "reconcile", "ratelimit", *WORKER},
    "check": {"model", "conf", "kernel", "reconcile", *WORKER},
    "programs": {"model", "loop"},
    "supervisor": {"model", "conf", "options", "journal", "release", *WORKER} - {"bond"},
    "ctl": {"control", "conf", "model"},
    "__main__": {"supervisor", "vrrp", "check", "conf", "loop", "model", "options"},
}


def imports(path: Path) -> tuple[set[str], set[str]]:
    """(top-level standard modules, packages of ours) that a file imports."""
    outside: set[str] = set()
    ours: set[str] = set()
    package = ["lvsd", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            prefix = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            full = ".".join(filter(None, [prefix, node.module]))
            names = [full] if full != "lvsd" else [f"lvsd.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "lvsd":
                ours |= {parts[1]} if len(parts) > 1 else set()
            else:
                outside.add(parts[0])
    return outside, ours


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_shell_does_io(path: Path) -> None:
    outside, _ = imports(path)
    shell = path.name in SHELL or SHELL_PACKAGES & set(path.relative_to(ROOT).parts)
    assert shell or not outside & IO


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    relative = path.relative_to(ROOT)
    package = relative.parts[0].removesuffix(".py")
    if package == "__init__":
        return
    _, ours = imports(path)
    assert ours - {package, "__version__"} <= ARROWS[package]


# What starts processes: workers, the child that reads a configuration, the child that searches, and modprobe.  None of
# these runs a program that the operator has named: that is for programs/, where it is judged before each run.
STARTS = {
    "programs/subreaper.py",
    "supervisor/fork.py",
    "supervisor/process.py",
    "supervisor/reexec.py",
    "vrrp/worker.py",
    "check/probe/search.py",
    "check/worker.py",
}
STARTERS = re.compile(r"\b(?:fork|forkpty|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|popen|system)$")


def starts(path: Path) -> bool:
    """Whether a file can start a process by itself: os.fork and its kin, subprocess, multiprocessing, pty."""
    tree = ast.walk(ast.parse(path.read_text()))
    outside, _ = imports(path)
    return bool(outside & {"subprocess", "multiprocessing", "pty", "posix", "_posixsubprocess"}) or any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and STARTERS.match(node.attr)
        for node in tree
    )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_programs_starts_a_program_of_the_operators(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    assert starts(path) == (name in STARTS)
    if name.startswith("programs/") and name != "programs/run.py":
        assert "subreaper.fork(" not in path.read_text()  # it is judged first
