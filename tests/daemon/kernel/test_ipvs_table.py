# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table of a real kernel: what we write, `ipvsadm` reads; what we read is what we wanted."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from inside import eventually, run
from lvsd.kernel.ipvs import (
    Destination,
    ForwardingMethod,
    Ipvs,
    IpvsUnavailable,
    Service,
    ServiceKey,
    Table,
    TunnelFlags,
    TunnelType,
    normal,
)
from lvsd.kernel.netlink_socket import generic_netlink
from lvsd.reconcile import changes
from tables import DIAMETER, DNS, MARK, MARK6, SIP6, WEB, WEB6, make, saved, server

SCHEDULERS = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "none"]


# --- services -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler(ipvs: Ipvs, scheduler: str) -> None:
    make(ipvs, Table({WEB: Service(scheduler)}))
    assert saved() == [f"-A -t 192.0.2.10:80 -s {scheduler}"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (WEB, "-t 192.0.2.10:80"),
        (WEB6, "-t [2001:db8::10]:80"),
        (DNS, "-u 192.0.2.10:53"),
        (SIP6, "-u [2001:db8::10]:5060"),
        (DIAMETER, "--sctp-service 192.0.2.10:3868"),
        (MARK, "-f 7"),
        (MARK6, "-f 8 -6"),
    ],
    ids=str,
)
def test_every_kind_of_service(ipvs: Ipvs, key: ServiceKey, said: str) -> None:
    make(ipvs, Table({key: Service("rr")}))
    assert saved() == [f"-A {said} -s rr"]


@pytest.mark.parametrize(
    ("key", "service", "said"),
    [
        (WEB, Service("rr", 300), "-A -t 192.0.2.10:80 -s rr -p 300"),
        (WEB, Service("rr", 300, 24), "-A -t 192.0.2.10:80 -s rr -p 300 -M 255.255.255.0"),
        (WEB6, Service("rr", 60, 64), "-A -t [2001:db8::10]:80 -s rr -p 60 -M 64"),
        (WEB6, Service("rr", 60, 128), "-A -t [2001:db8::10]:80 -s rr -p 60"),
        (SIP6, Service("rr", 60, 64, "sip"), "-A -u [2001:db8::10]:5060 -s rr -p 60 -M 64 --pe sip"),
        (replace(WEB, port=0), Service("rr", 31 * 86400), "-A -t 192.0.2.10:0 -s rr -p 2678400"),
        (MARK, Service("wlc", 50), "-A -f 7 -s wlc -p 50"),
        (DNS, Service("rr", one_packet=True), "-A -u 192.0.2.10:53 -s rr -o"),
        (WEB, Service("sh", flag_1=True, flag_2=True), "-A -t 192.0.2.10:80 -s sh -b sh-fallback,sh-port"),
        (WEB, Service("mh", flag_2=True), "-A -t 192.0.2.10:80 -s mh -b mh-port"),
        (WEB, Service("rr", flag_3=True), "-A -t 192.0.2.10:80 -s rr -b flag-3"),
    ],
    ids=lambda value: "" if isinstance(value, ServiceKey | Service) else value,
)
def test_every_setting_of_a_service(ipvs: Ipvs, key: ServiceKey, service: Service, said: str) -> None:
    make(ipvs, Table({key: normal(key, service)}))
    assert saved() == [said]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Service("rr", 60, 64, "sip"), Service("rr", 60, 64), "-s rr -p 60 -M 64"),
        (Service("rr", 60, 64, "sip"), Service("rr"), "-s rr"),
        (Service("none"), Service("sh", flag_1=True), "-s sh -b sh-fallback"),
        (Service("sh", flag_1=True, flag_2=True), Service("sh", flag_2=True), "-s sh -b sh-port"),
        (Service("rr", one_packet=True), Service("none"), "-s none"),
    ],
)
def test_every_setting_can_be_taken_back(ipvs: Ipvs, before: Service, after: Service, said: str) -> None:
    for service in (before, after):
        make(ipvs, Table({SIP6: service}, {server(SIP6, "2001:db8::11", 5060): Destination()}))
    assert saved()[0] == f"-A -u [2001:db8::10]:5060 {said}"


