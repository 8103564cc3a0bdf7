# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What one director must not say.  Every finding names the host and the variable."""

from __future__ import annotations

import typing as t
from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._agreement import version_3
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._ipvs import service_of
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils._capacity import too_many
from ansible_collections.lvs.director.plugins.plugin_utils._derive import kind_of
from ansible_collections.lvs.director.plugins.plugin_utils._gateways import closeness, gateways, holder_of
from ansible_collections.lvs.director.plugins.plugin_utils._instances import (
    addresses_of,
    family_of,
    interface_of,
    multicast_group,
    peers_of,
    version,
)
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings, RealServer

VARIABLES = {
    "vrrp_instances": "director_vrrp_instances",
    "vrrp_sync_groups": "director_sync_groups",
    "ipvs_services": "director_services",
}

EXAMPLE_PASSWORD = "password"  # of examples/pair

Part = dict[str, t.Any]


def unwritable(director: Director, part: Part, findings: Findings) -> None:
    """What cannot be written into a configuration: a value in each block, else a name that is there twice."""
    before = len(findings.errors)
    configuration = part["configuration"]
    blocks = {"director_globals": {"globals": configuration["globals"]}}
    for table, variable in VARIABLES.items():
        blocks |= {f"{variable}[{number}]": {table: [one]} for number, one in enumerate(configuration[table])}
    for place, one in [*blocks.items(), ("", configuration)]:
        try:
            if place or len(findings.errors) == before:
                files(one)
        except ValueError as refused:
            findings.errors.append(f"{director.name}: {place}{': ' if place else ''}{refused}")


def within(director: Director, part: Part, servers: list[RealServer], findings: Findings) -> None:
    """The contradictions inside one director."""
    configuration = part["configuration"]
    instances = configuration["vrrp_instances"]
    _versions(director, configuration, findings)
    _router_ids(director, configuration, findings)
    _preemption(director, instances, findings)
    _passwords(instances, findings)
    _virtual_addresses(director, configuration, servers, findings)
    too_many(director, configuration, findings)
    _groups(director, instances, configuration["vrrp_sync_groups"], findings)
    asked = {
        text: server.gateway
        for server in servers
        for text in server.addresses
        if server.gateway and ip_address(text).version == ip_address(server.gateway).version
    }
    for service in configuration["ipvs_services"]:
        _service(director, configuration, service, asked, findings)


def _versions(director: Director, configuration: Values, findings: Findings) -> None:
    """What version 3 does not do, where director_globals or the family of the addresses makes it that version."""
    for instance in configuration["vrrp_instances"]:
        if version(instance, configuration["globals"]).value == 3:
            try:
                version_3(f"{director.name}: director_vrrp_instances: {instance['name']}", instance)
            except Refused as refused:
                findings.errors.append(str(refused))


def _router_ids(director: Director, configuration: Values, findings: Findings) -> None:
    seen: dict[tuple[int, int], list[Values]] = {}
    for instance in configuration["vrrp_instances"]:
        number = instance["virtual_router_id"]
        same = seen.setdefault((number, family_of(instance)), [])
        for other in same:
            if shared := _heard_by_both(instance, other, configuration["globals"]):
                findings.errors.append(
                    f"{director.name}: director_vrrp_instances: {other['name']} and {instance['name']} both have"
                    f" virtual_router_id {number} {shared}"
                )
                break
        same.append(instance)


def _heard_by_both(one: Values, other: Values, defaults: Values) -> str:
    """Where advertisements of one VRID reach both instances; "" where they do not.

    Unicast has one socket for all interfaces: only the peer tells which instance an advertisement is for.
    """
    peers, others = peers_of(one), peers_of(other)
    if shared := sorted(peers & others):
        return f"and the unicast peer {', '.join(shared)}, whatever their interfaces; give each a number of its own"
    interface = interface_of(one, defaults)
    if peers or others or interface != interface_of(other, defaults):
        return ""
    same_group = multicast_group(one, defaults).value == multicast_group(other, defaults).value
    return f"on {interface}" if same_group else ""


def _preemption(director: Director, instances: list[Values], findings: Findings) -> None:
    for instance in instances:
        if instance.get("nopreempt") and instance.get("initial_state") == "MASTER":
            findings.warnings.append(
                f"{director.name}: director_vrrp_instances: {instance['name']}: nopreempt needs initial_state BACKUP to"
                " have an effect when the daemon starts"
            )


