# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the election decides becomes true: in this order, at the right instances, and no more often than it must."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lvsd.kernel import uapi
from lvsd.model import Configuration, SyncGroup, TrackedInterface, VirtualAddress, VirtualRouter
from lvsd.vrrp.packet import GROUP, Advertisement, encode
from lvsd.vrrp.router import VrrpRouter
from lvsd.vrrp.sockets import Port
from lvsd.vrrp.validate import Datagram

from tests.support.plain_kernel import NO_CARRIER, UP, Mute, PlainHost, PlainKernel, link_report

DOWN = 3 + 156 / 256  # Active_Down_Interval at priority 100
PEER = ip_address("192.0.2.2")


def router(number: int, **words: Any) -> VirtualRouter:
    address = VirtualAddress(address=ip_address(f"10.0.0.{number}"), prefix_length=32)
    words = {"interface": "eth0", "addresses": (address,), **words}
    return VirtualRouter(name=f"VI_{number}", vrid=number, **words)


def host(folder: Path, *routers: VirtualRouter, groups: tuple[SyncGroup, ...] = ()) -> PlainHost:
    kernel = PlainKernel()
    kernel.add_link("eth0", "192.0.2.1/24")
    kernel.add_link("eth1", "198.51.100.1/24")
    return PlainHost(kernel, Configuration(routers=routers, sync_groups=groups), folder)


def active(folder: Path, *routers: VirtualRouter, groups: tuple[SyncGroup, ...] = ()) -> PlainHost:
    """Long enough after a start without a peer; what led there is not in the trace."""
    scene = host(folder, *routers, groups=groups)
    scene.clock.run(2 * DOWN + 10.5)  # the second burst of announcements is over, too
    assert set(scene.states().values()) == {"Active"}
    scene.kernel.trace.clear()
    scene.said.clear()
    return scene


def of(scene: PlainHost) -> VrrpRouter:
    """The router of this host."""
    return scene.router


def hear(scene: PlainHost, name: str, priority: int) -> None:
    """An advertisement of the peer arrives."""
    instance = scene.instance(name)
    addresses = tuple(address.address for address in instance.router.addresses)
    message = encode(Advertisement(2, instance.router.vrid, priority, 1.0, addresses), PEER, GROUP[4])
    datagram = Datagram(PEER, GROUP[4], 255, message)
    port = instance.port
    assert port is not None
    scene.loop.turn(lambda: scene.router.rx.hear(port, datagram))


def test_a_take_over_in_its_order(tmp_path: Path) -> None:
    scene = host(tmp_path, router(1))
    scene.clock.run(DOWN + 0.01)
    assert scene.kernel.trace[:3] == [("advertises", (1, 100)), ("sets", "10.0.0.1"), ("announces", "eth0")]


def test_all_advertisements_of_a_wake_up_go_before_any_address(tmp_path: Path) -> None:
    scene = host(tmp_path, *(router(number) for number in range(1, 6)))
    scene.clock.run(DOWN + 0.01)
    kinds = [what for what, _unused in scene.kernel.trace[:15]]
    assert kinds == ["advertises"] * 5 + ["sets"] * 5 + ["announces"] * 5


def test_an_active_instance_advertises_and_does_nothing_else(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1))
    scene.clock.run(scene.clock.now + 3)
    assert scene.kernel.trace == [("advertises", (1, 100))] * 3
    assert scene.said == []


def test_a_higher_priority_takes_the_addresses(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1))
    hear(scene, "VI_1", 150)
    assert scene.kernel.trace == [("removes", "10.0.0.1")]
    assert scene.instance("VI_1").active_router == PEER


def test_a_lower_priority_is_answered(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1))
    hear(scene, "VI_1", 50)
    assert scene.kernel.trace[:2] == [("advertises", (1, 100)), ("announces", "eth0")]
    assert scene.states() == {"VI_1": "Active"}


def test_a_hand_over_takes_the_sync_group_along_and_nothing_else(tmp_path: Path) -> None:
    group = SyncGroup(name="VG", members=("VI_1", "VI_2"))
    scene = active(tmp_path, router(1), router(2, interface="eth1"), router(3), groups=(group,))
    scene.loop.turn(lambda: of(scene).hand_over([scene.instance("VI_1")]))
    assert scene.states() == {"VI_1": "Backup", "VI_2": "Backup", "VI_3": "Active"}
    assert scene.kernel.trace[:2] == [("advertises", (1, 0)), ("advertises", (2, 0))]
    assert sorted(scene.kernel.trace[2:]) == [("removes", "10.0.0.1"), ("removes", "10.0.0.2")]


