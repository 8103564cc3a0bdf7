# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gratuitous ARP and unsolicited neighbour advertisements on the wire; keepalived sends the same frames."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import pytest
from lvsd.kernel.garp_frame import Announcement, BadFrame, decode, encode
from lvsd.kernel.packet_socket import PacketSocket
from lvsd.kernel.rtnetlink import AddressKey, Route, virtual
from network import eventually
from oracle import OURS, THEIRS, VIP, VIP6, index, inside
from pyroute2 import NetNS


@contextmanager
def wire() -> Iterator[Callable[[], list[bytes]]]:
    """What arrives at the other end of eth0."""
    with inside(THEIRS):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))  # ETH_P_ALL
        tap.bind(("eth0", 0x0003))
    tap.setblocking(False)

    def arrived() -> list[bytes]:
        frames = []
        while True:
            try:
                frames.append(tap.recv(2048))
            except BlockingIOError:
                return frames

    with tap:
        yield arrived


def announcements(arrived: Callable[[], list[bytes]], count: int, within: float) -> dict[Announcement, bytes]:
    found: dict[Announcement, bytes] = {}

    def look() -> bool:
        for frame in arrived():
            try:
                found[decode(frame)] = frame
            except BadFrame:
                continue
        return len(found) >= count

    eventually(look, within)
    return found


def test_frames_leave_as_they_are(oracle: NetNS, route: Route) -> None:
    mac = route.links()[index(oracle)].address
    wanted = [Announcement(VIP, mac), Announcement(VIP6, mac, router=True)]
    with inside(OURS):
        packets = PacketSocket("eth0")
    with wire() as arrived:
        for announcement in wanted:
            packets.send(encode(announcement))
        assert set(announcements(arrived, 2, within=2)) == set(wanted)
    packets.close()


def test_a_link_that_is_down_refuses_frames(oracle: NetNS) -> None:
    with inside(OURS):
        packets = PacketSocket("eth0")
        with pytest.raises(OSError, match="No such device"):
            PacketSocket("nowhere")
    oracle.link("set", index=index(oracle), state="down")
    with pytest.raises(OSError, match="Network is down"):
        packets.send(encode(Announcement(VIP, bytes(6))))
    packets.close()


KEEPALIVED = """
global_defs { vrrp_version 3 }
vrrp_instance V4 {
    state MASTER
    interface eth0
    virtual_router_id 51
    advert_int 0.1
    virtual_ipaddress {
        192.0.2.100/24
    }
}
vrrp_instance V6 {
    state MASTER
    interface eth0
    virtual_router_id 52
    advert_int 0.1
    virtual_ipaddress {
        fe80::100/64
        2001:db8::100/128
        2001:db8::200/64
    }
}
"""


@contextmanager
def keepalived(folder: Path) -> Iterator[None]:
    (folder / "keepalived.conf").write_text(KEEPALIVED)
    files = [f"-{option}{folder}/{option}.pid" for option in "prcb"]
    command = ["ip", "netns", "exec", OURS, "keepalived", "-n", "-l", "-f", str(folder / "keepalived.conf"), *files]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_keepalived_announces_with_the_same_frames_and_sets_the_same_addresses(
    oracle: NetNS, route: Route, tmp_path: Path
) -> None:
    oracle.addr("add", index=index(oracle), address="192.0.2.1", prefixlen=24)
    mac = route.links()[index(oracle)].address
    with wire() as arrived, keepalived(tmp_path):
        frames = announcements(arrived, 4, within=15)
        assert all(encode(announcement) == frame for announcement, frame in frames.items())
        assert {(announcement.address, announcement.mac) for announcement in frames} == {
            (ip_address(address), mac) for address in ("192.0.2.100", "fe80::100", "2001:db8::100", "2001:db8::200")
        }
        found = route.addresses()
        for address, prefix_length in ((VIP, 24), (VIP6, 128), (IPv6Address("2001:db8::200"), 64)):
            key, wanted = virtual(AddressKey(index(oracle), address, prefix_length))
            assert found[key] == wanted
