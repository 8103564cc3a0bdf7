# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel refuses is named, object by object, and the rest is done."""

from __future__ import annotations

import pytest
from lvsd.kernel.ipvs import Destination, Ipvs, NetlinkError, Service, Table
from lvsd.reconcile import changes
from tables import DNS, WEB, WEB6, make, saved, server


def refusals(ipvs: Ipvs, wanted: Table) -> list[str]:
    with pytest.raises(NetlinkError) as raised:
        ipvs.apply(changes({}, wanted.services), changes({}, wanted.destinations))
    assert str(raised.value) == "; ".join(f"{subject}: {refusal.reason}" for subject, refusal in raised.value.refusals)
    return str(raised.value).split("; ")


def test_an_unknown_scheduler_is_named_with_its_module_and_the_rest_is_done(ipvs: Ipvs) -> None:
    wanted = Table(
        {WEB: Service("foo"), DNS: Service("rr")},
        {server(WEB, "10.0.0.11"): Destination(), server(DNS, "10.0.0.11", 53): Destination()},
    )
    assert refusals(ipvs, wanted) == [
        "service 192.0.2.10:80/TCP: scheduler 'foo' unknown to the kernel: module ip_vs_foo"
    ]
    assert saved() == ["-A -u 192.0.2.10:53 -s rr", "-a -u 192.0.2.10:53 -r 10.0.0.11:53 -m -w 1"]


def test_an_unknown_engine_is_named_too(ipvs: Ipvs) -> None:
    assert "module ip_vs_pe_foo" in refusals(ipvs, Table({WEB: Service("rr", 60, None, "foo")}))[1]


def test_an_update_with_an_unknown_scheduler_leaves_the_service_as_it_was(ipvs: Ipvs) -> None:
    make(ipvs, Table({WEB: Service("rr")}))
    with pytest.raises(NetlinkError, match="scheduler 'foo' unknown"):
        ipvs.apply(changes(ipvs.services(), {WEB: Service("foo")}))
    assert saved() == ["-A -t 192.0.2.10:80 -s rr"]


def test_each_refused_object_is_named(ipvs: Ipvs) -> None:
    make(ipvs, Table({WEB: Service("rr")}, {server(WEB, "10.0.0.11"): Destination()}))
    wanted = Table(
        {WEB: Service("wrr"), WEB6: Service("rr", 60, 0)},
        {
            server(WEB, "10.0.0.11"): Destination(),
            server(WEB, "224.0.0.1"): Destination(),
            server(WEB, "10.0.0.12"): Destination(weight=1, upper_threshold=1, lower_threshold=2),
            server(DNS, "10.0.0.12"): Destination(),
        },
    )
    assert refusals(ipvs, wanted) == [
        "service 192.0.2.10:80/TCP: exists already",
        "service [2001:db8::10]:80/TCP: Invalid argument",
        "destination 10.0.0.11:80 of 192.0.2.10:80/TCP: exists already",
        "destination 224.0.0.1:80 of 192.0.2.10:80/TCP: Invalid argument",
        "destination 10.0.0.12:80 of 192.0.2.10:80/TCP: Numerical result out of range",
        "destination 10.0.0.12:80 of 192.0.2.10:53/UDP: no such service",
    ]
