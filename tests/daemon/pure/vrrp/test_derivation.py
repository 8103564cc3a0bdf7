# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a change the instances that depend on it are derived anew, and no others; what comes out is the same."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lvsd.kernel.rtnl_types import LinkFlags
from lvsd.model import Configuration, SyncGroup, TrackedInterface, UnicastPeer, VirtualAddress, VirtualRouter
from lvsd.vrrp import derivation
from lvsd.vrrp.instance import Instance

from tests.support.plain_kernel import NO_CARRIER, UP, PlainHost, PlainKernel


def router(number: int, interface: str = "eth0", **words: Any) -> VirtualRouter:
    address = VirtualAddress(address=ip_address(f"10.0.0.{number}"), prefix_length=24)
    words.setdefault("addresses", (address,))
    return VirtualRouter(name=f"VI_{number}", vrid=number, interface=interface, **words)


def tracks(*names: str, weight: int = 0) -> tuple[TrackedInterface, ...]:
    return tuple(TrackedInterface(name, weight) for name in names)


def host(folder: Path, *routers: VirtualRouter, groups: tuple[SyncGroup, ...] = ()) -> PlainHost:
    """eth0 and eth1 with an address, eth2 without one, and three uplinks."""
    kernel = PlainKernel()
    kernel.add_link("eth0", "192.0.2.1/24")
    kernel.add_link("eth1", "198.51.100.1/24")
    for name in ("eth2", "up0", "up1", "up2"):
        kernel.add_link(name)
    return PlainHost(kernel, Configuration(routers=routers, sync_groups=groups), folder)


class Derived:
    """Which instances are derived anew while this is entered."""

    def __init__(self, scene: PlainHost) -> None:
        self.scene = scene
        self.names: list[str] = []

    def __enter__(self) -> list[str]:
        self.before = {instance: instance.vr for instance in self.scene.router.election.instances}
        return self.names

    def __exit__(self, *_: object) -> None:
        self.names += [instance.name for instance, vr in self.before.items() if instance.vr is not vr]


def test_one_change_of_one_tracker_derives_its_instances_and_no_others(tmp_path: Path) -> None:
    routers = [router(number, track_interfaces=tracks(f"up{number % 3}", weight=-10)) for number in range(1, 200)]
    scene = host(tmp_path, *routers)
    with Derived(scene) as names:
        scene.kernel.set_link("up1", flags=NO_CARRIER)
        scene.observe()
    assert names == [f"VI_{number}" for number in range(1, 200) if number % 3 == 1]
    priorities = {instance.name: instance.vr.priority for instance in scene.router.election.instances}
    assert {name for name, priority in priorities.items() if priority == 90} == set(names)
    assert [message for what, _unused, message in scene.said if what == "priority"] == [
        f"{name}: priority 100 -> 90" for name in names
    ]


def test_an_interface_that_nothing_depends_on_derives_nothing(tmp_path: Path) -> None:
    scene = host(tmp_path, router(1), router(2, track_interfaces=tracks("up0")))
    with Derived(scene) as names:
        scene.kernel.set_link("up2", flags=NO_CARRIER)
        scene.kernel.set_link("up2", mtu=9000)
        scene.kernel.remove_link("up2")
        scene.kernel.add_link("veth7")
        scene.observe()
    assert names == []


def test_what_a_sync_group_tracks_derives_its_members(tmp_path: Path) -> None:
    group = SyncGroup(name="VG", members=("VI_1", "VI_3"), track_interfaces=tracks("up0"))
    scene = host(tmp_path, router(1), router(2), router(3, "eth1"), groups=(group,))
    with Derived(scene) as names:
        scene.kernel.set_link("up0", flags=NO_CARRIER)
        scene.observe()
    assert names == ["VI_1", "VI_3"]
    assert scene.states() == {"VI_1": "Initialize", "VI_2": "Backup", "VI_3": "Initialize"}
    scene.kernel.set_link("up0", flags=UP)
    scene.observe()
    assert set(scene.states().values()) == {"Backup"}