def test_a_mask_with_holes_is_none_that_anybody_wants(ipvs: Ipvs) -> None:
    run("ipvsadm", "-A", "-t", "192.0.2.10:80", "-s", "rr", "-p", "60", "-M", "255.0.255.0")
    make(ipvs, Table({WEB: Service("rr", 60, 16)}))
    assert saved() == ["-A -t 192.0.2.10:80 -s rr -p 60 -M 255.255.0.0"]


# --- destinations ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "address", "destination", "said"),
    [
        (WEB, "10.0.0.11", Destination(weight=0), "-r 10.0.0.11:80 -m -w 0"),
        (WEB, "10.0.0.11", Destination(weight=65535), "-r 10.0.0.11:80 -m -w 65535"),
        (WEB, "10.0.0.11", Destination(ForwardingMethod.DIRECT), "-r 10.0.0.11:80 -g -w 1"),
        (WEB, "10.0.0.11", Destination(ForwardingMethod.TUNNEL), "-r 10.0.0.11:80 -i -w 1 --tun-type ipip"),
        (
            WEB,
            "10.0.0.11",
            Destination(ForwardingMethod.TUNNEL, 1, 0, 0, TunnelType.GUE, 5555, TunnelFlags.REMCSUM),
            "-r 10.0.0.11:80 -i -w 1 --tun-type gue --tun-port 5555 --tun-remcsum",
        ),
        (
            WEB,
            "10.0.0.11",
            Destination(ForwardingMethod.TUNNEL, 1, tunnel_type=TunnelType.GRE, tunnel_flags=TunnelFlags.CSUM),
            "-r 10.0.0.11:80 -i -w 1 --tun-type gre --tun-csum",
        ),
        (WEB6, "2001:db8::11", Destination(weight=3), "-r [2001:db8::11]:80 -m -w 3"),
        (WEB6, "2001:db8::11", Destination(ForwardingMethod.DIRECT), "-r [2001:db8::11]:80 -g -w 1"),
        (WEB6, "2001:db8::11", Destination(ForwardingMethod.TUNNEL), "-r [2001:db8::11]:80 -i -w 1 --tun-type ipip"),
        (WEB, "2001:db8::11", Destination(ForwardingMethod.TUNNEL), "-r [2001:db8::11]:80 -i -w 1 --tun-type ipip"),
        (WEB6, "10.0.0.11", Destination(ForwardingMethod.TUNNEL), "-r 10.0.0.11:80 -i -w 1 --tun-type ipip"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("-r") else "",
)
def test_every_way_to_a_destination(
    ipvs: Ipvs, service: ServiceKey, address: str, destination: Destination, said: str
) -> None:
    make(ipvs, Table({service: Service("rr")}, {server(service, address): destination}))
    vip = "192.0.2.10:80" if service == WEB else "[2001:db8::10]:80"
    assert saved() == [f"-A -t {vip} -s rr", f"-a -t {vip} {said}"]


def test_thresholds(ipvs: Ipvs) -> None:
    make(
        ipvs,
        Table({WEB: Service("rr")}, {server(WEB, "10.0.0.11"): Destination(ForwardingMethod.DIRECT, 1, 1000, 750)}),
    )
    assert re.search(r"10\.0\.0\.11:80 +1000 +750 +0 +0", run("ipvsadm", "-Ln", "--thresholds"))


def test_a_port_of_its_own_and_a_mark_without_ports(ipvs: Ipvs) -> None:
    table = Table(
        {WEB: Service("rr"), MARK: Service("rr")},
        {
            server(WEB, "10.0.0.11", 8080): Destination(),
            server(MARK, "10.0.0.11", 0): Destination(ForwardingMethod.DIRECT),
        },
    )
    make(ipvs, table)
    assert {"-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -m -w 1", "-a -f 7 -r 10.0.0.11:0 -g -w 1"} <= set(saved())


# --- comparison -------------------------------------------------------------------------------------------

POOL = Table(
    {WEB: Service("wrr", 300, 24), WEB6: Service("wlc"), MARK: Service("sh", flag_1=True)},
    {
        server(WEB, "10.0.0.11", 8080): Destination(weight=2),
        server(WEB, "10.0.0.12", 8080): Destination(weight=1),
        server(WEB6, "2001:db8::11"): Destination(ForwardingMethod.DIRECT),
        server(MARK, "10.0.0.11", 0): Destination(ForwardingMethod.TUNNEL),
    },
)


def test_a_table_is_changed_into_any_other(ipvs: Ipvs) -> None:
    other = Table(
        {WEB: Service("rr"), DNS: Service("rr")},
        {server(WEB, "10.0.0.12", 8080): Destination(weight=7), server(DNS, "10.0.0.13", 53): Destination()},
    )
    for wanted in (POOL, other, POOL, Table(), other, Table()):
        make(ipvs, wanted)
    assert saved() == []


def test_a_table_that_was_made_by_others_is_recognised(ipvs: Ipvs) -> None:
    make(ipvs, POOL)
    rules = run("ipvsadm", "-Sn")
    run("ipvsadm", "-C")
    run("ipvsadm", "-R", stdin=rules)
    actual = ipvs.dump()
    assert not changes(actual.services, POOL.services)
    assert not changes(actual.destinations, POOL.destinations)


def test_services_of_others_are_left_alone(ipvs: Ipvs) -> None:
    run("ipvsadm", "-A", "-t", "198.51.100.1:443", "-s", "lc")
    run("ipvsadm", "-a", "-t", "198.51.100.1:443", "-r", "10.0.0.99:443", "-m")
    theirs = saved()

    def ours(table: Table) -> Table:
        kept = {key: destination for key, destination in table.destinations.items() if key.service in POOL.services}
        return Table({key: service for key, service in table.services.items() if key in POOL.services}, kept)

    for wanted in (POOL, Table()):
        actual = ours(ipvs.dump())
        ipvs.apply(changes(actual.services, wanted.services), changes(actual.destinations, wanted.destinations))
        assert set(theirs) <= set(saved())
    assert saved() == theirs


def test_what_is_gone_already_counts_as_removed(ipvs: Ipvs) -> None:
    make(ipvs, POOL)
    actual = ipvs.dump()
    run("ipvsadm", "-D", "-t", "192.0.2.10:80")
    run("ipvsadm", "-d", "-t", "[2001:db8::10]:80", "-r", "[2001:db8::11]:80")
    ipvs.apply(changes(actual.services, {WEB6: Service("wlc")}), changes(actual.destinations, {}))
    assert saved() == ["-A -t [2001:db8::10]:80 -s wlc"]


def test_a_large_table_in_one_go(ipvs: Ipvs) -> None:
    services = [ServiceKey.at(ip_address("192.0.2.10"), port) for port in range(1, 301)]
    table = Table(
        {key: Service("wrr") for key in services},
        {server(key, f"10.0.0.{host}"): Destination(weight=host) for key in services for host in range(1, 21)},
    )
    make(ipvs, table)
    assert len(saved()) == 300 * 21
    make(ipvs, Table())
    assert saved() == []


# --- no IPVS at all -----------------------------------------------------------------------------------------


def test_the_kernel_loads_ipvs_when_it_is_asked_for_it() -> None:
    eventually(without_ipvs, within=30)
    assert Ipvs(generic_netlink()).dump() == Table()


def test_a_kernel_without_ipvs_is_said_to_be_one() -> None:
    helper = Path("/proc/sys/kernel/modprobe")
    before = helper.read_text()
    eventually(without_ipvs, within=30)
    try:
        helper.write_text("/bin/false\n")
        with pytest.raises(IpvsUnavailable, match="modprobe ip_vs"):
            Ipvs(generic_netlink())
    finally:
        helper.write_text(before)
    assert Ipvs(generic_netlink()).dump() == Table()


def without_ipvs() -> bool:
    """Whether it could be unloaded; the namespaces of tests before take a moment to go."""
    loaded = [line.split()[0] for line in run("lsmod").splitlines() if line.startswith("ip_vs")]
    for module in sorted(loaded, reverse=True):
        subprocess.run(["rmmod", module], capture_output=True, check=False)
    return "ip_vs" not in run("lsmod")
