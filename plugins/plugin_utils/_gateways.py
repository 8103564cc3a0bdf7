# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""NAT: answers have to come back through the Active director, by a virtual address that moves with the service's."""

from __future__ import annotations

import typing as t
from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils._instances import addresses_of


class Gateway(t.NamedTuple):
    """A virtual address in whose network a real server is, and the instance that holds it."""

    instance: str
    address: str


def holder_of(instances: list[Values], address: str | None) -> str | None:
    """The instance that holds `address`; None for the None of a service by mark."""
    for instance in instances:
        if address and any(
            ip_interface(entry["address"]).ip == ip_address(address) for entry in addresses_of(instance)
        ):
            return str(instance["name"])
    return None


def closeness(one: str | None, other: str | None, groups: list[Values]) -> int:
    """Of two instances: 2 the same, 1 in one sync group, 0 each moves on its own."""
    if one is None or other is None:
        return 0
    return 2 if one == other else int(any({one, other} <= set(group["group"] or []) for group in groups))


def gateways(address: str, instances: list[Values]) -> list[Gateway]:
    """The virtual addresses in whose networks `address` is."""
    wanted = ip_address(address)
    found = []
    for instance in instances:
        for entry in addresses_of(instance):
            virtual = ip_interface(entry["address"])
            if virtual.network.num_addresses > 1 and wanted in virtual.network and wanted != virtual.ip:
                found.append(Gateway(str(instance["name"]), str(virtual.ip)))
    return found


def chosen(address: str, holders: list[str | None], instances: list[Values], groups: list[Values]) -> list[str]:
    """The default gateway of a real server at `address` whose services are held by `holders`.

    One that moves with all of them, where there is one; more than one where they want different ones.
    """

    def nearness(gateway: Gateway) -> int:
        return sum(closeness(gateway.instance, holder, groups) for holder in holders)

    found = gateways(address, instances)
    moving = [[one for one in found if closeness(one.instance, holder, groups)] for holder in holders]
    wanted = [near for near in moving if near]  # the others have been warned of, and take what they get
    common = [one for one in found if all(one in near for near in wanted)]
    if common:
        return [max(common, key=nearness).address]
    return sorted({max(near, key=nearness).address for near in wanted})
