# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration does to what runs: kept health, new checks, servers adopted from the kernel's table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.check.health import Health
from lvsd.check.overrides import NONE, Order, Orders
from lvsd.check.pool import Pool, pools
from lvsd.check.services import Server, Services, VirtualService
from lvsd.check.shared_probes import SharedProbes
from lvsd.check.state_codec import Results
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey, Table
from lvsd.loop import Loop
from lvsd.model import (
    Check,
    CheckTiming,
    Command,
    Configuration,
    MiscCheck,
    RealServer,
    SorryServer,
    TcpCheck,
    VirtualServer,
)

KEY = ServiceKey.at(ip_address("192.0.2.10"), 80)
TCP = TcpCheck(timing=CheckTiming(warmup=60.0))
OTHER = MiscCheck(command=Command(("/bin/true",)))
DYNAMIC = replace(OTHER, dynamic=True)
ALPHA = TcpCheck(timing=CheckTiming(alpha=True))
EMPTY = Table()


def real(n: int, *checks: Check, **more: Any) -> RealServer:
    return RealServer(address=ip_address(f"10.0.0.{n}"), checks=checks, **more)


def configured(*servers: RealServer, **more: Any) -> dict[ServiceKey, Pool]:
    virtual = VirtualServer(address=KEY.address, port=80, protocol="TCP", real_servers=servers, **more)
    return pools(Configuration(virtual_servers=(virtual,)))


def at(n: int) -> DestinationKey:
    return DestinationKey(KEY, ip_address(f"10.0.0.{n}"), 80)


def held(**weights: int) -> Table:
    """The kernel's table: s11=2 is the server .11 at weight 2."""
    return Table({KEY: Service("wlc")}, {at(int(name[1:])): Destination(weight=w) for name, w in weights.items()})


@pytest.fixture
def services() -> Iterator[Services]:
    loop = Loop()
    made = Services(loop, SharedProbes(loop), lambda *_: None)
    yield made
    made.stop()
    loop.close()


def load(services: Services, them: dict[ServiceKey, Pool], actual: Table = EMPTY, **said: Order) -> VirtualService:
    orders: Orders = {(str(KEY), f"10.0.0.{name[1:]}:80"): order for name, order in said.items()}
    services.load(them, orders, actual)
    return services.services[KEY]


def set_up(server: Server, up: bool) -> None:
    for runner in server.runners:
        runner.health = replace(runner.health, up=up, observed=True)


def up(service: VirtualService) -> dict[int, bool]:
    return {int(key.address) & 0xFF: server.up for key, server in service.servers.items()}


# --- start -------------------------------------------------------------------------------------


def test_a_fresh_start_begins_up_unless_alpha(services: Services) -> None:
    slow = replace(TCP, timing=CheckTiming(alpha=True))
    service = load(services, configured(real(11, TCP), real(12, slow), real(13)))
    assert up(service) == {11: True, 12: False, 13: True}
    assert service.quorum is None


def test_a_restart_adopts_who_is_in_the_table(services: Services) -> None:
    service = load(services, configured(real(11, TCP), real(12, TCP), real(13)), held(s11=1, s13=1))
    assert up(service) == {11: True, 12: False, 13: True}
    assert [server.state.told_up for server in service.servers.values()] == [True, False, True]
    assert service.quorum is True


def test_adopted_as_dead_is_checked_soon_and_adopted_as_living_gets_its_retries(services: Services) -> None:
    service = load(services, configured(real(11, TCP), real(12, TCP)), held(s11=1))
    (living,), (dead,) = (server.runners for server in service.servers.values())
    assert dead.health.probe_at <= services._loop.now + 1
    assert living.health.observed
    assert not dead.health.observed


def test_at_weight_0_an_inhibited_server_was_dead_and_a_drained_one_was_not(services: Services) -> None:
    inhibited = [real(n, TCP, inhibit_on_failure=True) for n in (11, 12)]
    service = load(services, configured(*inhibited, real(13, TCP)), held(s11=0, s12=0, s13=0), s12=Order(drained=True))
    assert up(service) == {11: False, 12: True, 13: True}


def test_the_weight_of_a_dynamic_check_is_adopted(services: Services) -> None:
    service = load(
        services, configured(real(11, DYNAMIC, weight=3), real(12, DYNAMIC)), held(s11=9, s12=0), s12=Order(True)
    )
    assert service.wanted() == {at(11): Destination(weight=9), at(12): Destination(weight=0)}