def _passwords(instances: list[Values], findings: Findings) -> None:
    """Warn of the password of the example: it is published, and keeps no stranger out."""
    for instance in instances:
        if (instance.get("authentication") or {}).get("auth_pass") == EXAMPLE_PASSWORD:
            findings.warnings.append(
                "director_vrrp_instances: auth_pass is the one of examples/pair, which is published; choose"
                " another one of eight characters, and keep it in a vault"
            )


def _virtual_addresses(
    director: Director, configuration: Values, servers: list[RealServer], findings: Findings
) -> None:
    own = {str(entry.ip) for entries in director.addresses.values() for entry in entries}
    owners = {text: server.name for server in servers for text in server.addresses}
    seen: dict[str, str] = {}
    for instance in configuration["vrrp_instances"]:
        for entry in addresses_of(instance):
            address = str(ip_interface(entry["address"]).ip)
            interface = entry.get("dev") or interface_of(instance, configuration["globals"])
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


def _in_its_network(director: Director, interface: str | None, address: str, where: str, findings: Findings) -> None:
    if not director.addresses or director.routed_vips or interface is None:
        return
    if interface not in director.addresses:
        findings.errors.append(
            f"{where}: director_addresses has no interface {interface}; director_routed_vips says that such addresses"
            " are routed to the directors"
        )
        return
    virtual = ip_address(address)
    networks = [entry.network for entry in director.addresses[interface] if entry.version == virtual.version]
    for network in networks:
        if virtual.version == 4 and network.prefixlen < 31 and virtual in (network[0], network[-1]):
            kind = "network" if virtual == network[0] else "broadcast"
            findings.errors.append(f"{where} is the {kind} address of {network}: no host can have it")
    if not virtual.is_link_local and not any(virtual in network for network in networks):
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


def _service(
    director: Director, configuration: Values, service: Values, asked: dict[str, str], findings: Findings
) -> None:
    where = f"{director.name}: director_services: {service_of(service).key}"
    instances = configuration["vrrp_instances"]
    holder = holder_of(instances, service.get("address"))
    if service.get("address") and instances and holder is None:
        findings.errors.append(f"{where}: no vrrp_instance holds its address")
    for server in service["real_servers"]:
        kind = kind_of(service, server)
        if kind != "TUN" and director.addresses and director.holds(server["address"]) is None:
            findings.errors.append(f"{where}: real server {server['address']} is in no network of the director")
        if kind == "NAT" and instances:
            _gateway(where, configuration, holder, server["address"], asked, findings)
    sorry = service.get("sorry_server")
    if sorry and ip_address(sorry["address"]).is_loopback and kind_of(service, sorry) == "NAT":
        findings.warnings.append(
            f"{where}: sorry_server {sorry['address']}: the kernel does not translate to a loopback address; use an"
            " address of an interface, or lb_kind DR for it and a program that listens on the virtual address"
        )


def own_real_servers(directors: list[Director], parts: dict[str, Part], findings: Findings) -> None:
    """Real servers that are directors: a Backup one has the service in its table, too, and would send it on."""
    owners = {
        str(entry.ip): director.name
        for director in directors
        for entries in director.addresses.values()
        for entry in entries
    }
    for name, part in parts.items():
        for service in part["configuration"]["ipvs_services"]:
            for server in service["real_servers"]:
                if owner := owners.get(str(ip_address(server["address"]))):
                    findings.errors.append(
                        f"{name}: director_services: {service_of(service).key}: real server {server['address']} is the"
                        f" director {owner}: it would balance what another director sends it once more. That is not"
                        " supported; use hosts of their own, or a sorry_server on the directors"
                    )


def _gateway(
    where: str, configuration: Values, holder: str | None, address: str, asked: dict[str, str], findings: Findings
) -> None:
    """NAT: the gateway that the inventory gives the real server (`asked`), else those that could be derived."""
    instances = configuration["vrrp_instances"]
    given = asked.get(str(ip_address(address)))
    found = [holder_of(instances, given)] if given else [one.instance for one in gateways(address, instances)]
    if not found:
        findings.warnings.append(f"{where}: no virtual address is a gateway for real server {address}, as NAT needs")
    elif found == [None]:
        return  # a router that is no director: the operator who names it knows the way back
    elif holder and not any(closeness(other, holder, configuration["vrrp_sync_groups"]) for other in found):
        findings.warnings.append(f"{where}: {holder} and the gateway's {found[0]} are in no common sync group")
