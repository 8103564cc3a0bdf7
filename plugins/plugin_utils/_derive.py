# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""From one inventory to each host's part of it: peers, sources, router ids, gateways and addresses of real servers."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from ansible_collections.lvs.director.plugins.module_utils._ipvs import service_of
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils._gateways import chosen, holder_of
from ansible_collections.lvs.director.plugins.plugin_utils._instances import family_of
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings, RealServer

SCRIPT_USER = "keepalived_script"  # keepalived's default, where it exists; the role makes it


def director_part(
    director: Director, directors: list[Director], servers: list[RealServer], findings: Findings
) -> Values:
    """The options of M(lvs.director.director_configuration), and what the role needs besides."""
    instances = [_instance(director, instance, directors, findings) for instance in director.instances]
    services = [_service(director, service, servers, findings) for service in director.services]
    return {
        "configuration": {
            "globals": _globals(director),
            "vrrp_instances": instances,
            "vrrp_sync_groups": director.groups,
            "ipvs_services": services,
        },
        "addresses": {name: [str(entry) for entry in found] for name, found in director.addresses.items()},
        "peers": _peers(instances),
        "schedulers": sorted({service["lb_algo"] for service in services}),
    }


def _globals(director: Director) -> Values:
    """What the inventory says, and where it says nothing: the host's name, and scripts by a user without rights."""
    unless = {"router_id": director.name, "enable_script_security": True, "script_user": [SCRIPT_USER]}
    given = {name: value for name, value in director.globals.items() if value is not None}
    return {**director.globals, **unless, **given, "router_id": given.get("router_id") or director.name}


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
    source = instance.get("unicast_src_ip") or source_of(director, family)
    if source is None:
        findings.errors.append(
            f"{director.name}: {where}: no IPv{family} address for the unicast peers of {instance['name']}"
        )
        return {}
    others = [other for other in directors if other.name != director.name]
    peers = [address for other in others if (address := _source_for(instance["name"], other, family)) is not None]
    if not others:
        if not director.alone:
            findings.errors.append(
                f"{director.name}: director_vrrp_instances: {instance['name']} is to be unicast, and there is no other"
                " director in the group. Without peers it would be multicast: one that runs elsewhere and sends to this"
                " host would not hear it, and both would be MASTER. director_alone: true says that there is none"
            )
        return {}
    asked = instance.get("check_unicast_src"), director.globals.get("vrrp_check_unicast_src")
    checked = {"check_unicast_src": True} if asked == (None, None) else {}  # else any host may send, and win
    return {"unicast_src_ip": source, "unicast_peer": [{"address": peer} for peer in peers], **checked}


def _source_for(name: str, director: Director, family: int) -> str | None:
    """The address from which `director` sends for the instance `name`."""
    asked = next((one for one in director.instances if one["name"] == name), {})
    return asked.get("unicast_src_ip") or source_of(director, family)


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
            address = by_name[host].address_for(family_of_service(asked))
            if not address:
                findings.errors.append(
                    f"{host}: real_server_address: missing, and {director.name} needs it for {_label(asked)}"
                )
                continue
            server["address"] = address
            if beyond := beyond_the_role(asked, server):
                findings.errors.append(
                    f"{where}.host: the role real_server sets up IPv4 in IPv4 (type ipip) on {host}, not {beyond}; name"
                    " the server by address and set its tunnel up by hand"
                )
        found.append(server)
    return {**asked, "real_servers": found}


def family_of_service(service: Values) -> int:
    """4 or 6: of its address, else of `ip_family`."""
    return 6 if ":" in str(service.get("address") or "") or service.get("ip_family") == "inet6" else 4


def _label(service: Values) -> str:
    try:
        return service_of(service).key
    except ValueError:
        return str(service.get("address"))


def real_server_part(server: RealServer, parts: list[Values]) -> Values:
    """How a real server has to be set up: the gateways of NAT, the addresses of DR and TUN."""
    addresses: dict[str, set[str]] = {"DR": set(), "TUN": set()}
    holders: dict[str, list[str | None]] = {}  # address of the server -> who holds those of its services with NAT
    for part in parts:
        instances = part["configuration"]["vrrp_instances"]
        for service, entry in uses(server, part):
            kind = kind_of(service, entry)
            if kind == "NAT":
                held = holder_of(instances, service.get("address"))
                holders.setdefault(str(ip_address(entry["address"])), []).append(held)
            elif service.get("address") and not beyond_the_role(service, entry):
                addresses[kind].add(str(ip_address(service["address"])))
    gateways = [server.gateway] if server.gateway else []
    for address, held_by in holders.items():  # instances and groups are the same on all directors
        if not any(ip_address(given).version == ip_address(address).version for given in gateways):
            configuration = parts[0]["configuration"]
            groups = configuration["vrrp_sync_groups"]
            gateways = [*gateways, *chosen(address, held_by, configuration["vrrp_instances"], groups)]
    return {
        "gateways": gateways,
        "dr_addresses": sorted(addresses["DR"]),
        "tun_addresses": sorted(addresses["TUN"]),
    }


def uses(server: RealServer, part: Values) -> Iterator[tuple[Values, Values]]:
    """Each service of a director that sends to the server, and the real server or the sorry server that it is there."""
    own = {ip_address(text) for text in server.addresses}
    for service in part["configuration"]["ipvs_services"]:
        sorry = service.get("sorry_server")
        for entry in [*service["real_servers"], *([sorry] if sorry else [])]:
            if ip_address(entry["address"]) in own:
                yield service, entry


def kind_of(service: Values, entry: Values) -> str:
    """The method of forwarding by which a service reaches a server."""
    return str(entry.get("lb_kind") or service["lb_kind"])


def beyond_the_role(service: Values, entry: Values) -> str:
    """The decapsulation that a server needs and the role real_server does not set up; "" where there is none."""
    if kind_of(service, entry) != "TUN":
        return ""
    inherited = None if entry.get("lb_kind") else service.get("tunnel")
    tunnel = entry.get("tunnel") or inherited or {}
    if tunnel.get("type", "ipip") != "ipip":
        return str(tunnel["type"])
    inner = 6 if ":" in (service.get("address") or "") or service.get("ip_family") == "inet6" else 4
    outer = 6 if ":" in entry["address"] else 4
    return "" if (inner, outer) == (4, 4) else f"IPv{inner} in IPv{outer}"