def test_a_sorry_server_in_use_is_adopted(services: Services) -> None:
    sorry = SorryServer(address=ip_address("10.0.0.99"))
    service = load(services, configured(real(11, TCP), sorry_server=sorry), held(s99=1))
    assert service.quorum is False
    assert service.wanted() == {at(99): Destination(weight=1)}


def test_weight_0_beside_a_sorry_server_in_use_is_not_what_a_script_asked_for(services: Services) -> None:
    sorry = SorryServer(address=ip_address("10.0.0.99"))
    service = load(services, configured(real(11, DYNAMIC, weight=3), sorry_server=sorry), held(s11=0, s99=1))
    assert (up(service), service.standings()[at(11)].dynamic) == ({11: True}, ())


# --- reload ------------------------------------------------------------------------------------


def test_an_unchanged_check_keeps_its_health_and_its_timer(services: Services) -> None:
    service = load(services, configured(real(11, TCP), real(12, TCP)))
    runners = [server.runners[0] for server in service.servers.values()]
    set_up(service.servers[at(12)], False)
    service.state = replace(service.state, quorum=True)
    service = load(services, configured(real(11, TCP, weight=9), real(12, TCP)))
    assert [server.runners[0] for server in service.servers.values()] == runners
    assert up(service) == {11: True, 12: False}
    assert service.quorum is True
    assert service.wanted() == {at(11): Destination(weight=9)}


def test_another_schedule_keeps_the_health_and_comes_into_force(services: Services) -> None:
    runner = load(services, configured(real(11, TCP))).servers[at(11)].runners[0]
    set_up(services.server(at(11)), False)
    quick = replace(TCP, timing=CheckTiming(delay_loop=2.0))
    again = load(services, configured(real(11, quick))).servers[at(11)].runners[0]
    assert again is runner
    assert again.plan.schedule.delay_loop == 2.0
    assert again.health.probe_at <= services._loop.now + 2
    assert not again.health.up


def test_a_script_keeps_its_weight_and_its_retries_when_it_may_take_longer(services: Services) -> None:
    runner = load(services, configured(real(11, DYNAMIC, weight=3))).servers[at(11)].runners[0]
    runner.health = replace(runner.health, observed=True, weight=50, failures=1)
    for changed in (replace(DYNAMIC, timeout=9), replace(DYNAMIC, timing=CheckTiming(delay_loop=30))):
        service = load(services, configured(real(11, changed, weight=3)))
        assert service.servers[at(11)].runners == [runner]
        assert service.wanted() == {at(11): Destination(weight=50)}
        assert runner.plan.schedule.connect_timeout == (changed.timeout or 30)


def test_a_new_check_of_a_known_server_begins_as_the_server_is(services: Services) -> None:
    load(services, configured(real(11, TCP), real(12, TCP)))
    set_up(services.server(at(12)), False)
    alpha = replace(OTHER, timing=CheckTiming(alpha=True))
    assert up(load(services, configured(real(11, alpha), real(12, alpha)))) == {11: True, 12: False}


def test_a_server_whose_failing_check_was_taken_away_is_up(services: Services) -> None:
    load(services, configured(real(11, TCP, OTHER)))
    services.server(at(11)).runners[0].health = replace(services.server(at(11)).runners[0].health, up=False)
    server = services.server(at(11))
    server.state = replace(server.state, told_up=False)
    service = load(services, configured(real(11, OTHER)))
    assert up(service) == {11: True}
    assert not service.servers[at(11)].state.told_up  # so that it is told


def test_what_left_the_configuration_is_handed_back_and_stopped(services: Services) -> None:
    runner = load(services, configured(real(11, TCP))).servers[at(11)].runners[0]
    gone = services.load({}, {}, EMPTY)
    assert [service.pool.key for service in gone.services] == [KEY]
    assert gone.servers == []
    assert services.services == {}
    assert runner._timer is None


def test_so_is_a_server_of_a_service_that_stays(services: Services) -> None:
    load(services, configured(real(11, TCP), real(12, TCP)))
    gone = services.load(configured(real(11, TCP), real(13, TCP)), {}, EMPTY)
    assert [server.member.key for server in gone.servers] == [at(12)]
    assert gone.services == []


