# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From health to destinations: membership, quorum, sorry server, drained servers."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check.pool import Pool, Standing, destinations, has_quorum, live_weight, needed, pool, pools, weight
from lvsd.kernel.ipvs_types import Destination, DestinationKey, ForwardingMethod, ServiceKey, TunnelFlags, TunnelType
from lvsd.model import Configuration, Method, RealServer, SorryServer, VirtualServer
from lvsd.model import Forwarding as Kind

VIP = ip_address("192.0.2.10")
KEY = ServiceKey.at(VIP, 80)


def server(n: int, **more: Any) -> RealServer:
    return RealServer(address=ip_address(f"10.0.0.{n}"), **more)


def virtual(*servers: RealServer, **more: Any) -> VirtualServer:
    values: dict[str, Any] = {"address": VIP, "port": 80, "protocol": "TCP", **more}
    return VirtualServer(**values, real_servers=servers)


def made(*servers: RealServer, **more: Any) -> Pool:
    return pool(Configuration(), virtual(*servers, **more))


def at(n: int, port: int = 80) -> DestinationKey:
    return DestinationKey(KEY, ip_address(f"10.0.0.{n}"), port)


def standing(pool: Pool, *up: int, drained: tuple[int, ...] = ()) -> dict[DestinationKey, Standing]:
    return {key: Standing(int(key.address) & 0xFF in up, int(key.address) & 0xFF in drained) for key in pool.members}


def held(pool: Pool, *up: int, quorum: bool = True, drained: tuple[int, ...] = ()) -> dict[int, int]:
    """last byte of the address -> weight"""
    table = destinations(pool, standing(pool, *up, drained=drained), quorum)
    return {int(key.address) & 0xFF: value.weight for key, value in table.items()}


SORRY = SorryServer(address=ip_address("10.0.0.99"))
TWO = made(server(11, weight=2), server(12))
INHIBITED = made(server(11, weight=2, inhibit_on_failure=True), server(12))
APOLOGETIC = made(server(11), server(12), sorry_server=SORRY, quorum=2)