def test_what_concerns_every_instance_derives_every_instance(tmp_path: Path) -> None:
    """An address of the host is one that no other router can send from."""
    scene = host(tmp_path, router(1), router(2, "eth1"))
    with Derived(scene) as names:
        scene.kernel.add_address("up2", "203.0.113.7/24")
        scene.observe()
    assert names == ["VI_1", "VI_2"]
    assert ip_address("203.0.113.7") in scene.router.election.instances[0].wanted.own.addresses


def test_a_link_local_address_concerns_those_of_its_interface(tmp_path: Path) -> None:
    address = VirtualAddress(address=ip_address("fe80::100"), prefix_length=64)
    scene = host(tmp_path, router(1, "eth1", addresses=(address,)), router(2))
    assert scene.states()["VI_1"] == "Initialize"
    with Derived(scene) as names:
        scene.kernel.add_address("eth1", "fe80::1/64")
        scene.observe()
    assert names == ["VI_1"]
    assert scene.states()["VI_1"] == "Backup"


def test_a_socket_that_was_refused_is_asked_for_again_at_each_change(tmp_path: Path) -> None:
    scene = host(tmp_path, router(1), router(2, "eth1"))
    scene.tx.refused = frozenset({"eth0"})
    scene.loop.turn(scene.router.assess)
    assert scene.router.election.instances[0].faults == ("no VRRP socket on eth0: refused",)
    scene.tx.refused = frozenset()
    scene.kernel.set_link("up2", mtu=9000)
    scene.observe()
    assert scene.router.election.instances[0].faults == ()


def test_an_instance_that_a_reload_has_deleted_is_derived_no_more(tmp_path: Path) -> None:
    scene = host(tmp_path, router(1), router(2, "eth1"))
    scene.tx.refused = frozenset({"eth0"})
    scene.loop.turn(scene.router.assess)
    scene.loop.turn(lambda: scene.router.configure(Configuration(routers=(router(2, "eth1"),))))
    scene.kernel.set_link("eth0", mtu=9000)
    scene.kernel.set_link("eth1", mtu=9000)
    scene.observe()
    assert [instance.mtu for instance in scene.router.election.instances] == [9000]


def test_the_socket_of_an_interface_that_is_gone_is_closed(tmp_path: Path) -> None:
    scene = host(tmp_path, router(1), router(2, "eth1"))
    assert sorted(port.name for port in scene.tx._vrrp) == ["eth0", "eth1"]
    scene.kernel.remove_link("eth1")
    scene.observe()
    assert [port.name for port in scene.tx._vrrp] == ["eth0"]
    assert scene.states() == {"VI_1": "Backup", "VI_2": "Initialize"}


def test_a_route_that_changes_with_any_link_moves_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = {"203.0.113.9": "192.0.2.1"}
    monkeypatch.setattr(derivation, "source_towards", lambda peer: ip_address(routes[str(peer)]))
    routed = router(1, "eth2", unicast_peers=(UnicastPeer(ip_address("203.0.113.9")),))
    scene = host(tmp_path, routed, router(2))
    assert str(scene.router.election.instances[0].primary) == "192.0.2.1"
    routes["203.0.113.9"] = "198.51.100.1"
    with Derived(scene) as names:
        scene.kernel.set_link("up2", flags=NO_CARRIER)
        scene.observe()
    assert names == ["VI_1"]
    assert str(scene.router.election.instances[0].vr.primary) == "198.51.100.1"


def test_a_renamed_interface_takes_its_addresses_along(tmp_path: Path) -> None:
    scene = host(tmp_path, router(1))
    scene.clock.run(10)
    key = scene.kernel.key_of("eth0", "10.0.0.1/24")
    assert key in scene.kernel.addresses
    scene.kernel.set_link("eth0", name="eth7")
    scene.observe()
    assert scene.states() == {"VI_1": "Initialize"}
    assert key not in scene.kernel.addresses


# --- the same as deriving all of them --------------------------------------------------------------


def derived(instance: Instance) -> tuple[Any, ...]:
    """Everything that an instance derives."""
    known = instance.vr, instance.wanted, instance.faults, instance.primary, instance.port, instance.mtu
    return *known, dict(instance.table), instance.advertised


