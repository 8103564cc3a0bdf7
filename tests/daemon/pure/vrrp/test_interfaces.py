# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's reports change in the tables of links and addresses."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.kernel.rtnetlink import decode_events
from lvsd.kernel.rtnl_types import LinkFlags
from lvsd.vrrp.interfaces import Interfaces, News

from tests.support.plain_kernel import NO_CARRIER, UP, PlainKernel


@pytest.fixture
def kernel() -> PlainKernel:
    made = PlainKernel()
    made.add_link("eth0", "192.0.2.1/24")
    made.add_link("eth1")
    made.read()
    return made


@pytest.fixture
def interfaces(kernel: PlainKernel) -> Interfaces:
    route: Any = kernel
    made = Interfaces(route)
    made.read()
    return made


def news(kernel: PlainKernel, interfaces: Interfaces) -> News:
    return interfaces.learn([e for data in kernel.read() for e in decode_events(data, interfaces.names)])


def test_what_does_not_matter_is_no_news(kernel: PlainKernel, interfaces: Interfaces) -> None:
    kernel.set_link("eth0", flags=UP & ~LinkFlags.MULTICAST)
    found = news(kernel, interfaces)
    assert not found
    assert not found.moved


def test_the_names_of_links_that_changed(kernel: PlainKernel, interfaces: Interfaces) -> None:
    kernel.set_link("eth0", flags=NO_CARRIER)
    kernel.set_link("eth1", mtu=576)
    assert news(kernel, interfaces) == News({"eth0", "eth1"})


def test_a_link_that_comes_goes_or_gets_another_name_has_moved(kernel: PlainKernel, interfaces: Interfaces) -> None:
    kernel.add_link("eth2")
    assert news(kernel, interfaces) == News({"eth2"}, moved=True)
    kernel.set_link("eth2", name="eth3")
    assert news(kernel, interfaces) == News({"eth2", "eth3"}, moved=True)
    kernel.remove_link("eth3")
    assert news(kernel, interfaces) == News({"eth3"}, moved=True)


def test_addresses_that_came_and_went(kernel: PlainKernel, interfaces: Interfaces) -> None:
    came = kernel.add_address("eth1", "198.51.100.1/24")
    gone = kernel.key_of("eth0", "192.0.2.1/24")
    kernel.remove_address(gone)
    assert news(kernel, interfaces) == News(addresses={came, gone})


def test_a_change_that_was_read_before_it_is_reported_is_still_news(
    kernel: PlainKernel, interfaces: Interfaces
) -> None:
    """The tables are read while something is carried out, too, when no instance is derived from them."""
    kernel.set_link("eth0", flags=NO_CARRIER)
    kernel.set_link("eth1", name="eth7")
    interfaces.read()
    assert news(kernel, interfaces).links == {"eth0", "eth1", "eth7"}
    assert not news(kernel, interfaces)
