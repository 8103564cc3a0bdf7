# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What an inventory must not say: within one director, and between the directors.

Every finding names the host and the variable.  Passwords are compared, never shown.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._ipvs import service_of
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils._derive import family_of, gateway_for
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings, RealServer

SAME_EVERYWHERE = ("virtual_router_id", "version", "advert_int", "authentication", "down_timer_adverts")
SECRET = ("authentication",)

Part = dict[str, t.Any]


def unwritable(director: Director, part: Part, findings: Findings) -> None:
    """The values that cannot be written into a configuration."""
    try:
        files(part["configuration"])
    except (Refused, ValueError) as refused:
        findings.errors.append(f"{director.name}: {refused}")


def within(director: Director, part: Part, servers: list[RealServer], findings: Findings) -> None:
    """The contradictions inside one director."""
    configuration = part["configuration"]
    instances = configuration["vrrp_instances"]
    _router_ids(director, instances, findings)
    _virtual_addresses(director, instances, servers, findings)
    _groups(director, instances, configuration["vrrp_sync_groups"], findings)
    for service in configuration["ipvs_services"]:
        _service(director, configuration, service, findings)


def _router_ids(director: Director, instances: list[Values], findings: Findings) -> None:
    seen: dict[tuple[t.Any, ...], str] = {}
    for instance in instances:
        key = (instance["virtual_router_id"], instance["interface"], family_of(instance))
        if key in seen:
            findings.errors.append(
                f"{director.name}: director_vrrp_instances: {seen[key]} and {instance['name']} both have"
                f" virtual_router_id {key[0]} on {key[1]}"
            )
        seen[key] = instance["name"]
        if instance.get("nopreempt") and instance.get("initial_state") == "MASTER":
            findings.warnings.append(
                f"{director.name}: director_vrrp_instances: {instance['name']}: nopreempt needs initial_state BACKUP to"
                " have an effect when the daemon starts"
            )


def _virtual_addresses(
    director: Director, instances: list[Values], servers: list[RealServer], findings: Findings
) -> None:
    own = {str(entry.ip) for entries in director.addresses.values() for entry in entries}
    owners = {server.address: server.name for server in servers if server.address}
    seen: dict[str, str] = {}
    for instance in instances:
        for entry in addresses_of(instance):
            address = str(ip_interface(entry["address"]).ip)
            interface = entry.get("dev") or instance["interface"]
            where = f"{director.name}: director_vrrp_instances: {instance['name']}: virtual address {address}"
            place = f"{address}%{interface}" if ip_address(address).is_link_local else address
            if place in seen:
                findings.errors.append(f"{where} is also in {seen[place]}")
            seen[place] = instance["name"]
            if address in own and instance.get("priority") != 255:
                findings.errors.append(f"{where} is the director's own address")
            if address in owners:
                findings.errors.append(f"{where} is the address of {owners[address]}")
            _in_its_network(director, interface, address, where, findings)


def addresses_of(instance: Values) -> list[Values]:
    """Advertised and excluded virtual addresses."""
    return [*(instance.get("virtual_ipaddress") or []), *(instance.get("virtual_ipaddress_excluded") or [])]


def _in_its_network(director: Director, interface: str | None, address: str, where: str, findings: Findings) -> None:
    if not director.addresses or interface is None:
        return
    if interface not in director.addresses:
        findings.errors.append(f"{where}: director_addresses has no interface {interface}")
        return
    virtual = ip_address(address)
    networks = [entry.network for entry in director.addresses[interface] if entry.version == virtual.version]
    here = virtual.is_link_local or any(virtual in network for network in networks)
    if not here and not director.routed_vips:
        known = ", ".join(map(str, networks)) or "no network of its family"
        findings.errors.append(
            f"{where} is outside the network of {interface} ({known});"
            " director_routed_vips says that such addresses are routed to the directors"
        )


def _groups(director: Director, instances: list[Values], groups: list[Values], findings: Findings) -> None:
    names = {instance["name"] for instance in instances}
    seen: dict[str, str] = {}
    for group in groups:
        for member in group["group"] or []:
            where = f"{director.name}: director_sync_groups: {group['name']}: {member}"
            if member not in names:
                findings.errors.append(f"{where} is no vrrp_instance")
            if member in seen:
                findings.errors.append(f"{where} is also in {seen[member]}")
            seen[member] = group["name"]


def _service(director: Director, configuration: Values, service: Values, findings: Findings) -> None:
    key = service_of(service).key
    where = f"{director.name}: director_services: {key}"
    instances = configuration["vrrp_instances"]
    holder = _holder(instances, service.get("address"))
    if service.get("address") and instances and holder is None:
        findings.errors.append(f"{where}: no vrrp_instance holds its address")
    for server in service["real_servers"]:
        kind = server.get("lb_kind") or service["lb_kind"]
        if kind != "TUN" and director.addresses and director.holds(server["address"]) is None:
            findings.errors.append(f"{where}: real server {server['address']} is in no network of the director")
        if kind == "NAT" and instances:
            _gateway(where, configuration, holder, server["address"], findings)
    sorry = service.get("sorry_server") or {}
    if sorry and ip_address(sorry["address"]).is_loopback and (sorry.get("lb_kind") or service["lb_kind"]) == "NAT":
        findings.warnings.append(
            f"{where}: sorry_server {sorry['address']}: the kernel does not translate to a loopback address; use an"
            " address of an interface, or lb_kind DR for it and a program that listens on the virtual address"
        )


