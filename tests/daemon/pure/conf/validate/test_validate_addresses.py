# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of an instance: each once, as many as an advertisement carries, and none of two instances."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from conf_texts import I, group, router
from lvsd.conf import capacity
from lvsd.conf.grammar.address import read_virtual_address
from lvsd.conf.validate.addresses import addresses, remarks, same_addresses, too_many
from lvsd.model import VirtualRouter

from tests.support.language import located, named, short


def set_by(text: str) -> tuple[VirtualRouter, list[str]]:
    """The only instance with the addresses that it sets, and what is said of them."""
    whole, findings = located(text)
    [one] = whole.children["routers"]
    value = addresses(one, one.value, findings)
    return value, short(findings.result())


def test_an_address_that_stands_twice_is_set_once() -> None:
    found, said = set_by(router("virtual_ipaddress_excluded {\n192.0.2.1\n192.0.2.2\n}"))
    assert said == [f"5: {I}virtual_ipaddress_excluded: 192.0.2.1 stands there twice"]
    assert [str(a.address) for a in found.excluded_addresses] == ["192.0.2.2"]


def test_an_address_on_two_interfaces_is_two() -> None:
    found, said = set_by(router(address="192.0.2.1\n192.0.2.1 dev eth1"))
    assert (len(found.addresses), said) == (2, [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("192.0.2.1 use_vmac", "192.0.2.1: 'use_vmac' is known but not implemented yet"),
        ("192.0.2.1 track_group G", "192.0.2.1: 'track_group' is known but not implemented yet"),
        ("2001:db8::1/64 label x", "2001:db8::1: label 'x' is ignored: only IPv4 addresses have one"),
        ("192.0.2.1/31 brd +", "192.0.2.1: 'brd +' is ignored: a /31 has no broadcast address"),
        ("192.0.2.1 scope nowhere", "192.0.2.1: scope nowhere: current kernels refuse it, and the address is not set"),
        ("192.0.2.1 scope 255", "192.0.2.1: scope 255: current kernels refuse it, and the address is not set"),
    ],
)
def test_words_that_have_no_effect_are_named(line: str, message: str) -> None:
    assert set_by(router(address=line))[1] == [f"6: {I}virtual_ipaddress: {message}"]
    [(word, _message)] = remarks(read_virtual_address(tuple(line.split())))
    assert word in line.split()


@pytest.mark.parametrize("line", ["192.0.2.1/30 brd +", "2001:db8::1 scope 255", "192.0.2.1 label eth0:1"])
def test_words_that_have_one_are_not(line: str) -> None:
    assert set_by(router(address=line))[1] == []


@pytest.mark.parametrize(
    ("version", "most", "width", "family"),
    [(2, 255, "198.51.{}.{}", 4), (3, 255, "198.51.{}.{}", 4), (3, 89, "2001:db8:9:9:9:9:{}:{}", 6)],
)
def test_addresses_that_do_not_fit_are_told_and_set(version: int, most: int, width: str, family: int) -> None:
    texts = [width.format(n // 200 + 1, n % 200 + 1) for n in range(most + 2)]
    for count in (most, most + 1, most + 2):
        whole, findings = located(router(address="\n".join(texts[:count])))
        [one] = whole.children["routers"]
        too_many(one, one.value, version, findings)
        more = " and 1 more" if count == most + 2 else ""
        warning = (
            f"{6 + most}: {I}virtual_ipaddress: an advertisement of version {version} carries {most} IPv{family} "
            f"addresses over a link with an MTU of 1500: {texts[most]}{more} will be set but not advertised; put them "
            "into virtual_ipaddress_excluded, as on the other router"
        )
        assert named(findings.result()) == ([warning] if count > most else [])


@pytest.mark.parametrize(
    ("second", "together", "shared"),
    [
        (router(name="VI_2", vrid=52), (), True),
        (router(name="VI_2", vrid=52), ("VI_1", "VI_2"), False),
        (router(name="VI_2", vrid=52), ("VI_1",), True),
        (router(name="VI_2", vrid=52, address="192.0.2.2"), (), False),
        (router(name="VI_2", vrid=52, address="192.0.2.1 dev eth1"), (), False),
        (router("virtual_ipaddress_excluded {\n192.0.2.1\n}", name="VI_2", vrid=52, address="192.0.2.2"), (), True),
    ],
)
def test_an_address_of_two_instances_needs_a_sync_group(second: str, together: tuple[str, ...], shared: bool) -> None:
    whole, findings = located(router() + second + (group(*together) if together else ""))
    same_addresses(whole.children["routers"], whole.children.get("sync_groups", []), findings)
    said = short(findings.result())
    assert [line.partition(": ")[2] for line in said] == (
        [
            "vrrp_instance VI_2: 192.0.2.1 belongs to VI_1 too: two routers can have it at once, "
            "unless both instances are in one vrrp_sync_group"
        ]
        if shared
        else []
    )


def test_the_controller_counts_as_the_daemon() -> None:
    """It cannot import the daemon: the plan has the numbers a second time."""
    path = Path(__file__).parents[5] / "plugins" / "plugin_utils" / "_capacity.py"
    found = {
        node.targets[0].id: ast.literal_eval(node.value)  # type: ignore[attr-defined]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
    }
    ours = (capacity.TAKEN, capacity.WIDTH, capacity.MOST_ADDRESSES, capacity.USUAL_MTU)
    assert tuple(found[name] for name in ("TAKEN", "WIDTH", "MOST_ADDRESSES", "USUAL_MTU")) == ours
