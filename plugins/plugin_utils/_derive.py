# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""From one inventory to each host's part of it: peers, sources, router ids, gateways and addresses of real servers."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._ipvs import service_of
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings, RealServer


def director_part(
    director: Director, directors: list[Director], servers: list[RealServer], findings: Findings
) -> Values:
    """The options of M(lvs.director.director_configuration), and what the role needs besides."""
    instances = [_instance(director, instance, directors, findings) for instance in director.instances]
    services = [_service(director, service, servers, findings) for service in director.services]
    return {
        "configuration": {
            "globals": {**director.globals, "router_id": director.globals.get("router_id") or director.name},
            "vrrp_instances": instances,
            "vrrp_sync_groups": director.groups,
            "ipvs_services": services,
        },
        "peers": _peers(instances),
        "schedulers": sorted({service["lb_algo"] for service in services}),
    }


def _peers(instances: list[Values]) -> list[str]:
    """Where VRRP may come from; nothing where an instance is multicast, whose sources are not known."""
    if not all(instance.get("unicast_peer") for instance in instances):
        return []
    return sorted({peer["address"] for instance in instances for peer in instance["unicast_peer"]})


def _instance(director: Director, asked: Values, directors: list[Director], findings: Findings) -> Values:
    """The instance with what this host alone has: its priority, its source and its peers."""
    instance = {key: value for key, value in asked.items() if key != "unicast"}
    if instance.get("priority") is None:
        instance["priority"] = director.priority
    wanted = asked.get("unicast")
    unicast = bool(director.sync_interface) if wanted is None else wanted
    if unicast and not instance.get("unicast_peer"):
        instance.update(_unicast(director, instance, directors, findings))
    return instance


def _unicast(director: Director, instance: Values, directors: list[Director], findings: Findings) -> Values:
    family = family_of(instance)
    where = f"director_addresses.{director.sync_interface}"
    if not director.sync_interface:
        findings.errors.append(
            f"{director.name}: director_sync_interface: {instance['name']} is to be unicast, over what?"
        )
        return {}
    source = source_of(director, family)
    if source is None:
        findings.errors.append(
            f"{director.name}: {where}: no IPv{family} address for the unicast peers of {instance['name']}"
        )
        return {}
    others = [other for other in directors if other.name != director.name]
    peers = [address for other in others if (address := source_of(other, family)) is not None]
    if not others:
        findings.warnings.append(f"{director.name}: {instance['name']} is unicast, but there is no other director")
        return {}
    return {"unicast_src_ip": source, "unicast_peer": [{"address": peer} for peer in peers]}


def family_of(instance: Values) -> int:
    """4 or 6: the family of the advertised addresses."""
    addresses = instance.get("virtual_ipaddress") or []
    try:
        return ip_interface(str(addresses[0]["address"])).version if addresses else 4
    except ValueError:
        return 4


def source_of(director: Director, family: int) -> str | None:
    """The director's address for unicast advertisements of `family`."""
    found = director.addresses.get(director.sync_interface, [])
    return next((str(entry.ip) for entry in found if entry.version == family), None)


def _service(director: Director, asked: Values, servers: list[RealServer], findings: Findings) -> Values:
    """The service with the addresses of the real servers that it names by host."""
    if asked.get("real_servers") is None:
        return {**asked, "real_servers": []}
    by_name = {server.name: server for server in servers}
    found = []
    for number, entry in enumerate(asked["real_servers"]):
        where = f"{director.name}: director_services: {_label(asked)}: real_servers[{number}]"
        server = {key: value for key, value in entry.items() if key != "host"}
        host = entry.get("host")
        if (host is None) == (entry.get("address") is None):
            findings.errors.append(f"{where}: give either host or address")
            continue
        if host is not None:
            if host not in by_name:
                findings.errors.append(f"{where}.host: {host} is not in the group of real servers")
                continue
            if not by_name[host].address:
                findings.errors.append(
                    f"{host}: real_server_address: missing, and {director.name} needs it for {_label(asked)}"
                )
                continue
            server["address"] = by_name[host].address
        found.append(server)
    return {**asked, "real_servers": found}


def _label(service: Values) -> str:
    try:
        return service_of(service).key
    except ValueError:
        return str(service.get("address"))


def real_server_part(server: RealServer, parts: list[Values]) -> Values:
    """How a real server has to be set up: the gateway of NAT, the addresses of DR and TUN."""
    gateways: list[str] = [server.gateway] if server.gateway else []
    addresses: dict[str, list[str]] = {"DR": [], "TUN": []}
    for part in parts:
        configuration = part["configuration"]
        for service in configuration["ipvs_services"]:
            kind = _kind_for(service, server)
            if kind == "NAT" and not server.gateway:
                gateways += (
                    [gateway] if (gateway := gateway_for(server.address, configuration["vrrp_instances"])) else []
                )
            elif kind in addresses and service.get("address"):
                addresses[kind].append(service["address"])
    return {
        "gateways": sorted(set(gateways)),
        "dr_addresses": sorted(set(addresses["DR"])),
        "tun_addresses": sorted(set(addresses["TUN"])),
    }


def _kind_for(service: Values, server: RealServer) -> str | None:
    """The method of forwarding by which a service reaches the server; None where it does not."""
    for entry in service["real_servers"]:
        if server.address and ip_address(entry["address"]) == ip_address(server.address):
            return str(entry.get("lb_kind") or service["lb_kind"])
    return None


def gateway_for(address: str, instances: list[Values]) -> str | None:
    """The virtual address in whose network `address` is."""
    wanted = ip_address(address)
    for instance in instances:
        for entry in (instance.get("virtual_ipaddress") or []) + (instance.get("virtual_ipaddress_excluded") or []):
            found = ip_interface(str(entry["address"]))
            if found.network.num_addresses > 1 and wanted in found.network and wanted != found.ip:
                return str(found.ip)
    return None
