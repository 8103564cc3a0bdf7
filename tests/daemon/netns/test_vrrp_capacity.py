# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As many addresses in an advertisement as keepalived puts there: at the limit of the link, below and above it.

keepalived before 2.3.3 discards an advertisement with another number of addresses, and later ones complain: a router
that counts otherwise would leave the pair with two active directors.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from network import Host, Network, eventually, ip
from routers import Keepalived, Listener, Lvsd, instance

from tests.support.keepalived import HOST, SUITES

OURS, THEIRS = "ours", "theirs"
AROUND = (-1, 0, 1)
VRIDS = dict(zip(AROUND, (51, 52, 53), strict=True))
WITHIN = 60.0  # seconds: keepalived sets hundreds of addresses one by one, and the machine may be busy
QUIET = ("garp_master_repeat 1", "garp_master_delay 0")  # keepalived needs its time for thousands of frames
PASS = ("authentication {", "  auth_type PASS", "  auth_pass secret12", "}")


@dataclass(frozen=True)
class Link:
    """How many addresses fit at most over a link of `mtu` bytes, in this form of VRRP."""

    name: str
    version: int
    family: int
    mtu: int
    most: int
    words: tuple[str, ...] = ()

    def addresses(self, more: int) -> list[str]:
        """Of three instances: one less than fit, as many, one more."""
        count = range(1, self.most + more)
        if self.family == 4:
            return [f"198.51.{VRIDS[more]}.{n}/32" for n in range(self.most + more)]
        return [f"fe80::{VRIDS[more]}/64", *(f"2001:db8:{VRIDS[more]}::{n:x}/128" for n in count)]

    def text(self, priority: int) -> str:
        return "".join(
            instance(
                f"VI_{vrid}", vrid, priority, f"version {self.version}", *QUIET, *self.words,
                virtual_ipaddress=",".join(self.addresses(more)),
            )
            for more, vrid in VRIDS.items()
        )  # fmt: skip


LINKS = [
    Link("v2-200", 2, 4, 200, 37, PASS),
    Link("v3-200", 3, 4, 200, 39),
    Link("v3-1500", 3, 4, 1500, 255),
    Link("ipv6-1280", 3, 6, 1280, 76),
    Link("ipv6-1500", 3, 6, 1500, 89),
]
links = pytest.mark.parametrize("link", LINKS, ids=lambda link: link.name)
suites = pytest.mark.parametrize("suite", SUITES)


def pair(network: Network, link: Link) -> tuple[Host, Host]:
    hosts = [network.host(name, eth0="lan") for name in (OURS, THEIRS)]
    for number, host in enumerate(hosts, 1):
        resize(host, link.mtu)
        host.ip(f"addr add 192.0.2.{number}/24 dev eth0")
    return hosts[0], hosts[1]


def resize(host: Host, mtu: int) -> None:
    """Both ends of the host's cable."""
    host.ip(f"link set eth0 mtu {mtu}")
    ip(host.network.switch, f"link set {host.name}.eth0 mtu {mtu}")


def count(ours: Lvsd, counter: str) -> list[int]:
    return [instance["counters"].get(counter, 0) for instance in ours.ask("show")["instances"]]


def all_are(ours: Lvsd, state: str) -> bool:
    return {instance["state"] for instance in ours.ask("show")["instances"]} == {state}


def all_of_theirs_are(theirs: Keepalived, state: str) -> bool:
    return {theirs.last(f"VI_{vrid}") for vrid in VRIDS.values()} == {state}


def complaints(theirs: Keepalived) -> list[str]:
    """keepalived's words about a packet of ours."""
    words = ("mismatch", "not present", "expected", "invalid", "discard", "rror")
    rows = theirs.log.read_text().splitlines()
    return [row for row in rows if any(word in row for word in words) and "lower priority" not in row]


@pytest.mark.beside
@suites
@links
def test_the_pair_agrees_on_what_is_advertised(network: Network, link: Link, suite: str) -> None:
    left, right = pair(network, link)
    theirs = Keepalived(right, link.text(100), suite)
    eventually(lambda: all_of_theirs_are(theirs, "MASTER"), WITHIN)
    ours = Lvsd(left, link.text(50))
    eventually(lambda: all_are(ours, "Backup") and min(count(ours, "advert_rcvd")), WITHIN)
    assert count(ours, "addr_list_err") == [0, 0, 0]
    ours.configure(link.text(150))  # now we are better
    assert ours.ask("reload")["ok"]
    eventually(lambda: all_are(ours, "Active"), WITHIN)
    eventually(lambda: all_of_theirs_are(theirs, "BACKUP"), WITHIN)
    sent = count(ours, "advert_sent")
    eventually(lambda: min(count(ours, "advert_sent")) > max(sent) + 2, WITHIN)
    assert all_of_theirs_are(theirs, "BACKUP")
    assert complaints(theirs) == []
    assert count(ours, "addr_list_err") == [0, 0, 0]
    assert [shown["advertised"] for shown in ours.ask("show")["instances"]] == [link.most - 1, link.most, link.most]
    for more in AROUND:  # every address is set, also one that is not advertised
        assert set(link.addresses(more)) <= left.addresses()
    assert ours.stop() == 0
    eventually(lambda: all_of_theirs_are(theirs, "MASTER"), WITHIN)
    for more in AROUND:
        eventually(lambda more=more: set(link.addresses(more)) <= right.addresses(), WITHIN)


@pytest.mark.beside
def test_what_does_not_fit_is_said_with_the_mtu_of_the_link_and_announced(network: Network) -> None:
    link = Link("", 3, 4, 200, 39)
    left, right = pair(network, link)
    heard = Listener(right)
    ours = Lvsd(left, link.text(255).replace("garp_master_repeat 1", "garp_master_repeat 5"))
    eventually(lambda: all_are(ours, "Active"), WITHIN)
    last = f"198.51.53.{link.most}"
    message = "VI_53: an advertisement over eth0 with its MTU of 200 carries 39 addresses: "
    message += f"{last} will be set but not advertised"
    assert ours.logged(message) == 1
    assert ours.logged("not advertised") == 1  # and nothing of the two whose addresses fit
    eventually(lambda: heard.gratuitous_arps(bytes([198, 51, 53, link.most])), WITHIN)


@pytest.mark.beside
def test_a_change_of_the_mtu_is_followed(network: Network) -> None:
    link = Link("", 3, 6, 1500, 89)
    left, right = pair(network, link)
    ours = Lvsd(left, link.text(150))
    eventually(lambda: all_are(ours, "Active"), WITHIN)
    for host in (left, right):
        resize(host, 1280)
    eventually(lambda: [i["advertised"] for i in ours.ask("show")["instances"]] == [76, 76, 76], WITHIN)
    theirs = Keepalived(right, link.text(100), HOST)  # counts with the MTU that it finds
    eventually(lambda: all_of_theirs_are(theirs, "BACKUP"), WITHIN)
    sent = count(ours, "advert_sent")
    eventually(lambda: min(count(ours, "advert_sent")) > max(sent) + 4, WITHIN)
    assert all_of_theirs_are(theirs, "BACKUP")
    assert complaints(theirs) == []
    assert ours.logged("VI_51: an advertisement over eth0 with its MTU of 1280 carries 76 addresses") == 1
