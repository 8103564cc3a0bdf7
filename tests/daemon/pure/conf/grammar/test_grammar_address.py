# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of `virtual_ipaddress`: the address, its length and its options, read, written and refused."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.conf.grammar.address import (
    LINE,
    broadcast,
    host_and_length,
    label,
    lifetime,
    peer,
    read_virtual_address,
    scope,
    starts_address,
    write_virtual_address,
)
from lvsd.conf.grammar.entry import Ignored
from lvsd.model import VirtualAddress

from tests.support.language import refused

V4, V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")


def four(**held: Any) -> VirtualAddress:
    return VirtualAddress(address=V4, prefix_length=24, **held)


@pytest.mark.parametrize(
    ("line", "virtual"),
    [
        ("192.0.2.1/24", four()),
        ("192.0.2.1/0", VirtualAddress(address=V4, prefix_length=0)),
        ("2001:db8::1/128", VirtualAddress(address=V6, prefix_length=128)),
        ("192.0.2.1/24 dev eth0", four(dev="eth0")),
        ("192.0.2.1/24 brd +", four(broadcast="+")),
        ("192.0.2.1/24 brd 192.0.2.255", four(broadcast="192.0.2.255")),
        ("192.0.2.1/24 scope link", four(scope="link")),
        ("192.0.2.1/24 scope 255", four(scope="255")),
        ("192.0.2.1/24 label eth0:1", four(label="eth0:1")),
        ("192.0.2.1/24 peer 192.0.2.2/32", four(peer="192.0.2.2/32")),
        ("192.0.2.1/24 home", four(home=True)),
        ("192.0.2.1/24 -nodad", four(nodad=True)),
        ("192.0.2.1/24 mngtmpaddr", four(mngtmpaddr=True)),
        ("192.0.2.1/24 noprefixroute", four(noprefixroute=True)),
        ("192.0.2.1/24 autojoin", four(autojoin=True)),
        ("192.0.2.1/24 preferred_lft forever", four(preferred_lft="forever")),
        ("192.0.2.1/24 preferred_lft 4294967295", four(preferred_lft="4294967295")),
        ("192.0.2.1/24 no_track", four(no_track=True)),
        ("192.0.2.1/24 use_vmac", four(use_vmac=True)),
        ("192.0.2.1/24 track_group G", four(track_group="G")),
        ("ff02::5/64 autojoin", VirtualAddress(address=ip_address("ff02::5"), prefix_length=64, autojoin=True)),
    ],
)
def test_a_line_is_read_and_written(line: str, virtual: VirtualAddress) -> None:
    assert read_virtual_address(tuple(line.split())) == virtual
    assert " ".join(write_virtual_address(virtual)) == line


def test_each_field_has_a_word() -> None:
    named = {str(word.field) for word in LINE} | {"use_vmac", "track_group"}
    assert named | {"prefix_length"} == {field.name for field in fields(VirtualAddress)}


def test_other_spellings_and_a_host_s_length() -> None:
    assert read_virtual_address(("192.0.2.1", "broadcast", "-", "nodad")) == VirtualAddress(
        address=V4, prefix_length=32, broadcast="-", nodad=True
    )
    assert read_virtual_address(("2001:db8::1",)).prefix_length == 128


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("www", "ignored: 'www' is not an IP address"),
        ("192.0.2.1/x", "fatal: 'x' is not a whole number from 0 to 32"),
        ("0.0.0.0/24", "fatal: no interface can have this address"),
        ("ff02::5/64", "fatal: no interface can have this address without 'autojoin'"),
        ("2001:db8::1 brd +", "ignored: brd +: an IPv6 address has no broadcast address; leave 'brd' out"),
        ("192.0.2.1 dev eth/0", "fatal: dev 'eth/0' is no name of an interface: there is no '/', ':' or space in one"),
        ("192.0.2.1 brd 0.0.0.0", "ignored: brd '0.0.0.0' is not an IPv4 broadcast address"),
        ("192.0.2.1 label", "ignored: 'label' needs a value"),
        ("192.0.2.1 dev eth0 dev eth1", "ignored: 'dev' is said twice"),
    ],
)
def test_a_line_that_is_refused(line: str, message: str) -> None:
    assert refused(read_virtual_address, line) == message


@pytest.mark.parametrize(
    ("line", "left", "message"),
    [
        ("192.0.2.1/33", VirtualAddress(address=V4, prefix_length=32), "'33' is outside 0 to 32: it is 32"),
        ("192.0.2.1/24 peer 2001:db8::2", four(), "peer 2001:db8::2 is not IPv4 as the address"),
        ("192.0.2.1/24 scope 256 home", four(home=True), "scope '256' is none of site, link, host, nowhere, global, "),
        ("192.0.2.1/24 homer", four(), "'homer' is not known here; known are dev, brd, broadcast, scope, label, peer"),
    ],
)
def test_what_keepalived_leaves_out_of_a_line(line: str, left: VirtualAddress, message: str) -> None:
    with pytest.raises(Ignored) as error:
        read_virtual_address(tuple(line.split()))
    assert error.value.value == left
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("read", "word", "message"),
    [
        (scope, "300", "ignored: '300' is none of site, link, host, nowhere, global, and no number from 0 to 255"),
        (broadcast, "::1", "ignored: '::1' is not an IPv4 broadcast address"),
        (label, "a-label-of-16-by", "ignored: 'a-label-of-16-by' is longer than 15 bytes"),
        (peer, "192.0.2.2/33", "ignored: '33' is outside 0 to 32"),
        (peer, "192.0.2.2/x", "ignored: '192.0.2.2/x' is not an IP address with a length"),
        (peer, "224.0.0.1", "fatal: '224.0.0.1' is not the address of a host"),
        (lifetime, "-1", "ignored: '-1' is outside 0 to 4294967295"),
        (lifetime, "4294967296", "ignored: '4294967296' is outside 0 to 4294967295"),
    ],
)
def test_a_word_that_is_refused(read: Any, word: str, message: str) -> None:
    assert refused(lambda words: read(words[0]), word) == message


def test_words_are_written_in_one_form() -> None:
    assert peer("2001:DB8:0::2/64") == "2001:db8::2/64"
    assert (lifetime("007"), scope("010")) == ("7", "10")
    said: list[str] = []
    assert host_and_length("2001:DB8::1/200", said) == (V6, 128)
    assert said == ["'200' is outside 0 to 128: it is 128"]


def test_where_the_next_address_of_a_line_begins() -> None:
    words = ("192.0.2.1", "brd", "192.0.2.255", "2001:db8::1", "dev", "eth0", "192.0.2.3/24")
    starts = [starts_address(words, index) for index in range(1, len(words))]
    assert starts == [False, False, True, False, False, True]
