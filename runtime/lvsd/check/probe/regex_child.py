# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that looks for regular expressions in what servers say, so that the checker never has to.

Run as a file; imports nothing of ours.  Jobs come on standard input, one byte per job goes out on standard output.
A job that takes more than its time of CPU ends the program: the kernel's timer does not wait for the interpreter.
"""

from __future__ import annotations

import re
import signal
import struct
import sys

JOB = struct.Struct("!dIII")  # seconds of CPU, flags of `re`, lengths of expression and body
FOUND, ABSENT, UNUSABLE = b"1", b"0", b"!"


def main() -> None:
    """Search for what standard input says until it ends, one byte for each job."""
    while head := sys.stdin.buffer.read(JOB.size):
        seconds, flags, *lengths = JOB.unpack(head)
        regex, body = map(sys.stdin.buffer.read, lengths)
        signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends a program that does not ask for it
        answer = search(regex, flags, body)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def search(regex: bytes, flags: int, body: bytes) -> bytes:
    """Return the byte that says whether `regex` is in `body`, or cannot be looked for."""
    try:
        return FOUND if re.search(regex, body, flags) else ABSENT
    except (re.error, RecursionError, OverflowError, MemoryError):
        return UNUSABLE


if __name__ == "__main__":
    main()
