# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines' clocks against the host's, so that events of several machines fit on one timeline.

QEMU hands its guest whole seconds (the RTC), so a machine boots up to half a second off, and one that was woken from a
saved state thinks it is still then. The lab steps the clock once ssh answers, and gives the kernel a seed of its own in
the same breath: woken copies would else draw the same random numbers. A small program inside answers with its time;
the round trip with the least delay counts, and half of that delay bounds the error. Under emulation one to three
milliseconds are usual.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

ROUNDS = 12
RESEED = 0x5207  # RNDRESEEDCRNG of <linux/random.h>
PROGRAM = f"""
import fcntl, sys, time
for row in sys.stdin:
    if row.strip():
        step, seed = row.split()
        time.clock_settime(time.CLOCK_REALTIME, time.time() + float(step))
        with open("/dev/urandom", "wb", 0) as pool:
            pool.write(bytes.fromhex(seed))
            fcntl.ioctl(pool, {RESEED})
    print(repr(time.time()), flush=True)
"""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """`offset`: seconds the machine's clock is ahead of the host's; `error`: by how much that may be wrong."""

    offset: float
    error: float


def best(samples: Sequence[tuple[float, float, float]]) -> ClockReading:
    """From (sent, machine's time, received) the sample with the shortest round trip. Pure."""
    sent, theirs, received = min(samples, key=lambda sample: sample[2] - sample[0])
    return ClockReading(theirs - (sent + received) / 2, (received - sent) / 2)


def measure(ssh: list[str]) -> ClockReading:
    """Of the machine that the ssh command line `ssh` leads to."""
    return converse(ssh, read)


def synchronize(ssh: list[str]) -> ClockReading:
    """Step the machine's clock by what was measured, and measure what is left."""

    def adjust(ask: Callable[[str], float]) -> ClockReading:
        ask(f"{-read(ask).offset!r} {os.urandom(32).hex()}")
        return read(ask)

    return converse(ssh, adjust)


def read(ask: Callable[[str], float]) -> ClockReading:
    samples = []
    for _ in range(ROUNDS):
        sent = time.time()
        theirs = ask("")
        samples.append((sent, theirs, time.time()))
    return best(samples)


def converse(ssh: list[str], talk: Callable[[Callable[[str], float]], ClockReading]) -> ClockReading:
    program = f"python3 -I -S -c {shlex.quote(PROGRAM)}"
    with subprocess.Popen([*ssh, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            stdin: IO[str] = process.stdin
            stdout: IO[str] = process.stdout

            def ask(word: str) -> float:
                stdin.write(word + "\n")
                stdin.flush()
                return float(stdout.readline())

            reading = talk(ask)
            stdin.close()
            process.wait(timeout=10)
            return reading
        finally:
            process.kill()