def _holder(instances: list[Values], address: str | None) -> str | None:
    """The instance that holds `address`."""
    for instance in instances:
        if address and any(
            ip_interface(entry["address"]).ip == ip_address(address) for entry in addresses_of(instance)
        ):
            return str(instance["name"])
    return None


def _gateway(where: str, configuration: Values, holder: str | None, address: str, findings: Findings) -> None:
    """NAT: answers have to come back through the active director, by an address that moves with the service's."""
    instances = configuration["vrrp_instances"]
    gateway = gateway_for(address, instances)
    if gateway is None:
        findings.warnings.append(f"{where}: no virtual address is a gateway for real server {address}, as NAT needs")
        return
    other = _holder(instances, gateway)
    together = any({holder, other} <= set(group["group"] or []) for group in configuration["vrrp_sync_groups"])
    if holder and other != holder and not together:
        findings.warnings.append(f"{where}: {holder} and the gateway's {other} are in no common sync group")


# --- between directors --------------------------------------------------------------------------


def between(parts: dict[str, Part], findings: Findings) -> None:
    """The contradictions between directors: each is compared with the first."""
    if len(parts) < 2:
        return
    (first, model), *others = parts.items()
    for name, part in others:
        _same_names(first, model, name, part, findings)
        _same_instances(first, model, name, part, findings)
        _same_services(first, model, name, part, findings)
    _priorities(parts, findings)


def _same_names(first: str, model: Part, name: str, part: Part, findings: Findings) -> None:
    for table, variable in (
        ("vrrp_instances", "director_vrrp_instances"),
        ("vrrp_sync_groups", "director_sync_groups"),
    ):
        here = {entry["name"] for entry in part["configuration"][table]}
        there = {entry["name"] for entry in model["configuration"][table]}
        for missing in sorted(here ^ there):
            has, lacks = (name, first) if missing in here else (first, name)
            findings.errors.append(f"{lacks}: {variable}: lacks {missing}, which {has} has")


def _same_instances(first: str, model: Part, name: str, part: Part, findings: Findings) -> None:
    there = {entry["name"]: entry for entry in model["configuration"]["vrrp_instances"]}
    for instance in part["configuration"]["vrrp_instances"]:
        other = there.get(instance["name"])
        if other is None:
            continue
        where = f"{name}: director_vrrp_instances: {instance['name']}"
        for option in SAME_EVERYWHERE:
            if instance.get(option) != other.get(option):
                values = "" if option in SECRET else f" ({instance.get(option)}, there {other.get(option)})"
                findings.errors.append(f"{where}: {option}{values} differs from that on {first}")
        if _announced(instance) != _announced(other):
            findings.errors.append(f"{where}: virtual_ipaddress differs from that on {first}")
        if bool(instance.get("unicast_peer")) != bool(other.get("unicast_peer")):
            findings.errors.append(f"{where}: unicast here and multicast on {first}, or the other way round")


def _announced(instance: Values) -> set[str]:
    return {str(ip_interface(entry["address"]).ip) for entry in instance.get("virtual_ipaddress") or []}


def _same_services(first: str, model: Part, name: str, part: Part, findings: Findings) -> None:
    here, there = (
        {service_of(one).key: one for one in side["configuration"]["ipvs_services"]} for side in (part, model)
    )
    for key in sorted(here.keys() ^ there.keys()):
        has, lacks = (name, first) if key in here else (first, name)
        findings.errors.append(f"{lacks}: director_services: lacks {key}, which {has} has")
    for key in sorted(here.keys() & there.keys()):
        differing = [
            option
            for option in here[key]
            if option != "sorry_server" and here[key].get(option) != there[key].get(option)
        ]
        if differing:
            findings.errors.append(f"{name}: director_services: {key}: {', '.join(differing)} differs from {first}")


def _priorities(parts: dict[str, Part], findings: Findings) -> None:
    """Two directors of the same priority: the one with the higher address wins, and displaces the other."""
    found: dict[str, Counter[int]] = {}
    for part in parts.values():
        for instance in part["configuration"]["vrrp_instances"]:
            if not instance.get("nopreempt"):
                found.setdefault(instance["name"], Counter())[instance["priority"]] += 1
    for name, counter in found.items():
        for priority, count in counter.items():
            if count > 1:
                findings.warnings.append(
                    f"director_vrrp_instances: {name}: {count} directors have priority {priority} and preempt each"
                    " other; give each host its director_priority, or set nopreempt"
                )