ROWS = [
    # what                                                  pool        up        quorum  drained  held
    ("the living are in the table",                         TWO,        (11, 12), True,   (),      {11: 2, 12: 1}),
    ("the dead are not",                                    TWO,        (12,),    True,   (),      {12: 1}),
    ("nobody is left",                                      TWO,        (),       False,  (),      {}),
    ("an inhibited one stays at weight 0",                  INHIBITED,  (12,),    True,   (),      {11: 0, 12: 1}),
    ("a drained one stays at weight 0",                     TWO,        (11, 12), True,   (11,),   {11: 0, 12: 1}),
    ("also when its checks fail",                           TWO,        (12,),    True,   (11,),   {11: 0, 12: 1}),
    ("with quorum there is no sorry server",                APOLOGETIC, (11, 12), True,   (),      {11: 1, 12: 1}),
    ("without, it replaces the living",                     APOLOGETIC, (11,),    False,  (),      {99: 1}),
    ("without, and nobody alive",                           APOLOGETIC, (),       False,  (),      {99: 1}),
    ("the drained finish beside the sorry server",          APOLOGETIC, (11,),    False,  (11,),   {11: 0, 99: 1}),
    ("without a sorry server the living stay",              TWO,        (12,),    False,  (),      {12: 1}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "pool", "up", "quorum", "drained", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_destinations(
    what: str, pool: Pool, up: tuple[int, ...], quorum: bool, drained: tuple[int, ...], expected: dict[int, int]
) -> None:
    assert held(pool, *up, quorum=quorum, drained=drained) == expected


# what, who is up, who is drained, the held table: servers 11 to 13 at weight 10, quorum 20
SPARED = [
    ("one is drained and the quorum is kept", (11, 12, 13), (11,), True, {11: 0, 12: 10, 13: 10}),
    ("the second loses it", (11, 12, 13), (11, 12), False, {11: 0, 12: 0, 13: 0, 99: 1}),
    ("a third one is down: the order is still the reason", (11, 12), (11,), False, {11: 0, 12: 0, 99: 1}),
    ("a failure is the reason: the living go, the drained stay", (11,), (11,), False, {11: 0, 99: 1}),
    ("two failures, and an order about the dead", (13,), (11,), False, {11: 0, 99: 1}),
    ("no order", (13,), (), False, {99: 1}),
]


@pytest.mark.parametrize(("what", "up", "drained", "quorum", "expected"), SPARED, ids=[row[0] for row in SPARED])
def test_an_order_about_one_server_ends_no_connection_of_another(
    what: str, up: tuple[int, ...], drained: tuple[int, ...], quorum: bool, expected: dict[int, int]
) -> None:
    three = made(*(server(n, weight=10) for n in (11, 12, 13)), sorry_server=SORRY, quorum=20)
    assert has_quorum(three, standing(three, *up, drained=drained), True) is quorum
    assert held(three, *up, drained=drained, quorum=quorum) == expected


def test_the_same_goes_for_a_weight_that_the_operator_has_taken_away() -> None:
    how = standing(APOLOGETIC, 11, 12) | {at(11): Standing(True, weight=0)}
    table = destinations(APOLOGETIC, how, has_quorum(APOLOGETIC, how, True))
    assert {key: value.weight for key, value in table.items()} == {at(11): 0, at(12): 0, at(99): 1}


def test_a_script_that_takes_the_weight_away_is_no_operator() -> None:
    how = standing(APOLOGETIC, 11, 12) | {at(11): Standing(True, dynamic=(0,))}
    assert list(destinations(APOLOGETIC, how, has_quorum(APOLOGETIC, how, True))) == [at(99)]


def test_a_dead_drained_server_of_a_persistent_service_goes() -> None:
    assert held(made(server(11), server(12), persistence_timeout=60), 12, drained=(11,)) == {12: 1}


def test_an_inhibited_sorry_server_waits_at_weight_0() -> None:
    apologetic = made(server(11), sorry_server=replace(SORRY, inhibit=True))
    assert held(apologetic, 11) == {11: 1, 99: 0}
    assert held(apologetic, quorum=False) == {99: 1}


def test_a_living_inhibited_server_waits_while_the_sorry_server_answers() -> None:
    apologetic = made(server(11, inhibit_on_failure=True), server(12), sorry_server=SORRY, quorum=2)
    assert held(apologetic, 11, quorum=False) == {11: 0, 99: 1}


def test_a_sorry_server_that_is_also_a_real_server_is_there_once() -> None:
    apologetic = made(server(11, weight=5), server(99, inhibit_on_failure=True), sorry_server=SORRY)
    assert held(apologetic, 11, 99) == {11: 5, 99: 1}
    assert held(apologetic, quorum=False) == {99: 1}
    waiting = made(server(11), server(99, weight=7), sorry_server=replace(SORRY, inhibit=True))
    assert held(waiting, 11, 99) == {11: 1, 99: 7}


# --- weights -----------------------------------------------------------------------------------


WEIGHTS = [
    (Standing(True), 3),
    (Standing(True, drained=True), 0),
    (Standing(True, weight=7), 7),
    (Standing(True, drained=True, weight=7), 0),
    (Standing(True, dynamic=(10,)), 10),
    (Standing(True, dynamic=(10, 1)), 8),
    (Standing(True, weight=7, dynamic=(1,)), 5),
    (Standing(True, dynamic=(0, 0)), 0),
]


@pytest.mark.parametrize(("standing", "expected"), WEIGHTS)
def test_weight(standing: Standing, expected: int) -> None:
    (member,) = made(server(11, weight=3)).members.values()
    assert weight(member, standing) == expected


def test_weights_are_inherited() -> None:
    weights = made(server(11), server(12, weight=9), server(13, weight=0), weight=4).members.values()
    assert [member.destination.weight for member in weights] == [4, 9, 0]


def test_an_order_that_is_taken_back_ends_no_connection_either() -> None:
    """Within the hysteresis the quorum is still lost when nobody is drained any more."""
    three = made(*(server(n) for n in (11, 12, 13)), sorry_server=SORRY, quorum=2, hysteresis=1)
    apology = {12: 0, 13: 0, 99: 1}
    for drained in ((12, 13), (13,), ()):
        assert not has_quorum(three, standing(three, 12, 13, drained=drained), False)
        assert held(three, 12, 13, drained=drained, quorum=False) == apology
    assert held(three, 12, quorum=False) == {12: 0, 99: 1}  # what would keep it is let be until it is gained
    assert held(three, quorum=False) == {99: 1}


# --- quorum ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("had", "up", "expected"),
    [(True, 3, True), (True, 2, True), (True, 1, False), (False, 3, False), (False, 4, True), (None, 3, True)],
)
def test_hysteresis_keeps_what_is(had: bool | None, up: int, expected: bool) -> None:
    five = made(*(server(n) for n in range(1, 6)), quorum=3, hysteresis=1)
    assert has_quorum(five, standing(five, *range(1, up + 1)), had) is expected


def test_nothing_alive_is_never_a_quorum() -> None:
    assert not has_quorum(TWO, standing(TWO), True)
    lenient = made(server(11), server(12), quorum=2, hysteresis=2)
    assert not has_quorum(lenient, standing(lenient), True)


def test_a_quorum_above_the_total_weight_is_reduced() -> None:
    ambitious = made(server(11), server(12), quorum=100, hysteresis=5)
    assert (ambitious.quorum, needed(ambitious, False)) == (2, 2)
    assert has_quorum(ambitious, standing(ambitious, 11, 12), False)


def test_a_drained_server_counts_for_nothing() -> None:
    assert live_weight(TWO, standing(TWO, 11, 12, drained=(11,))) == 1


# --- from the configuration --------------------------------------------------------------------


def test_equal_servers_and_services_are_there_once_and_the_first_counts() -> None:
    first, second = virtual(server(11, weight=1), server(11, weight=2)), virtual(server(12))
    found = pools(Configuration(virtual_servers=(first, second)))
    assert list(found) == [KEY]
    assert {key: m.destination.weight for key, m in found[KEY].members.items()} == {at(11): 1}


def test_a_service_without_real_servers_is_left_out() -> None:
    assert pools(Configuration(virtual_servers=(virtual(sorry_server=SORRY),))) == {}


def test_keys_of_services() -> None:
    marks = VirtualServer(fwmark=7, real_servers=(RealServer(address=ip_address("2001:db8::11")),))
    found = pools(
        Configuration(
            virtual_servers=(
                virtual(server(11), protocol=None, port=53),
                virtual(server(11), protocol="SCTP"),
                marks,
                replace(marks, fwmark=8, ip_family="inet"),
            )
        )
    )
    assert list(map(str, found)) == ["192.0.2.10:53/UDP", "192.0.2.10:80/SCTP", "fwmark 7/IPv6", "fwmark 8/IPv4"]


def test_only_nat_changes_the_port() -> None:
    nat, direct = made(server(11, port=8080)), made(server(11, port=8080), method=Method(forwarding=Kind.DR))
    assert [list(nat.members), list(direct.members)] == [[at(11, 8080)], [at(11)]]
    ports = [
        key.port
        for kind in Kind
        for key in made(server(11, port=8080), address=None, port=0, fwmark=7, method=Method(forwarding=kind)).members
    ]
    assert dict(zip(Kind, ports, strict=True)) == {Kind.NAT: 8080, Kind.TUN: 0, Kind.DR: 0}  # as keepalived 2.2.7


def test_a_tunnel_brings_its_type_port_and_flags() -> None:
    gue = Method(forwarding=Kind.TUN, tunnel_type="gue", tunnel_port=6080, tunnel_flags="remcsum")
    (member,) = made(server(11, upper_threshold=9, lower_threshold=4), method=gue).members.values()
    assert member.destination == Destination(
        ForwardingMethod.TUNNEL, 1, 9, 4, TunnelType.GUE, 6080, TunnelFlags.REMCSUM
    )


def test_how_the_service_is_set() -> None:
    service = made(
        server(11),
        scheduler="sh",
        scheduler_flags=("sh-port", "sh-fallback"),
        persistence_timeout=300,
        persistence_netmask=24,
        persistence_engine="sip",
        one_packet=True,
    ).service
    assert (service.scheduler, service.flag_1, service.flag_2, service.flag_3) == ("sh", True, True, False)
    assert (service.persistence_timeout, service.persistence_netmask, service.persistence_engine) == (300, 24, "sip")
    assert service.one_packet


def test_the_mask_of_whole_addresses_is_none_as_the_kernel_has_it() -> None:
    assert made(server(11), persistence_timeout=300, persistence_netmask=32).service.persistence_netmask is None


# --- for any pool ------------------------------------------------------------------------------

standings = st.builds(Standing, st.booleans(), st.booleans(), st.none() | st.integers(0, 70000))
servers = st.lists(st.tuples(st.integers(0, 9), st.booleans(), standings), min_size=1, max_size=8)


@given(servers, st.integers(1, 12), st.integers(0, 5), st.booleans(), st.booleans(), st.none() | st.booleans())
def test_what_holds_for_any_pool(
    rows: list[tuple[int, bool, Standing]],
    quorum: int,
    hysteresis: int,
    with_sorry: bool,
    sorry_inhibit: bool,
    had: bool | None,
) -> None:
    real = [server(n, weight=w, inhibit_on_failure=i) for n, (w, i, _) in enumerate(rows, 1)]
    sorry = replace(SORRY, inhibit=sorry_inhibit) if with_sorry else None
    this = made(*real, quorum=quorum, hysteresis=hysteresis, sorry_server=sorry)
    how = {at(n): s for n, (_, _, s) in enumerate(rows, 1)}
    gained = has_quorum(this, how, had)
    table = destinations(this, how, gained)

    assert all(0 <= value.weight <= 65535 for value in table.values())
    assert gained <= (live_weight(this, how) > 0)
    for key, s in how.items():
        if table.get(key, Destination(weight=0)).weight > 0:
            assert s.up
            assert not s.drained
        if s.up and s.drained:
            assert table[key].weight == 0
    free = {key: replace(s, drained=False, weight=None) for key, s in how.items()}
    if had and has_quorum(this, free, had):  # no order takes a live server away that was there
        assert all(key in table for key, s in how.items() if s.up)
    if with_sorry:
        apologising = table.get(at(99), Destination(weight=0)).weight == 1
        assert apologising is not gained
        assert not (apologising and any(table[key].weight for key in how if key in table))
    elif any(s.up for s in how.values()):
        assert table
    if has_quorum(this, how, False):  # what is enough to gain it is enough to keep it
        assert has_quorum(this, how, True)
