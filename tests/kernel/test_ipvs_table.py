# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table of a real kernel: what we write, `ipvsadm` reads; what we read is what we wanted."""

from __future__ import annotations

from ipaddress import ip_address

from inside import run
from lvsd.kernel.ipvs import Destination, DestinationKey, Forwarding, Ipvs, Service, ServiceKey, Table
from lvsd.reconcile import changes

WEB = ServiceKey.at(ip_address("192.0.2.10"), 80)


def make(ipvs: Ipvs, wanted: Table) -> None:
    actual = ipvs.dump()
    ipvs.apply(changes(actual.services, wanted.services), changes(actual.destinations, wanted.destinations))


def test_a_service_and_its_destinations_are_what_ipvsadm_shows(ipvs: Ipvs) -> None:
    wanted = Table(
        {WEB: Service("wrr")},
        {
            DestinationKey(WEB, ip_address("10.0.0.11"), 8080): Destination(weight=2),
            DestinationKey(WEB, ip_address("10.0.0.12"), 80): Destination(Forwarding.DIRECT, weight=1),
        },
    )
    make(ipvs, wanted)
    assert run("ipvsadm", "-Sn").splitlines() == [
        "-A -t 192.0.2.10:80 -s wrr",
        "-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -m -w 2",
        "-a -t 192.0.2.10:80 -r 10.0.0.12:80 -g -w 1",
    ]
    assert ipvs.dump() == wanted
