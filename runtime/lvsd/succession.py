# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a worker takes the place of the one before it, which may run, hang, have crashed or never have been.

The successor calls `relieve` when it has prepared everything that can fail.  After it there is no predecessor, and
whatever that one held is in the kernel and in RUNTIME_DIR, exactly as after a crash.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
from pathlib import Path

from .control import Unreachable, request

ANSWER_WITHIN = 1.0  # seconds
LEAVE_WITHIN = 2.0
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NAMES = ("lvsd_vrrp", "lvsd_checker")  # as `ps -o comm` shows them
_UCRED = struct.Struct("3i")  # unix(7): pid, uid, gid


def relieve(control: Path) -> bool:
    """End whoever serves the socket `control`, releasing nothing; whether there was somebody.

    It is asked to `leave`, and killed if it cannot or does not.  Takes at most some 4 seconds, a few milliseconds
    where all is well.  Nobody but a worker is killed, whatever a socket says.
    """
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


def this_boot() -> str:
    """The name of this boot of the machine: what was left during another one is nobody's.  Raises OSError."""
    return BOOT_ID.read_text().strip()


def _serving(control: Path) -> tuple[int | None, bool]:
    """(the process, whether it answers `ping`); of one that is silent, the process that began to listen there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_WITHIN)
        try:
            connection.connect(os.fspath(control))
        except OSError:  # no file, nobody behind it, or no room in the backlog of one that hangs
            return None, False
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    try:
        return int(request(control, "ping", timeout=ANSWER_WITHIN)["pid"]), True
    except (Unreachable, KeyError, TypeError, ValueError):
        return int(_UCRED.unpack(credentials)[0]), False


def _agrees(control: Path) -> bool:
    try:
        return request(control, "leave", timeout=ANSWER_WITHIN).get("ok") is True
    except Unreachable:
        return False


def is_worker(pid: int) -> bool:
    """Whether `pid` is a worker of ours, and not who else has that number by now."""
    try:
        process = Path(f"/proc/{pid}")
        return (process / "comm").read_text().strip() in NAMES or b"--worker" in _words(process)
    except OSError:
        return False


def _words(process: Path) -> list[bytes]:
    return (process / "cmdline").read_bytes().split(b"\0")


def _gone(pidfd: int) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(LEAVE_WITHIN * 1000))
