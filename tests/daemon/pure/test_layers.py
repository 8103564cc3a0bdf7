# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arrows in ARCHITECTURE.md, as a test: pure modules do no I/O, and imports point one way."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.imports import names

ROOT = Path(__file__).parents[3] / "runtime" / "lvsd"
FILES = sorted(ROOT.rglob("*.py"))
IO = {"asyncio", "ctypes", "os", "random", "select", "signal", "socket", "ssl", "subprocess", "time"}
SHELL = {
    "__main__.py",
    "loop.py",
    "log.py",
    "pidfd.py",
    "timerfd.py",
    "signals.py",
    "regular_files.py",
    "capabilities.py",
    "forked.py",
    "forked_answer.py",
    "conf/source.py",
}
SHELL |= {
    f"control/{name}.py"
    for name in ("server", "control_socket", "connection", "peer", "client", "async_client", "events")
}
SHELL |= {f"programs/{name}.py" for name in ("program_path", "identity", "configured", "run", "subreaper")}
SHELL |= {f"programs/{name}.py" for name in ("starter", "client")}
SHELL |= {
    "conf/source.py",
    "kernel/netlink_socket.py",
    "kernel/packet_socket.py",
    "vrrp/sockets.py",
    "vrrp/worker.py",
    "check/worker.py",
}
SHELL_PACKAGES = {"check/probe", "supervisor", "ctl", "worker"}

# what every worker is made of
WORKER = {"loop", "control", "programs", "worker", "worker/registry", "signals", "regular_files", "log", "severity"}

# package -> the packages of ours that it may import (a package may always import itself)
ARROWS = {
    "postponed": set(),
    "record": set(),
    "model": {"record"},
    "loop": {"pidfd", "timerfd", "record"},
    "pidfd": {"loop"},
    "capabilities": set(),
    "forked": set(),
    "forked_answer": {"forked", "loop"},
    "timerfd": set(),
    "options": {"worker/registry", "record"},
    "signals": {"loop"},
    "regular_files": set(),
    "severity": set(),
    "log": {"severity"},
    "version": set(),
    "rate_limit": {"loop"},
    "control": {"loop", "version", "regular_files", "severity", "record"},
    "worker": {
        "worker/registry",
        "capabilities",
        "forked",
        "forked_answer",
        "loop",
        "control",
        "regular_files",
        "options",
        "log",
        "severity",
        "conf",
        "model",
        "programs",
        "record",
        "signals",
    },
    "worker/registry": {"loop", "record"},
    "reconcile": set(),
    "conf": {"model", "record", "worker/registry"},
    "kernel": {"reconcile", "record"},
    "vrrp": {"model", "record", "conf", "kernel", "reconcile", "rate_limit", *WORKER},
    "check": {"model", "record", "conf", "kernel", "reconcile", *WORKER},
    "programs": {"model", "record", "loop", "conf", "signals", "severity", "capabilities", "forked", "forked_answer"},
    "supervisor": {"model", "record", "conf", "options", "log", "version", "capabilities", "forked", *WORKER},
    "ctl": {"control", "conf", "model", "worker/registry"},
    "__main__": {"supervisor", "conf", "loop", "model", "options", "worker", "worker/registry"},
}


def layer(parts: list[str]) -> str:
    """The package that a module belongs to; the registry of the workers stands below the package that it is in."""
    return "worker/registry" if parts[:2] == ["worker", "registry"] else parts[0]


def imports(path: Path) -> tuple[set[str], set[str]]:
    """(top-level standard modules, packages of ours) that a file imports."""
    outside: set[str] = set()
    ours: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        for name in names(node, path, ROOT):
            parts = name.split(".")
            if parts[0] == "lvsd":
                ours |= {layer(parts[1:])} if len(parts) > 1 else set()
            else:
                outside.add(parts[0])
    return outside, ours


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_shell_does_io(path: Path) -> None:
    outside, _ = imports(path)
    name = str(path.relative_to(ROOT))
    shell = name in SHELL or any(name.startswith(f"{package}/") for package in SHELL_PACKAGES)
    assert shell or not outside & IO


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    relative = path.relative_to(ROOT)
    package = layer([part.removesuffix(".py") for part in relative.parts])
    if package == "__init__":
        return
    _, ours = imports(path)
    assert ours - {package, "__version__"} <= ARROWS[package]


# What starts processes: workers, their starters, the children that read a configuration, the child that searches, and
# modprobe.  None of these runs a program that the operator has named: that is for programs/subreaper.py, in a starter,
# which judges it before each run.
STARTS = {
    "programs/subreaper.py",
    "programs/starter.py",
    "forked_answer.py",
    "supervisor/fork.py",
    "supervisor/daemonize.py",
    "supervisor/reexec.py",
    "check/probe/regex_search.py",
    "check/worker.py",
}
STARTERS = re.compile(r"\b(?:fork|forkpty|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|popen|system)$")


def modules(path: Path) -> set[str]:
    """Every module that a file imports, by its whole name."""
    return {name for node in ast.walk(ast.parse(path.read_text())) for name in names(node, path, ROOT)}


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
    text = path.read_text()
    assert "subreaper.fork(" not in text or name == "programs/run.py"
    assert "StartedProgram(" not in text or name in {"programs/run.py", "programs/starter.py"}  # it is judged first
    if not name.startswith("programs/"):  # a worker asks its starter
        own = tuple(f"lvsd.programs.{name}" for name in ("subreaper", "run", "configured", "part"))
        assert not any(f"{module}.".startswith(own) for module in modules(path))


def test_a_class_name_stands_once() -> None:
    """Who reads a name knows which class is meant."""
    places: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
