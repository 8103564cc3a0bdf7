# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A packet socket sends whole frames out of one interface, hears nothing, and says why a frame could not be sent."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from lvsd.kernel.packet_socket import PacketSocket

EXPERIMENTAL = 0x88B5  # IEEE Std 802 local experimental Ethertype 1
HEADER = b"\xff" * 6 + b"\x02\x00\x00\x00\x00\x01" + EXPERIMENTAL.to_bytes(2, "big")


@pytest.fixture
def sender() -> Iterator[PacketSocket]:
    sender = PacketSocket("lo")
    yield sender
    sender.close()


def test_a_frame_goes_out_as_it_is(sender: PacketSocket) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EXPERIMENTAL)) as listening:
        listening.bind(("lo", EXPERIMENTAL))
        listening.settimeout(5)
        for frame in (HEADER + b"one" * 20, HEADER + b"\0" * 1486):
            sender.send(frame)
            assert listening.recv(65536) == frame


def test_it_hears_nothing_and_never_waits(sender: PacketSocket) -> None:
    for _ in range(3):
        sender.send(HEADER + b"x" * 50)
    with pytest.raises(BlockingIOError):
        sender._socket.recv(65536)
    assert not os.get_inheritable(sender._socket.fileno())


@pytest.mark.parametrize("frame", [b"", b"x" * 13])
def test_what_is_no_frame_is_refused(sender: PacketSocket, frame: bytes) -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        sender.send(frame)


def test_a_frame_larger_than_the_interface_takes_is_refused(sender: PacketSocket) -> None:
    with pytest.raises(OSError, match="Message too long"):
        sender.send(HEADER + b"x" * 70_000)


def test_an_interface_that_is_not_there_is_refused_and_nothing_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="No such device") as refused:
        PacketSocket("no-such-link")
    assert refused.value.errno == errno.ENODEV
    assert refused.tb is not None  # which holds the socket: that it is closed is no work of the collector
    assert len(os.listdir("/proc/self/fd")) == before


def test_one_that_is_closed_sends_nothing() -> None:
    sender = PacketSocket("lo")
    sender.close()
    sender.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        sender.send(HEADER)


INTERFACES = f"""
import errno, subprocess
from lvsd.kernel.packet_socket import PacketSocket

def ip(words):
    subprocess.run(["ip", *words.split()], check=True)

def sent(sender):
    try:
        sender.send({HEADER!r} + b"x" * 50)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "sent"

ip("link add bridge0 type bridge")
sender = PacketSocket("bridge0")
found = [sent(sender)]
ip("link set bridge0 up")
found.append(sent(PacketSocket("bridge0")))
ip("link del bridge0")
found.append(sent(sender))
print(*found)
"""


def test_an_interface_that_is_down_or_has_gone_is_said() -> None:
    """In a namespace of its own."""
    command = ["unshare", "--net", sys.executable, "-c", INTERFACES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout.split() == ["ENETDOWN", "sent", "ENXIO"]