def test_probes_that_nobody_asks_for_any_more_are_forgotten(services: Services) -> None:
    for number in range(20):
        script = MiscCheck(command=Command(("/bin/true", str(number))))
        load(services, configured(real(11, TCP, script)))
    probes = [probe for alike in services._shared_probes._known.values() for probe, _ in alike]
    runners = services.server(at(11)).runners
    assert sorted(map(repr, probes)) == sorted(repr(runner.plan.probe) for runner in runners)
    assert services._shared_probes.number(runners[0].plan.probe, runners[0].plan.mark) == runners[0].number


def test_orders_are_carried_out(services: Services) -> None:
    service = load(services, configured(real(11), real(12)), s11=Order(drained=True), s12=Order(weight=5))
    service.state = replace(service.state, quorum=True)
    assert service.wanted() == {at(11): Destination(weight=0), at(12): Destination(weight=5)}
    assert load(services, configured(real(11))).servers[at(11)].order == NONE


# --- results that a predecessor has left ---------------------------------------------------------


def left(services: Services, **healths: Health) -> Results:
    """As the predecessor would have recorded them: of the first check of each server."""
    names = {key: server.runners[0].plan.name for key, server in services.services[KEY].servers.items()}
    return Results({names[at(int(server[1:]))]: health for server, health in healths.items()}, {str(KEY): True})


def test_results_of_a_predecessor_are_taken_as_they_are(services: Services) -> None:
    pools = configured(real(11, TCP), real(12, TCP), real(13, ALPHA), quorum=3, hysteresis=1)
    down = Health(up=False, probe_at=0.0, observed=True, failures=2, detail="refused")
    retrying = Health(up=True, probe_at=0.0, observed=True, failures=1)
    load(services, pools)
    results = left(services, s11=down, s12=retrying, s13=replace(retrying, failures=0))
    again = Services(services._loop, services._shared_probes, lambda *_: None)
    again.load(pools, {}, held(s11=1, s12=1, s13=1), results)  # the kernel was not told any more that .11 is down
    service = again.services[KEY]
    assert up(service) == {11: False, 12: True, 13: True}
    assert [server.state.told_up for server in service.servers.values()] == [False, True, True]  # no script runs again
    assert [server.runners[0].health.failures for server in service.servers.values()] == [2, 1, 0]
    assert service.quorum is True
    assert set(service.wanted()) == {at(12), at(13)}
    assert again.results() == Results(
        {
            name: replace(h, probe_at=now.probe_at)
            for (name, h), now in zip(results.checks.items(), healths(again), strict=True)
        },
        results.quorums,
    )
    again.stop()


def healths(services: Services) -> list[Health]:
    return [server.runners[0].health for server in services.services[KEY].servers.values()]


def test_a_check_without_results_begins_as_the_kernel_holds_its_server(services: Services) -> None:
    pools = configured(real(11, TCP), real(12, TCP), real(13, DYNAMIC, weight=5))
    load(services, pools)
    asked = Health(up=True, probe_at=0.0, observed=True, weight=9)
    results = left(services, s13=asked)
    again = Services(services._loop, services._shared_probes, lambda *_: None)
    again.load(pools, {}, held(s11=1, s13=7), results)
    assert up(again.services[KEY]) == {11: True, 12: False, 13: True}
    assert again.services[KEY].wanted()[at(13)].weight == 9  # its script had the last word
    again.stop()


def test_of_two_scripts_that_move_the_weight_the_one_with_a_result_is_not_counted_twice(services: Services) -> None:
    other = MiscCheck(command=Command(("/bin/false",)), dynamic=True)
    pools = configured(real(11, DYNAMIC, other, weight=3))
    load(services, pools)
    results = left(services, s11=Health(up=True, probe_at=0.0, observed=True, weight=9))
    again = Services(services._loop, services._shared_probes, lambda *_: None)
    again.load(pools, {}, held(s11=9), results)
    assert again.services[KEY].wanted()[at(11)].weight == 9  # as the kernel holds it
    again.stop()


def test_only_what_was_observed_is_worth_handing_on(services: Services) -> None:
    service = load(services, configured(real(11, TCP), real(12, TCP)))
    assert services.results() == Results({}, {})
    set_up(service.servers[at(12)], False)
    (name,) = services.results().checks
    assert name.startswith(f"10.0.0.12:80 of {KEY} TCP_CHECK ")
