# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links, addresses and announcements on the host's kernel; pyroute2 and keepalived look with their own eyes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from lvsd.kernel.announce import Announcement, BadFrame, decode, encode
from lvsd.kernel.route import (
    FOREVER,
    AddressAdded,
    AddressFlags,
    AddressKey,
    AddressRemoved,
    Assignment,
    Event,
    LinkChanged,
    LinkRemoved,
    NetlinkError,
    OperState,
    Route,
    Scope,
    decode_events,
    normal,
    virtual,
)
from lvsd.kernel.socket import EventSocket, Overrun, PacketSocket, route_netlink
from lvsd.reconcile import Changes, changes
from pyroute2 import NetNS, netns

OURS, THEIRS = f"lvsd-a-{os.getpid()}", f"lvsd-b-{os.getpid()}"
VIP, VIP6 = ip_address("192.0.2.100"), ip_address("2001:db8::100")


def eventually(condition: Callable[[], object], within: float) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)


@contextmanager
def inside(name: str) -> Iterator[None]:
    netns.pushns(name)
    try:
        yield
    finally:
        netns.popns()


@pytest.fixture
def oracle() -> Iterator[NetNS]:
    """pyroute2 in our namespace, which has eth0; eth0's other end is eth0 of THEIRS. No route leads out."""
    names = (OURS, THEIRS)
    try:
        for name in names:
            netns.create(name)
        with NetNS(OURS) as ours, NetNS(THEIRS) as theirs:
            ours.link("add", ifname="eth0", kind="veth", peer={"ifname": "eth0", "net_ns_fd": THEIRS})
            for end in (ours, theirs):
                for link in ("lo", "eth0"):
                    end.link("set", index=end.link_lookup(ifname=link)[0], state="up")
            yield ours
    finally:
        for name in names:
            if name in netns.listnetns():
                netns.remove(name)


@pytest.fixture
def route(oracle: NetNS) -> Iterator[Route]:
    with inside(OURS):
        opened = route_netlink()
    yield Route(opened)
    opened.close()


@pytest.fixture
def events(oracle: NetNS) -> Iterator[EventSocket]:
    with inside(OURS):
        opened = EventSocket()
    yield opened
    opened.close()


def index(oracle: NetNS, name: str = "eth0") -> int:
    found: int = oracle.link_lookup(ifname=name)[0]
    return found


def seen(oracle: NetNS, address: object) -> list[dict[str, object]]:
    """What pyroute2 reads about an address."""
    rows = []
    for message in oracle.get_addr():
        attributes = dict(message["attrs"])
        if attributes.get("IFA_LOCAL", attributes.get("IFA_ADDRESS")) == str(address):
            rows.append(
                {"prefix": message["prefixlen"], "scope": message["scope"], "index": message["index"], **attributes}
            )
    return rows


# --- links ------------------------------------------------------------------------------------------------


def test_links_are_those_that_pyroute2_sees(oracle: NetNS, route: Route) -> None:
    oracle.link("add", ifname="mv0", kind="macvlan", link=index(oracle), address="02:00:00:00:00:33")
    oracle.link("add", ifname="br0", kind="bridge")
    oracle.link("add", ifname="d0", kind="veth", peer="d1")
    oracle.link("set", index=index(oracle, "d0"), master=index(oracle, "br0"), mtu=1400)
    ours = route.links()
    theirs = oracle.get_links()
    assert len(ours) == len(theirs)
    for message in theirs:
        attributes = dict(message["attrs"])
        link = ours[message["index"]]
        assert link.name == attributes["IFLA_IFNAME"]
        assert link.address.hex(":") == attributes["IFLA_ADDRESS"]
        assert link.flags == message["flags"]
        assert link.mtu == attributes["IFLA_MTU"]
        assert link.operstate.name == attributes["IFLA_OPERSTATE"]
        assert link.carrier == bool(attributes["IFLA_CARRIER"])
        assert link.master == attributes.get("IFLA_MASTER", 0)
        assert link.kind == dict(attributes.get("IFLA_LINKINFO", {"attrs": []})["attrs"]).get("IFLA_INFO_KIND", "")
    assert ours[index(oracle, "mv0")].parent == index(oracle)


# --- addresses ----------------------------------------------------------------------------------------------


