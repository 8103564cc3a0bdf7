# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS tables of the tests: their services, and how one is made and read."""

from __future__ import annotations

from ipaddress import ip_address

from inside import run
from lvsd.kernel.ipvs import DestinationKey, Ipvs, ServiceKey, Table
from lvsd.reconcile import changes

WEB = ServiceKey.at(ip_address("192.0.2.10"), 80)
WEB6 = ServiceKey.at(ip_address("2001:db8::10"), 80)
DNS = ServiceKey.at(ip_address("192.0.2.10"), 53, "UDP")
SIP6 = ServiceKey.at(ip_address("2001:db8::10"), 5060, "UDP")
DIAMETER = ServiceKey.at(ip_address("192.0.2.10"), 3868, "SCTP")
MARK = ServiceKey.marked(7)
MARK6 = ServiceKey.marked(8, 6)


def make(ipvs: Ipvs, wanted: Table) -> None:
    """The kernel holds `wanted` afterwards, says so, and there is nothing left to do."""
    actual = ipvs.dump()
    ipvs.apply(changes(actual.services, wanted.services), changes(actual.destinations, wanted.destinations))
    assert ipvs.dump() == wanted


def server(service: ServiceKey, address: str, port: int = 80) -> DestinationKey:
    return DestinationKey(service, ip_address(address), port)


def saved() -> list[str]:
    return run("ipvsadm", "-Sn").splitlines()