def everything(scene: PlainHost) -> dict[str, Any]:
    addresses = scene.router.addresses
    found: dict[str, Any] = {instance.name: derived(instance) for instance in scene.router.election.instances}
    ports = {key: [i.name for i in instances] for key, instances in scene.router.rx.by_port.items()}
    return {**found, "ports": ports, "shared": addresses.shared, "alone": addresses.alone}


def happenings(draw: Random, kernel: PlainKernel) -> Iterator[None]:
    """What a host's links and addresses can go through, without an end."""
    gone: list[str] = []
    while True:
        names = [link.name for link in kernel.links.values()]
        name = draw.choice(names)
        kinds = ["flags", "flags", "mtu", "hardware", "rename", "remove", "add", "address", "no address"]
        match draw.choice(kinds):
            case "flags":
                kernel.set_link(name, flags=draw.choice([UP, NO_CARRIER, LinkFlags(0)]))
            case "mtu":
                kernel.set_link(name, mtu=draw.choice([68, 576, 1500]))
            case "hardware":
                kernel.set_link(name, address=bytes([2, 0, 0, 0, 9, draw.randrange(256)]))
            case "rename":
                other = gone.pop() if gone else f"new{draw.randrange(100)}"
                if other not in names:
                    gone.append(name)
                    kernel.set_link(name, name=other)
            case "remove" if len(names) > 3:
                gone.append(name)
                kernel.remove_link(name)
            case "add" if gone and gone[-1] not in names:
                kernel.add_link(gone.pop(), draw.choice(["", "192.0.2.1/24", "fe80::7/64", "10.0.0.1/24"]))
            case "address":
                kernel.add_address(name, draw.choice(["192.0.2.9/24", "fe80::9/64", "203.0.113.9/24"]))
            case "no address" if kernel.addresses:
                kernel.remove_address(draw.choice(list(kernel.addresses)))
        yield


def mixture() -> tuple[tuple[VirtualRouter, ...], tuple[SyncGroup, ...]]:
    elsewhere = VirtualAddress(address=ip_address("10.0.9.9"), prefix_length=24, dev="eth1")
    link_local = VirtualAddress(address=ip_address("fe80::100"), prefix_length=64)
    routers = (
        router(1, track_interfaces=tracks("up0")),
        router(2, "eth1", track_interfaces=tracks("up1", weight=20)),
        router(3, track_interfaces=tracks("up0", "up2", weight=-5), excluded_addresses=(elsewhere,)),
        router(4, "eth1", addresses=(link_local,)),
        router(5, "eth2", unicast_peers=(UnicastPeer(ip_address("203.0.113.9")),)),
        router(6, "eth2", dont_track_primary=True, source=ip_address("192.0.2.200")),
        router(7, addresses=(elsewhere,)),
    )
    group = SyncGroup(name="VG", members=("VI_2", "VI_7"), track_interfaces=tracks("up1"))
    return routers, (group,)


@pytest.mark.parametrize("seed", range(60))
def test_it_comes_to_the_same_as_deriving_every_instance(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Random(seed)
    routers, groups = mixture()
    scene = host(tmp_path, *routers, groups=groups)

    def source_towards(_peer: object) -> Any:
        """The first address of the host on a link that runs; the router's own addresses have no say here."""
        running = [key.address for key in scene.kernel.addresses if scene.kernel.links[key.index].running]
        return next((a for a in running if a.version == 4 and not str(a).startswith("10.")), None)

    monkeypatch.setattr(derivation, "source_towards", source_towards)
    scene.loop.turn(scene.router.assess)
    for number, _unused in zip(range(40), happenings(draw, scene.kernel), strict=False):
        if draw.random() < 0.6:  # otherwise more is read at once
            scene.clock.run(scene.clock.now + draw.choice([0.0, 0.1, 5.0]))
            scene.observe()
            narrow = everything(scene)
            scene.router.derivation.derive_all()
            scene.router.rx.by_port = scene.router.derivation.by_port
            assert everything(scene) == narrow, number