def test_an_ipv4_address_with_everything(oracle: NetNS, route: Route) -> None:
    key = AddressKey(index(oracle), VIP, 24)
    wanted = Assignment(
        Scope.LINK, "eth0:1", IPv4Address("192.0.2.255"), flags=AddressFlags.NOPREFIXROUTE, preferred_lifetime=0
    )
    route.apply(Changes(add={key: wanted}))
    (row,) = seen(oracle, VIP)
    assert (row["prefix"], row["scope"], row["IFA_LABEL"]) == (24, 253, "eth0:1")
    assert row["IFA_BROADCAST"] == "192.0.2.255"
    assert row["IFA_FLAGS"] & (0x200 | 0x20) == 0x220
    assert route.addresses()[key] == wanted


@pytest.mark.parametrize(("prefix_length", "lifetime"), [(128, 0), (64, FOREVER)])
def test_a_virtual_ipv6_address(oracle: NetNS, route: Route, prefix_length: int, lifetime: int) -> None:
    key, wanted = virtual(AddressKey(index(oracle), VIP6, prefix_length))
    route.apply(Changes(add={key: wanted}))
    (row,) = seen(oracle, VIP6)
    assert (row["prefix"], row["IFA_CACHEINFO"]["ifa_preferred"]) == (prefix_length, lifetime)
    flags = AddressFlags(row["IFA_FLAGS"])
    assert flags & AddressFlags.NODAD
    assert not flags & AddressFlags.TENTATIVE
    assert bool(flags & AddressFlags.DEPRECATED) == (lifetime == 0)
    assert route.addresses()[key] == wanted


@pytest.mark.parametrize(("address", "peer"), [("192.0.2.100", "192.0.2.1"), ("2001:db8::100", "2001:db8::1")])
def test_an_address_with_a_peer_comes_and_goes(oracle: NetNS, route: Route, address: str, peer: str) -> None:
    local = ip_address(address)
    key = AddressKey(index(oracle), local, local.max_prefixlen)
    wanted = normal(key, Assignment(peer=ip_address(peer), flags=AddressFlags.NODAD))
    route.apply(Changes(add={key: wanted}))
    (row,) = seen(oracle, address)
    assert (row["IFA_LOCAL"], row["IFA_ADDRESS"]) == (address, peer)
    assert route.addresses()[key] == wanted
    route.apply(Changes(remove={key: wanted}))
    assert seen(oracle, address) == []


def test_addresses_that_pyroute2_set_are_recognised(oracle: NetNS, route: Route) -> None:
    oracle.addr("add", index=index(oracle), address=str(VIP), prefixlen=24, broadcast="192.0.2.255")
    oracle.addr("add", index=index(oracle), address=str(VIP6), prefixlen=64, flags=0x02)
    found = route.addresses()
    assert found[AddressKey(index(oracle), VIP, 24)] == Assignment(broadcast=IPv4Address("192.0.2.255"))
    assert found[AddressKey(index(oracle), VIP6, 64)] == Assignment(flags=AddressFlags.NODAD)


def test_the_same_address_twice_with_two_prefixes_and_the_right_one_goes(oracle: NetNS, route: Route) -> None:
    long, short = AddressKey(index(oracle), VIP, 32), AddressKey(index(oracle), VIP, 24)
    both = {long: Assignment(), short: Assignment()}
    route.apply(Changes(add=both))
    assert both.items() <= route.addresses().items()
    route.apply(Changes(remove={short: Assignment()}))
    assert [row["prefix"] for row in seen(oracle, VIP)] == [32]


def test_what_is_so_already_is_no_error(oracle: NetNS, route: Route) -> None:
    table = dict([virtual(AddressKey(index(oracle), VIP, 32)), virtual(AddressKey(index(oracle), VIP6, 128))])
    for _ in range(2):
        route.apply(Changes(add=table))
    assert table.items() <= route.addresses().items()
    for _ in range(2):
        route.apply(Changes(remove=table))
    assert not table.keys() & route.addresses().keys()
    gone = AddressKey(4711, VIP, 32)
    route.apply(Changes(remove={gone: Assignment()}))


def test_a_setting_is_changed(oracle: NetNS, route: Route) -> None:
    four, six = AddressKey(index(oracle), VIP, 24), AddressKey(index(oracle), VIP6, 64)
    route.apply(Changes(add={four: Assignment(), six: Assignment(flags=AddressFlags.NODAD)}))
    wanted = {
        four: Assignment(label="eth0:vip", broadcast=IPv4Address("192.0.2.255")),
        six: Assignment(flags=AddressFlags.NODAD | AddressFlags.NOPREFIXROUTE, preferred_lifetime=0),
    }
    actual = {key: value for key, value in route.addresses().items() if key in wanted}
    route.apply(changes(actual, wanted))
    found = route.addresses()
    assert {key: found[key] for key in wanted} == wanted
    assert not changes({key: found[key] for key in wanted}, wanted)


