# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passed a machine's wire, and when: the kernel's time stamps at its tap, on the host's own clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

from tests.daemon.netns import listen
from tests.lab.lab import Lab
from tests.lab.machine import Machine
from tests.lab.network import enter_command

IPV4, ARP, VRRP = b"\x08\x00", b"\x08\x06", 112
Frames = list[tuple[float, bytes]]
"""(wall clock, Ethernet frame)."""


@contextmanager
def listening(lab: Lab, machine: Machine, interface: str) -> Iterator[Path]:
    """The file that grows by every frame of `interface` ("eth0") while the context lasts."""
    tap = machine.interface(interface).tap
    output = lab.where.logs / f"{machine.name}.{interface}.frames"
    output.unlink(missing_ok=True)
    command = [*enter_command(lab.where.namespace), sys.executable, listen.__file__, tap, str(output)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield output
    finally:
        process.terminate()
        process.wait()


def read_frames(output: Path) -> Frames:
    """What has been written so far; a line that is still being written is left out."""
    rows = output.read_text().splitlines(keepends=True) if output.exists() else []
    whole = [row.split() for row in rows if row.endswith("\n")]
    return [(float(time), bytes.fromhex(frame)) for time, frame in whole]


def last_advertisement(frames: Frames) -> float | None:
    """When the last VRRP packet over IPv4 passed (protocol 112, RFC 9568 §5.1.1.4)."""
    return max((time for time, frame in frames if frame[12:14] == IPV4 and frame[23] == VRRP), default=None)


def first_announcement(frames: Frames, address: str, after: float) -> float | None:
    """When the first ARP packet with `address` as its sender passed after `after`: a gratuitous ARP at take-over."""
    sender = IPv4Address(address).packed
    return min((t for t, f in frames if f[12:14] == ARP and f[28:32] == sender and t > after), default=None)
