# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the peer waits after `systemctl stop` of the active director, and how much of that the emulation adds.

All times are the kernel's time stamps at the peer's taps, on the host's one clock: when the advertisement of priority 0
arrives, when the first gratuitous ARP leaves.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack

from tests.demo.wire import IPV4, VRRP, Frames, first_announcement, listening, read_frames
from tests.lab import Lab, LabError, eventually
from tests.lab.machine import Machine

from .place import THERE, VIP
from .tally import Handover

UDP, PORT = 17, 4000
ASK = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    line.settimeout(5)
    for number in range(int(sys.argv[3])):
        line.sendto(b"%d" % number, (sys.argv[1], int(sys.argv[2])))
        line.recv(64)
"""
SETTLED = 60.0  # seconds for a director to be back


def skew_time(priority: int, advert_int: float = 1.0) -> float:
    """Seconds, VRRP version 2 (RFC 3768 §6.1)."""
    assert advert_int == 1.0  # version 2 does not scale it
    return (256 - priority) / 256


def hand_over(lab: Lab, active: Machine, peer: Machine, priority: int) -> Handover:
    """Stop the daemon of `active`; `priority` is the peer's. Raises LabError when the peer does not take over."""
    with ExitStack() as stack:
        adverts = stack.enter_context(listening(lab, peer, "eth1"))
        announcements = stack.enter_context(listening(lab, peer, "eth0"))
        if not eventually(lambda: adverts.exists() and announcements.exists(), 10):
            raise LabError("nobody listens on the wire")
        active.run("systemctl stop lvsd")

        def seen() -> tuple[float, float] | None:
            left = resigned(read_frames(adverts))
            taken = left and first_announcement(read_frames(announcements), VIP, left)
            return (left, taken) if left and taken else None

        if not eventually(lambda: seen() is not None, 10):
            raise LabError(f"{peer.name} did not take over from {active.name}")
        left, taken = seen() or (0.0, 0.0)
    return Handover(active.name, peer.name, skew_time(priority), taken - left)


def resigned(frames: Frames) -> float | None:
    """When the first advertisement of priority 0 passed (RFC 9568 §5.2.4)."""
    found = (t for t, f in frames if f[12:14] == IPV4 and f[23] == VRRP and f[36] == 0)
    return min(found, default=None)


def latency(lab: Lab, machine: Machine, seconds: float, rounds: int) -> list[float]:
    """By how many seconds the machine is late with an answer that is due after `seconds`, seen on its wire."""
    address = machine.interface("public").addresses[0].partition("/")[0]
    command = [*machine.ssh_command("-T"), f"python3 -I {THERE}/latency.py {PORT} {seconds}"]
    with ExitStack() as stack:
        frames = stack.enter_context(listening(lab, machine, "eth0"))
        process = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        stack.callback(process.communicate, timeout=20)
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n" or not eventually(frames.exists, 10):
            raise LabError(f"nobody answers on {machine.name}")
        lab.client().run([sys.executable, "-c", ASK, address, str(PORT), str(rounds)])
        seen = datagrams(read_frames(frames))
    return [answer - question - seconds for question, answer in zip(seen[::2], seen[1::2], strict=True)]


def datagrams(frames: Frames) -> list[float]:
    """When the questions and answers passed, in turns."""
    port = PORT.to_bytes(2, "big")
    return [t for t, f in frames if f[12:14] == IPV4 and f[23] == UDP and port in (f[34:36], f[36:38])]
