# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What the hosts must not say of each other: where directors differ, and what belongs to two of them.

Compared is what each director runs with, whichever variable says it.  Passwords are compared, never shown.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._defaults import DEFAULTS
from ansible_collections.lvs.director.plugins.module_utils._ipvs import INLINE_REAL_SERVERS, SERVICE, service_of
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values, checked
from ansible_collections.lvs.director.plugins.plugin_utils import _instances
from ansible_collections.lvs.director.plugins.plugin_utils._instances import Effective, peers_of
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings, RealServer

Part = dict[str, t.Any]

SAME_EVERYWHERE: dict[str, Callable[[Values, Values], Effective]] = {
    "virtual_router_id": lambda instance, defaults: Effective(instance["virtual_router_id"]),
    "version": _instances.version,
    "advert_int": _instances.interval,
    "down_timer_adverts": _instances.down_adverts,
}
# what a real server takes from its service (keepalived.conf(5))
INHERITED = (
    *("weight", "lb_kind", "tunnel", "inhibit_on_failure", "virtualhost", "alpha"),
    *("delay_loop", "connect_timeout", "retry", "delay_before_retry", "warmup"),
)
ADDRESSES = ("virtual_ipaddress", "virtual_ipaddress_excluded")


def between(parts: dict[str, Part], findings: Findings) -> None:
    """The contradictions between directors: each is compared with the first."""
    if len(parts) < 2:
        return
    (first, model), *others = parts.items()
    for name, part in others:
        _same_names(first, model, name, part, findings)
        _same_instances(first, model, name, part, findings)
        _same_groups(first, model, name, part, findings)
        _same_services(first, model, name, part, findings)
    _priorities(parts, findings)
    _peers(parts, findings)


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
    ours, theirs = part["configuration"]["globals"], model["configuration"]["globals"]
    for instance, other in _pairs(part, model, "vrrp_instances"):
        where = f"{name}: director_vrrp_instances: {instance['name']}"
        for option, effective in SAME_EVERYWHERE.items():
            here, there = effective(instance, ours), effective(other, theirs)
            if here.value != there.value:
                findings.errors.append(f"{where}: {option} ({here}, there {there}) differs from that on {first}")
        versions = {_instances.version(instance, ours).value, _instances.version(other, theirs).value}
        if versions == {2} and instance.get("authentication") != other.get("authentication"):
            findings.errors.append(f"{where}: authentication differs from that on {first}")
        for option in ADDRESSES:
            listed, listed_there = _listed(instance, option), _listed(other, option)
            if listed != listed_there:
                findings.errors.append(f"{where}: {option} differs from that on {first}: {_only(listed, listed_there)}")
        _same_way(where, first, (instance, ours), (other, theirs), findings)


def _pairs(part: Part, model: Part, table: str) -> list[tuple[Values, Values]]:
    """The blocks that both have, by name."""
    there = {entry["name"]: entry for entry in model["configuration"][table]}
    return [(entry, there[entry["name"]]) for entry in part["configuration"][table] if entry["name"] in there]


def _listed(instance: Values, option: str) -> set[str]:
    return {str(ip_interface(entry["address"]).ip) for entry in instance.get(option) or []}


def _only(here: set[str], there: set[str]) -> str:
    sides = ((here - there, "here only"), (there - here, "there only"))
    return "; ".join(f"{', '.join(sorted(found))} {side}" for found, side in sides if found)


def _same_way(
    where: str, first: str, ours: tuple[Values, Values], theirs: tuple[Values, Values], findings: Findings
) -> None:
    """Advertisements go where the other director listens; each side is an instance and its defaults."""
    unicast, other = (bool(peers_of(instance)) for instance, defaults in (ours, theirs))
    if unicast != other:
        findings.errors.append(f"{where}: unicast here and multicast on {first}, or the other way round")
    here, there = _instances.multicast_group(*ours), _instances.multicast_group(*theirs)
    if not unicast and not other and here.value != there.value:
        findings.errors.append(f"{where}: multicast group ({here}, there {there}) differs from that on {first}")


def _same_groups(first: str, model: Part, name: str, part: Part, findings: Findings) -> None:
    for group, other in _pairs(part, model, "vrrp_sync_groups"):
        here, there = set(group["group"]), set(other["group"])
        if here != there:
            where = f"{name}: director_sync_groups: {group['name']}"
            findings.errors.append(f"{where}: group differs from that on {first}: {_only(here, there)}")


def _same_services(first: str, model: Part, name: str, part: Part, findings: Findings) -> None:
    here, there = (
        {service_of(one).key: _canonical(one) for one in side["configuration"]["ipvs_services"]}
        for side in (part, model)
    )
    for key in sorted(here.keys() ^ there.keys()):
        has, lacks = (name, first) if key in here else (first, name)
        findings.errors.append(f"{lacks}: director_services: lacks {key}, which {has} has")
    for key in sorted(here.keys() & there.keys()):
        differing = [option for option in here[key] if here[key][option] != there[key][option]]
        if differing:
            findings.errors.append(f"{name}: director_services: {key}: {', '.join(differing)} differs from {first}")


def _canonical(service: Values) -> Values:
    """What has to be the same of a service; an address is the same however it is written."""
    found = checked((*SERVICE, INLINE_REAL_SERVERS), service)
    del found["sorry_server"]
    of_service = _with_defaults(found, DEFAULTS["virtual_server"])
    of_service["flags"] = sorted(found["flags"] or [])
    taken = {name: of_service.get(name) for name in INHERITED}
    inherited = {**DEFAULTS["real_server"], **taken, "port": service.get("port")}
    servers = [_with_defaults(server, inherited) for server in found["real_servers"] or []]
    of_service["real_servers"] = sorted(servers, key=lambda server: (str(server["address"]), server["port"] or 0))
    return of_service


def _with_defaults(values: Values, defaults: Values) -> Values:
    """What counts: a default that is said is the same as one that is not, and a flag that is off as none."""
    found = {name: defaults.get(name) if value is None else value for name, value in values.items()}
    return {name: None if value is False else value for name, value in found.items()}


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


def _peers(parts: dict[str, Part], findings: Findings) -> None:
    """Unicast: whom a director does not send to becomes Active beside it."""
    for name, part in parts.items():
        for other, there in parts.items():
            for instance, opposite in [] if other == name else _pairs(part, there, "vrrp_instances"):
                peers, source = peers_of(instance), opposite.get("unicast_src_ip")
                if peers and peers_of(opposite) and source and str(ip_address(source)) not in peers:
                    findings.errors.append(
                        f"{name}: director_vrrp_instances: {instance['name']}: unicast_peer lacks {source}, the"
                        f" unicast_src_ip of {other}"
                    )


def one_owner(directors: Iterable[Director], servers: Iterable[RealServer], findings: Findings) -> None:
    """An address of one host is that of no other, unless it is one that every host may have."""
    places = [
        (str(entry.ip), director.name, f"director_addresses.{interface}")
        for director in directors
        for interface, entries in director.addresses.items()
        for entry in entries
        if entry.network.num_addresses > 1 and not (entry.is_link_local or entry.is_loopback)
    ]
    places += [(text, server.name, "real_server_address") for server in servers for text in server.addresses]
    owners: dict[str, str] = {}
    for address, host, variable in places:
        if owners.setdefault(address, host) != host:
            findings.errors.append(f"{host}: {variable}: {address} is the address of {owners[address]} too")