def test_a_refusal_names_the_address_and_the_rest_is_done(oracle: NetNS, route: Route) -> None:
    nowhere, here = AddressKey(4711, VIP, 32), AddressKey(index(oracle), VIP, 32)
    with pytest.raises(NetlinkError, match=r"^address 192\.0\.2\.100/32 on interface 4711: "):
        route.apply(Changes(add={here: Assignment(), nowhere: Assignment()}))
    assert seen(oracle, VIP)


def test_the_kernel_says_why_in_its_own_words(oracle: NetNS, route: Route) -> None:
    with pytest.raises(NetlinkError) as raised:
        route.apply(Changes(add={AddressKey(index(oracle), VIP6, 129): Assignment()}))
    ((_, refusal),) = raised.value.refusals
    assert refusal.reason not in ("", os.strerror(refusal.code))


def test_a_thousand_addresses_come_and_go(oracle: NetNS, route: Route) -> None:
    table = {AddressKey(index(oracle), IPv4Address(0xC6120000 + n), 32): Assignment() for n in range(1000)}
    route.apply(Changes(add=table))
    assert table.items() <= route.addresses().items()
    route.apply(Changes(remove=table))
    assert not table.keys() & route.addresses().keys()


# --- events ---------------------------------------------------------------------------------------------------


def heard(events: EventSocket, wanted: Callable[[Event], object], within: float = 3) -> Event:
    """The first event that is wanted."""
    found: list[Event] = []

    def look() -> bool:
        for datagram in events.read():
            found.extend(filter(wanted, decode_events(datagram, {})))
        return bool(found)

    eventually(look, within)
    return found[0]


def test_addresses_are_told_when_they_come_and_go(oracle: NetNS, events: EventSocket) -> None:
    key = AddressKey(index(oracle), VIP, 24)
    oracle.addr("add", index=key.index, address=str(VIP), prefixlen=24)
    assert heard(events, lambda event: isinstance(event, AddressAdded) and event.key == key)
    oracle.addr("del", index=key.index, address=str(VIP), prefixlen=24)
    assert heard(events, lambda event: isinstance(event, AddressRemoved) and event.key == key)


def test_an_ipv6_address_is_told_again_when_it_is_no_longer_tentative(oracle: NetNS, events: EventSocket) -> None:
    oracle.addr("add", index=index(oracle), address=str(VIP6), prefixlen=64)

    def settled(event: Event) -> bool:
        return isinstance(event, AddressAdded) and event.key.address == VIP6 and not event.assignment.tentative

    assert heard(events, settled, within=10)


def test_a_lost_carrier_is_told_and_its_return(oracle: NetNS, events: EventSocket) -> None:
    def is_running(wanted: bool) -> Callable[[Event], bool]:
        return lambda event: (
            isinstance(event, LinkChanged) and event.link.name == "eth0" and event.link.running == wanted
        )

    with NetNS(THEIRS) as theirs:
        theirs.link("set", index=index(theirs), state="down")
        lost = heard(events, is_running(False))
        assert isinstance(lost, LinkChanged)
        assert (lost.link.up, lost.link.carrier, lost.link.operstate) == (True, False, OperState.DOWN)
        theirs.link("set", index=index(theirs), state="up")
        heard(events, is_running(True))


def test_a_removed_link_is_told_and_a_port_that_left_its_bridge_is_not_one(oracle: NetNS, events: EventSocket) -> None:
    oracle.link("add", ifname="br0", kind="bridge")
    oracle.link("add", ifname="d0", kind="veth", peer="d1")
    oracle.link("set", index=index(oracle, "d0"), master=index(oracle, "br0"))
    oracle.link("set", index=index(oracle, "d0"), master=0)
    bridge = index(oracle, "br0")
    oracle.link("del", index=bridge)
    assert heard(events, lambda event: isinstance(event, LinkRemoved)) == LinkRemoved(bridge, "br0")


def test_lost_events_are_said_to_be_lost_and_later_ones_come(oracle: NetNS, route: Route, events: EventSocket) -> None:
    table = {AddressKey(index(oracle), IPv4Address(0xC6120000 + n), 32): Assignment() for n in range(1000)}
    for _ in range(20):
        route.apply(Changes(add=table))
        route.apply(Changes(remove=table))
    with pytest.raises(Overrun):
        events.read()
    events.read()
    route.apply(Changes(add={AddressKey(index(oracle), VIP, 32): Assignment()}))
    assert heard(events, lambda event: isinstance(event, AddressAdded) and event.key.address == VIP)


# --- announcements ------------------------------------------------------------------------------------------


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
