# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a worker takes the place of the one before it, which may run, hang, have crashed or never have been.

The successor calls `end_predecessor` when it has prepared everything that can fail.  After it there is no predecessor,
and whatever that one held is in the kernel and in RUNTIME_DIR, exactly as after a crash.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import stat
from pathlib import Path

from lvsd import regular_files
from lvsd.control.peer import Peer
from lvsd.control.server import Unreachable, request

from .registry import WORKERS
from .system_user import runs_as_it

ANSWER_WITHIN = 1.0  # seconds
LEAVE_WITHIN = 2.0
PROCESSES = Path("/proc")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def end_predecessor(control: Path) -> bool:
    """End the worker that serves the socket `control`, releasing nothing; whether there was one.

    It is asked to `leave`, and killed if it cannot or does not.  Takes at most some 4 seconds, a few milliseconds
    where all is well.  No process but a worker is killed, whatever a socket says.  Raises OSError as `unoccupied`.
    """
    unoccupied(control)
    pid, answers = _serving(control)
    if pid is None or pid == os.getpid():
        return False
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not (answers and _agrees(control) and _gone(pidfd)) and is_worker(pid):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            _gone(pidfd)
    except ProcessLookupError:
        pass  # it has just ended
    finally:
        os.close(pidfd)
    return True


def unoccupied(control: Path) -> None:
    """Raises OSError, which names the path, where there is no socket, or the socket of a process that is none of ours.

    A predecessor's socket, or one that a crash has left, is ours.
    """
    try:
        mode = os.lstat(control).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise regular_files.wrong_kind(control, mode, "the control socket")
    pid = _listening(control)
    if pid is None or pid == os.getpid() or is_worker(pid):
        return
    if name := _name(pid):
        raise OSError(errno.EADDRINUSE, f"pid {pid} ({name}) listens there, and is no process of lvsd", str(control))


def _listening(control: Path) -> int | None:
    """The process that began to listen there, if there is one that can be reached."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_WITHIN)
        try:
            connection.connect(os.fspath(control))
        except OSError:  # no file, no process behind it, or no room in the backlog of one that hangs
            return None
        return Peer.of(connection).pid


def _name(pid: int) -> str | None:
    """Of a process that has not ended; one of another PID namespace has the number 0 here, and no name."""
    if not pid:
        return "of another namespace"
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name, _unused, rest = after_name.partition("(")[2].rpartition(")")
    return None if rest.split()[0] in ("Z", "X") else name


def this_boot() -> str:
    """The name of this boot of the machine: what was left during another one means nothing.  Raises OSError."""
    return BOOT_ID.read_text().strip()


def _serving(control: Path) -> tuple[int | None, bool]:
    """(the process, whether it answers `ping`); of one that is silent, the process that began to listen there."""
    listening = _listening(control)
    if listening is None:
        return None, False
    try:
        return int(request(control, "ping", timeout=ANSWER_WITHIN)["pid"]), True
    except (Unreachable, KeyError, TypeError, ValueError):
        return listening, False


def _agrees(control: Path) -> bool:
    try:
        return request(control, "leave", timeout=ANSWER_WITHIN).get("ok") is True
    except Unreachable:
        return False


def is_worker(pid: int) -> bool:
    """Whether `pid` is a worker of ours, and not who else has that number by now.

    /proc hides a process that was root before it became the system user from that user (ProtectProc=invisible): then
    that it is one of the system user has to do, as that user has no other processes.
    """
    process = PROCESSES / str(pid)
    if not process.exists():
        return runs_as_it() and _may_signal(pid)
    try:
        names = {worker.process_name for worker in WORKERS.values()}
        return (process / "comm").read_text().strip() in names or b"--worker" in _words(process)
    except OSError:
        return False


def _may_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _words(process: Path) -> list[bytes]:
    return (process / "cmdline").read_bytes().split(b"\0")


def _gone(pidfd: int) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(LEAVE_WITHIN * 1000))