def test_the_end_is_told_to_the_peers_and_leaves_no_address(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1), router(2))
    scene.loop.turn(scene.router.release)
    assert scene.kernel.trace[:2] == [("advertises", (1, 0)), ("advertises", (2, 0))]
    assert {str(key.address) for key in scene.kernel.addresses} == {"192.0.2.1", "198.51.100.1"}
    assert [subject for what, subject, _unused in scene.said if what == "state"] == ["VI_1", "VI_2"]


def test_a_farewell_is_one_more_advertisement_of_each_active_instance(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1), router(2))
    hear(scene, "VI_2", 150)
    scene.kernel.trace.clear()
    scene.loop.turn(scene.router.greet)
    assert scene.kernel.trace == [("advertises", (1, 100))]


def test_an_address_that_another_program_has_removed_is_put_back_and_announced(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1))
    scene.kernel.remove_address(scene.kernel.key_of("eth0", "10.0.0.1/32"))
    scene.observe()
    assert scene.kernel.trace[:2] == [("sets", "10.0.0.1"), ("announces", "eth0")]
    assert next(text for what, _unused, text in scene.said if what == "address").endswith("lvsd puts it back")


@pytest.mark.parametrize("lost", [False, True])
def test_an_interface_that_goes_and_comes_back(tmp_path: Path, lost: bool) -> None:
    """By a report, or by a reading after it was lost."""
    scene = active(tmp_path, router(1), router(2, interface="eth1"))
    for flags, state in ((NO_CARRIER, "Initialize"), (UP, "Backup")):
        scene.kernel.set_link("eth1", flags=flags)
        scene.kernel.lost = lost
        scene.observe()
        assert scene.states() == {"VI_1": "Active", "VI_2": state}
    assert scene.kernel.trace == [("advertises", (2, 0)), ("removes", "10.0.0.2")]


def test_a_reload_moves_what_has_changed_and_leaves_the_rest(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1), router(2), router(3))
    since = scene.instance("VI_1").since
    more = (*router(2).addresses, VirtualAddress(address=ip_address("10.0.0.22"), prefix_length=32))
    wanted = Configuration(routers=(router(1), router(2, addresses=more), router(4)))
    scene.loop.turn(lambda: scene.router.configure(wanted))
    assert scene.states() == {"VI_1": "Active", "VI_2": "Active", "VI_4": "Backup"}
    done = [("advertises", (3, 0)), ("removes", "10.0.0.3"), ("sets", "10.0.0.22"), ("announces", "eth0")]
    assert scene.kernel.trace[:4] == done
    assert scene.instance("VI_1").since == since


def test_a_successor_goes_on_and_touches_nothing(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1), router(2))
    hear(scene, "VI_2", 150)
    scene.kernel.trace.clear()
    successor = PlainHost(scene.kernel, Configuration(routers=(router(1), router(2))), tmp_path, scene.clock)
    assert successor.states() == {"VI_1": "Active", "VI_2": "Backup"}
    assert [subject for what, subject, _unused in successor.said if what == "resume"] == ["VI_1", "VI_2"]
    assert {what for what, _unused in scene.kernel.trace} == {"advertises"}


def test_a_priority_that_tracking_has_moved_is_left_to_a_successor(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1, track_interfaces=(TrackedInterface("eth1", -30),)), router(2))
    scene.kernel.set_link("eth1", flags=NO_CARRIER)
    scene.observe()
    left = {remembered.subject.name: remembered.priority for remembered in scene.router.state_file.recall()}
    assert left == {"VI_1": 70, "VI_2": 100}


def test_a_link_that_was_made_anew_under_the_same_number_gets_its_addresses_again(tmp_path: Path) -> None:
    elsewhere = VirtualAddress(address=ip_address("10.0.0.1"), prefix_length=32, dev="eth2")
    kernel = PlainKernel()
    kernel.add_link("eth0", "192.0.2.1/24")
    link = kernel.add_link("eth2")
    scene = PlainHost(kernel, Configuration(routers=(router(1, addresses=(elsewhere,)),)), tmp_path)
    scene.clock.run(20)
    del kernel.addresses[kernel.key_of("eth2", "10.0.0.1/32")]
    kernel.say(link_report(link, uapi.RTM_DELLINK))
    kernel.say(link_report(link))
    scene.observe()
    assert kernel.key_of("eth2", "10.0.0.1/32") in kernel.addresses


def test_the_socket_for_announcements_ends_with_its_interface_even_where_no_instance_uses_it(tmp_path: Path) -> None:
    scene = active(tmp_path, router(1))
    index = scene.kernel.add_link("eth7").index
    scene.observe()
    unused: Any = Mute(Port(4, index, "eth7", None), scene.kernel.trace)  # a reload has deleted its instance
    scene.tx._packet["eth7", index] = unused
    scene.kernel.remove_link("eth7")
    scene.observe()
    assert scene.tx._packet == {}
