# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process between the starter and one program: nothing that the program starts outlives it.

It is a fork of the starter and a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): whatever loses its parent becomes
its child, also what has a session of its own.  So when it has no child left, nothing of the program is left, by
construction.  A cgroup would do the same, but the unit has no right to make one (ProtectControlGroups=), and a daemon
that is started by hand has none of its own.

    the program ends         ─▶ what it left behind gets SIGKILL, until there is no child left
    SIGTERM, or too long     ─▶ SIGTERM to the process group of the program; after `grace` seconds SIGKILL to all
    SIGUSR1                  ─▶ SIGKILL to all
    the starter dies         ─▶ nothing: a notify script is finished, and the limit still holds

It says how it went on a pipe, in lines: `failed ERRNO` (the program did not start), `code N` (negative: the signal),
`left N` (how many processes had to be ended behind it).
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from lvsd import capabilities
from lvsd.forked import keep_only, leave_the_terminal, set_name

from .security import Account

POLITELY, AT_ONCE = signal.SIGTERM, signal.SIGUSR1  # what the starter sends
ORDERS = {signal.SIGCHLD, POLITELY, AT_ONCE}
SHELL = "/bin/sh"
NAME = "lvsd_program"  # as `ps -o comm` shows it
SWEEP = 0.01  # seconds between two looks at what does not end
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to run, and for how long: `limit` and `grace` are seconds.  `account` None: nothing is changed."""

    words: Sequence[str]
    account: Account | None
    environment: Mapping[str, str]
    limit: float
    grace: float


def fork(task: Task) -> tuple[int, int]:
    """Start the program; the process to wait for and signal, and the end of the pipe to read.  Raises OSError."""
    read, write = os.pipe2(os.O_CLOEXEC)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # none may meet the starter's handlers
    try:
        pid = os.fork()
        if pid == 0:
            be(task, write)
    except OSError:
        os.close(read)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(write)
    os.set_blocking(read, False)
    return pid, read


def be(task: Task, report: int) -> NoReturn:
    """In the child, with all signals blocked; the starter's stack is not the child's to return to."""
    try:
        capabilities.use_all()  # a program of root has what the daemon has
        leave_the_starter(report)
        program = os.fork()
        if program == 0:
            become(task, report)
        children = Children()
        tell(report, f"code {children.wait(program, task)}")
        tell(report, f"left {children.end_all()}")
    except OSError as error:
        tell(report, f"failed {error.errno}")
    finally:
        os._exit(0)


def leave_the_starter(report: int) -> None:
    """Give up what a fork has of the starter: signals, terminal, descriptors but `report`, and its name.

    From then on the kernel makes this process the parent of the program's orphans (prctl(2)). Raises OSError.
    """
    signal.set_wakeup_fd(-1)
    leave_the_terminal()
    keep_only(report)
    set_name(NAME)
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def become(task: Task, report: int) -> NoReturn:
    """Be the program, in a session of its own, from the folder /."""
    try:
        os.setsid()
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)  # Python ignores SIGPIPE; a program expects it
        if task.account is not None:
            os.setgroups(task.account.groups)
            os.setgid(task.account.gid)
            os.setuid(task.account.uid)
        os.chdir("/")
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        try:
            os.execve(task.words[0], list(task.words), task.environment)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            os.execve(SHELL, [SHELL, *task.words], task.environment)  # without #!: as a shell would take it
    except OSError as error:
        tell(report, f"failed {error.errno}")
    except ValueError:  # a word with a zero byte
        tell(report, f"failed {errno.EINVAL}")
    finally:
        os._exit(127)


class Children:
    """What this process has to wait for; `ended` keeps the exit codes of those that it has reaped."""

    def __init__(self) -> None:
        self.ended: dict[int, int] = {}

    def wait(self, program: int, task: Task) -> int:
        """Until the program has ended; its exit code, negative for a signal."""
        deadline, polite = time.monotonic() + task.limit, False
        while True:
            caught = signal.sigtimedwait(ORDERS, max(0.0, deadline - time.monotonic()))
            self.reap()
            if program in self.ended:
                return self.ended[program]
            if caught is not None and caught.si_signo == signal.SIGCHLD:
                continue
            if polite or (caught is not None and caught.si_signo == AT_ONCE):
                send(program, signal.SIGKILL)
                kill(self.living())
            else:
                send(program, signal.SIGTERM)
            polite, deadline = True, time.monotonic() + task.grace

    def end_all(self) -> int:
        """SIGKILL to every child, until there is none; a child's children come here when it has ended.

        How many processes that were.
        """
        killed: set[int] = set()
        while left := self.living():
            kill(left)
            killed |= left
            signal.sigtimedwait({signal.SIGCHLD}, SWEEP)
        return len(killed)

    def living(self) -> set[int]:
        """The children, from /proc/PID/stat: the list in /proc/PID/task is an option of the kernel."""
        if not self.reap():
            return set()  # the usual case: there is nothing to look for
        ours = str(os.getpid())
        return {int(name) for name in os.listdir("/proc") if name.isdigit() and parent_of(name) == ours}

    def reap(self) -> bool:
        """Note those that have ended; whether there are others."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            self.ended[pid] = os.waitstatus_to_exitcode(status)


def send(program: int, number: int) -> None:
    """To the process group that the program leads."""
    try:
        os.killpg(program, number)
    except ProcessLookupError:  # it has not got so far yet
        kill({program}, number)


def kill(pids: set[int], number: int = signal.SIGKILL) -> None:
    """Send a signal to each of `pids` that still exists."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def parent_of(pid: str) -> str | None:
    """proc_pid_stat(5); the name of a program may hold anything but ends with the last parenthesis."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[1].decode()
    except (OSError, IndexError):
        return None


def tell(report: int, line: str) -> None:
    """Write one line to the starter, if it still listens."""
    try:
        os.write(report, f"{line}\n".encode())
    except OSError:  # the starter has gone: a pipe without a reader
        pass
