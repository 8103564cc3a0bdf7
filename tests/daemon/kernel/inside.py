# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test does inside the machine: run commands, live in a network namespace of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000  # linux/sched.h
libc = ctypes.CDLL(None, use_errno=True)


def run(*command: str, stdin: str | None = None, within: float = 30) -> str:
    """What the command prints. Raises AssertionError with what it said when it fails."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def eventually(condition: Callable[..., object], within: float, every: float = 0.05) -> None:
    """Wait for a state. Raises AssertionError when it has not come after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(every)


@contextmanager
def fresh_namespace() -> Iterator[None]:
    """The caller's network namespace is a new one with `lo` up; named ones made meanwhile are gone at the end."""
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        checked(libc.unshare(CLONE_NEWNET))
        run("ip", "link", "set", "lo", "up")
        yield
    finally:
        for line in run("ip", "netns", "list").splitlines():
            remove(line.split()[0])
        checked(libc.setns(before, CLONE_NEWNET))
        os.close(before)


def remove(name: str) -> None:
    """A named namespace, and every process that still runs in it."""
    for pid in run("ip", "netns", "pids", name).split():
        os.kill(int(pid), signal.SIGKILL)
    run("ip", "netns", "delete", name)


def checked(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
