# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passed the bridge, with the kernel's time stamps: one packet socket, read when nothing is under measurement."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ETH_P_ALL = 3  # linux/if_ether.h
SO_TIMESTAMPNS = 35  # asm-generic/socket.h
SO_RCVBUFFORCE = 33
BUFFER = 256 << 20
CLONE_NEWNET = 0x40000000  # linux/sched.h
PACKET_STATISTICS = 6  # linux/if_packet.h
SOL_PACKET = 263
IPV4, ARP, VRRP = b"\x08\x00", b"\x08\x06", 112
LONGEST = 512  # bytes of a frame that count
TIMESPEC = struct.Struct("@qq")


class Advertisement(NamedTuple):
    """A VRRP packet over IPv4 (RFC 9568 §5.1): when (seconds), who sent it (the last byte of the address), for whom."""

    at: float
    source: int
    vrid: int


class Announcement(NamedTuple):
    """A gratuitous ARP (RFC 5227 §3) for the address whose last byte is `host`."""

    at: float
    host: int


class Capture:
    """All frames of a bridge in a named network namespace."""

    def __init__(self, namespace: str, interface: str) -> None:
        self._socket = inside(namespace, lambda: open_socket(interface))
        self.advertisements: list[Advertisement] = []
        self.announcements: list[Announcement] = []

    def clear(self) -> None:
        self.read()
        self.advertisements, self.announcements = [], []

    def read(self) -> None:
        """Take in what has come. Raises OverflowError when some was lost."""
        while True:
            try:
                frame, control, _, _ = self._socket.recvmsg(LONGEST, 64)
            except BlockingIOError:
                break
            seconds, nanoseconds = TIMESPEC.unpack(control[0][2])
            self._take(seconds + nanoseconds / 1e9, frame)
        _, lost = struct.unpack("II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        if lost:
            raise OverflowError(f"{lost} frames were lost")

    def _take(self, at: float, frame: bytes) -> None:
        if frame[12:14] == IPV4 and frame[23] == VRRP:
            self.advertisements.append(Advertisement(at, frame[29], frame[35]))
        elif frame[12:14] == ARP and frame[28:32] == frame[38:42]:
            self.announcements.append(Announcement(at, frame[31]))

    def close(self) -> None:
        self._socket.close()


def open_socket(interface: str) -> socket.socket:
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    packets.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    packets.bind((interface, ETH_P_ALL))
    packets.setblocking(False)
    return packets


def inside(namespace: str, make: Callable[[], socket.socket]) -> socket.socket:
    """A socket that belongs to the namespace: made by a thread that enters it."""
    made: list[socket.socket | BaseException] = []

    def enter() -> None:
        try:
            with (Path("/run/netns") / namespace).open() as there:
                if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            made.append(make())
        except BaseException as error:
            made.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(made[0], BaseException):
        raise made[0]
    return made[0]
