# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of Active instances over a kernel of plain tables: set in one batch, refused, removed, put back."""

from __future__ import annotations

from collections.abc import Mapping
from errno import EINVAL
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from lvsd.kernel.netlink import NetlinkError, Refusal
from lvsd.kernel.rtnl_types import AddressKey, Assignment
from lvsd.model import Configuration, VirtualAddress, VirtualRouter
from lvsd.reconcile import Changes
from lvsd.vrrp.addresses import MOST_NAMED, RETRY, wanted

from tests.support.plain_kernel import PlainHost, PlainKernel

DOWN = 3 + 156 / 256  # Active_Down_Interval at priority 100


class Refusing(PlainKernel):
    """Takes all but these addresses, and counts what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.refusing: set[str] = set()
        self.asked = 0

    def apply(self, changes: Changes[AddressKey, Assignment], companions: Mapping[AddressKey, Assignment]) -> None:
        self.asked += 1
        new = {key: value for key, value in changes.add.items() if str(key.address) not in self.refusing}
        super().apply(Changes(add=new, update=changes.update, remove=changes.remove), companions)
        if refused := changes.add.keys() - new.keys():
            raise NetlinkError(
                [(f"address {key}", Refusal(0, EINVAL, "Invalid argument")) for key in sorted(refused, key=str)]
            )


def router(number: int, *more: int, **words: Any) -> VirtualRouter:
    addresses = tuple(VirtualAddress(address=ip_address(f"10.0.0.{n}"), prefix_length=32) for n in (number, *more))
    return VirtualRouter(
        **{"name": f"VI_{number}", "vrid": number, "interface": "eth0", "addresses": addresses, **words}
    )


def host(folder: Path, *routers: VirtualRouter) -> tuple[PlainHost, Refusing]:
    kernel = Refusing()
    kernel.add_link("eth0", "192.0.2.1/24")
    return PlainHost(kernel, Configuration(routers=routers), folder), kernel


def ours(kernel: PlainKernel) -> list[str]:
    return sorted(str(key.address) for key in kernel.addresses if str(key.address).startswith("10."))


def said(scene: PlainHost) -> list[str]:
    return [message for what, _subject, message in scene.said if what == "address"]


def test_the_addresses_of_all_that_become_active_come_in_one_batch(tmp_path: Path) -> None:
    scene, kernel = host(tmp_path, router(1, 11), router(2, 12))
    assert ours(kernel) == []
    scene.clock.run(DOWN + 0.01)
    assert ours(kernel) == ["10.0.0.1", "10.0.0.11", "10.0.0.12", "10.0.0.2"]
    assert kernel.asked == 1
    assert set(wanted(scene.router.election.instances)) == {
        key for key in kernel.addresses if str(key.address).startswith("10.")
    }


def test_an_address_that_is_refused_is_said_once_with_its_place_and_tried_again(tmp_path: Path) -> None:
    scene, kernel = host(tmp_path, router(1, 11))
    kernel.refusing = {"10.0.0.11"}
    scene.clock.run(DOWN + 5 * RETRY)
    assert ours(kernel) == ["10.0.0.1"]
    (refusal,) = [text for text in said(scene) if "refused" in text]
    assert refusal.startswith("addresses refused: 10.0.0.11/32 dev eth0: ")
    assert kernel.asked >= 5
    ((address, reason),) = scene.router.addresses.absent(scene.instance("VI_1"))
    assert address.startswith("10.0.0.11")
    assert reason
    kernel.refusing.clear()
    scene.clock.run(scene.clock.now + RETRY + 0.01)
    assert ours(kernel) == ["10.0.0.1", "10.0.0.11"]
    assert scene.router.addresses.refused == {}
    assert scene.router.addresses.absent(scene.instance("VI_1")) == []


def test_one_that_is_refused_again_for_the_same_is_said_again_after_it_was_taken(tmp_path: Path) -> None:
    scene, kernel = host(tmp_path, router(1))
    kernel.refusing = {"10.0.0.1"}
    scene.clock.run(DOWN + 0.01)
    kernel.refusing.clear()
    scene.clock.run(scene.clock.now + RETRY + 0.1)
    (key,) = [key for key in kernel.addresses if str(key.address) == "10.0.0.1"]
    kernel.refusing = {"10.0.0.1"}
    kernel.remove_address(key)
    scene.observe()
    assert len([text for text in said(scene) if text.startswith("addresses refused")]) == 2


def test_of_very_many_that_are_refused_some_are_named_and_the_others_counted(tmp_path: Path) -> None:
    numbers = range(1, MOST_NAMED + 4)
    scene, kernel = host(tmp_path, router(*numbers))
    kernel.refusing = {f"10.0.0.{n}" for n in numbers}
    scene.clock.run(DOWN + 0.01)
    (refusal,) = said(scene)
    assert refusal.count("dev eth0") == MOST_NAMED
    assert refusal.endswith("; and 3 more")


def test_what_another_program_removes_is_put_back_and_said(tmp_path: Path) -> None:
    scene, kernel = host(tmp_path, router(1, 11))
    scene.clock.run(DOWN + 0.01)
    first, second = (kernel.key_of("eth0", address) for address in ("10.0.0.1/32", "10.0.0.11/32"))
    for keys in ([second], [first, second]):
        for key in keys:
            kernel.remove_address(key)
        scene.observe()
        assert ours(kernel) == ["10.0.0.1", "10.0.0.11"]
    assert [text for text in said(scene) if text.startswith("VI_1: ")] == [
        "VI_1: another program has removed 10.0.0.11/32; lvsd puts it back",
        "VI_1: another program has removed 10.0.0.1/32, 10.0.0.11/32; lvsd puts them back",
    ]


def test_what_is_removed_while_the_instance_is_backup_is_no_loss(tmp_path: Path) -> None:
    scene, kernel = host(tmp_path, router(1))
    key = kernel.add_address("eth0", "10.0.0.1/32")
    scene.observe()
    kernel.remove_address(key)
    scene.observe()
    assert scene.router.addresses.missing(scene.router.election.instances, {key}) == []
    assert not any("has removed" in text for text in said(scene))


def test_an_instance_whose_only_address_is_virtual_leaves_it_alone_and_says_why(tmp_path: Path) -> None:
    kernel = Refusing()
    kernel.add_link("eth0", "10.0.0.1/32")
    scene = PlainHost(kernel, Configuration(routers=(router(1),)), tmp_path)
    instance = scene.instance("VI_1")
    assert [str(key.address) for key in scene.router.addresses.stranded(instance)] == ["10.0.0.1"]
    fault = scene.router.addresses.fault(instance)
    assert fault.startswith("10.0.0.1/32 dev eth0 is the only address there")
    assert fault.endswith("give eth0 an address of its own")
    scene.clock.run(60)
    assert ours(kernel) == ["10.0.0.1"]


def test_an_address_that_two_instances_have_stays_while_one_is_active(tmp_path: Path) -> None:
    shared = VirtualAddress(address=ip_address("10.0.0.9"), prefix_length=32)
    scene, kernel = host(tmp_path, router(1, addresses=(shared,)), router(2, addresses=(shared,)))
    scene.clock.run(DOWN + 0.01)
    assert len(scene.router.addresses.shared) == 1
    scene.loop.turn(lambda: scene.router.hand_over([scene.instance("VI_1")]))
    assert scene.states() == {"VI_1": "Backup", "VI_2": "Active"}
    assert ours(kernel) == ["10.0.0.9"]
    scene.loop.turn(lambda: scene.router.hand_over([scene.instance("VI_2")]))
    assert ours(kernel) == []


def test_a_backup_misses_nothing(tmp_path: Path) -> None:
    scene, _kernel = host(tmp_path, router(1))
    assert scene.router.addresses.absent(scene.instance("VI_1")) == []
