# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in instances (keepalived: vrrp_complete_instance and what follows)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from lvsd.conf.findings import Findings
from lvsd.conf.grammar.value import text_of
from lvsd.conf.located import Located
from lvsd.model import Address, Configuration, GlobalDefs, VirtualAddress, VirtualRouter

NAME_LENGTH = 15  # IFNAMSIZ less the terminating zero
PASSWORD = 8  # bytes, RFC 2338 §5.3.6
COMPARED = 64  # instances with one VRID that are compared with each other
LONGEST = 40.95  # seconds, RFC 9568 §5.2.7: 12 bits of hundredths

Router = Located[VirtualRouter]


def check_routers(located: Located[Configuration], findings: Findings) -> tuple[VirtualRouter, ...]:
    """The instances as they run."""
    seen: dict[str, Router] = {}
    result: list[VirtualRouter] = []
    for router in located.children.get("routers", []):
        name = router.value.name
        if name in seen:
            findings.error(
                router.place,
                f"{router.label}: the name is taken by the instance of line {seen[name].place.line}",
                "vrrp_instance",
            )
            continue
        seen[name] = router
        fine = check_router(router, located.value.global_defs, findings)
        if fine is not None:
            result.append(fine)
    same_numbers(list(seen.values()), findings)
    same_addresses(list(seen.values()), findings)
    return tuple(result)


def family_of(router: VirtualRouter) -> int:
    """4 or 6: what the first address says that an instance has."""
    first: Address | None = next((virtual.address for virtual in router.addresses), None)
    first = first or router.source or next((peer.address for peer in router.unicast_peers), None)
    first = first or next((virtual.address for virtual in router.excluded_addresses), None)
    return 4 if first is None else first.version


def version_of(router: VirtualRouter, defaults: GlobalDefs) -> int:
    return router.version or (3 if family_of(router) == 6 else defaults.vrrp_version or 2)


def check_router(router: Router, defaults: GlobalDefs, findings: Findings) -> VirtualRouter | None:
    """One instance as it runs, or None where it cannot."""
    if not has_interface(router, findings):
        return None
    value = one_family(router, router.value, findings)
    value = preemption(router, value, findings)
    value = interval(router, value, version_of(value, defaults), findings)
    value = authentication(router, value, version_of(value, defaults), findings)
    value = no_address_twice(router, value, findings)
    other_addresses(router, value, findings)
    names_of_interfaces(router, findings)
    not_yet(router, findings)
    no_addresses(router, value, version_of(value, defaults), findings)
    return value


def no_addresses(router: Router, value: VirtualRouter, version: int, findings: Findings) -> None:
    if value.addresses or "addresses" in router.refused:
        return
    if any(statement.words[0] == "no_virtual_ipaddress" for statement in value.kept):
        return
    message = f"{router.label}: it has no virtual_ipaddress"
    if version == 3:
        findings.error(router.place, f"{message}: version 3 needs one", "virtual_ipaddress")
    else:
        findings.warning(router.place, f"{message}: nothing follows the MASTER", "virtual_ipaddress")


def has_interface(router: Router, findings: Findings) -> bool:
    value = router.value
    local = any(peer.address.is_link_local for peer in value.unicast_peers)
    if value.interface is not None or (value.unicast_peers and not local):
        return True
    findings.error(router.place, f"{router.label}: 'interface NAME' is missing", "interface")
    return False


def one_family(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    family = family_of(value)
    for item in router.children.get("addresses", []):
        if item.value.address.version != family:
            findings.error(
                item.place,
                f"{router.label}: virtual_ipaddress: {item.value.address} is IPv{item.value.address.version}, the "
                f"first address is IPv{family}: put it into virtual_ipaddress_excluded or into an instance of its own",
                "virtual_ipaddress",
            )
    for item in router.children.get("unicast_peers", []):
        if item.value.address.version != family:
            findings.error(
                item.place,
                f"{router.label}: unicast_peer: {item.value.address} is not IPv{family} as the instance",
                "unicast_peer",
            )
    if value.source is not None and value.source.version != family:
        word = "unicast_src_ip" if "unicast_src_ip" in router.places else "mcast_src_ip"
        findings.error(
            router.at(word), f"{router.label}: {word} {value.source} is not IPv{family} as the instance", word
        )
    if value.multicast_group is not None:
        group = value.multicast_group
        if not group.is_multicast or group.version != family:
            findings.error(
                router.at("mcast_dst_ip"),
                f"{router.label}: mcast_dst_ip {group} is not an IPv{family} multicast address",
                "mcast_dst_ip",
            )
    return replace(value, addresses=tuple(virtual for virtual in value.addresses if virtual.address.version == family))


def preemption(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    """keepalived clears what cannot work together, and says so."""
    owner = value.priority == 255 or (value.priority is None and value.initial_state == "MASTER")
    if value.priority is None and value.initial_state == "MASTER":
        findings.warning(
            router.at("state"), f"{router.label}: state MASTER without a priority means priority 255", "state"
        )
    if not value.preempt and (value.initial_state == "MASTER" or owner):
        why = "state MASTER" if value.initial_state == "MASTER" else "priority 255"
        findings.warning(
            router.at("nopreempt"),
            f"{router.label}: nopreempt does not go with {why} and is ignored; use state BACKUP",
            "nopreempt",
        )
        value = replace(value, preempt=True)
    if value.preempt_delay and (value.initial_state == "MASTER" or not value.preempt):
        why = "nopreempt" if not value.preempt else "state MASTER"
        findings.warning(
            router.at("preempt_delay"),
            f"{router.label}: preempt_delay does not go with {why} and is ignored",
            "preempt_delay",
        )
        value = replace(value, preempt_delay=0.0)
    return value


def interval(router: Router, value: VirtualRouter, version: int, findings: Findings) -> VirtualRouter:
    asked = value.advertisement_interval
    if version == 2:
        possible = max(1.0, float(int(asked + 0.5)))
        unit = "whole seconds"
    else:
        possible = max(0.01, round(asked, 2))
        unit = "hundredths of a second"
        if possible > LONGEST:
            findings.error(
                router.at("advert_int"),
                f"{router.label}: advert_int {text_of(asked)} is above {LONGEST} seconds, the longest of version 3",
                "advert_int",
            )
            return replace(value, advertisement_interval=LONGEST)
    if possible == asked:
        return value
    findings.warning(
        router.at("advert_int"),
        f"{router.label}: version {version} counts {unit}: advert_int {text_of(asked)} becomes {text_of(possible)}",
        "advert_int",
    )
    return replace(value, advertisement_interval=possible)


def authentication(router: Router, value: VirtualRouter, version: int, findings: Findings) -> VirtualRouter:
    if value.authentication is None:
        return value
    place = router.at("authentication")
    if version != 2:
        findings.warning(
            place, f"{router.label}: version {version} has no authentication: it is ignored", "authentication"
        )
        return replace(value, authentication=None)
    password = value.authentication.password.encode("utf-8", "surrogatepass")
    if len(password) <= PASSWORD:
        return value
    block = router.children["authentication"][0]
    findings.warning(
        block.at("auth_pass"),
        f"{router.label}: auth_pass has {len(password)} characters: only the first {PASSWORD} count",
        "auth_pass",
    )
    short = password[:PASSWORD].decode("utf-8", "ignore")
    return replace(value, authentication=replace(value.authentication, password=short))


def no_address_twice(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    seen: set[tuple[Address, str | None]] = set()
    family = family_of(value)
    for field, word in (("addresses", "virtual_ipaddress"), ("excluded_addresses", "virtual_ipaddress_excluded")):
        kept: list[VirtualAddress] = []
        for item in router.children.get(field, []):
            virtual = item.value
            if field == "addresses" and virtual.address.version != family:
                continue  # reported already
            if (virtual.address, virtual.dev) in seen:
                findings.warning(item.place, f"{router.label}: {word}: {virtual.address} stands there twice", word)
                continue
            seen.add((virtual.address, virtual.dev))
            kept.append(virtual)
        value = replace(value, **{field: tuple(kept)})  # type: ignore[arg-type]
    return value


def other_addresses(router: Router, value: VirtualRouter, findings: Findings) -> None:
    for item in router.children.get("unicast_peers", []):
        if item.value.address == value.source:
            findings.error(
                item.place,
                f"{router.label}: unicast_peer: {item.value.address} is this router's own unicast_src_ip",
                "unicast_peer",
            )
    for peer, count in Counter(peer.address for peer in value.unicast_peers).items():
        if count > 1:
            findings.warning(
                router.at("unicast_peer"), f"{router.label}: unicast_peer: {peer} stands there twice", "unicast_peer"
            )


def names_of_interfaces(router: Router, findings: Findings) -> None:
    if router.value.interface and len(router.value.interface) > NAME_LENGTH:
        findings.error(
            router.at("interface"),
            f"{router.label}: interface '{router.value.interface}' is longer than {NAME_LENGTH}",
            "interface",
        )
    for field in ("addresses", "excluded_addresses"):
        for item in router.children.get(field, []):
            for word in ("dev", "label"):
                name = getattr(item.value, word)
                if name and len(name) > NAME_LENGTH:
                    findings.error(
                        item.place, f"{router.label}: {word} '{name}' is longer than {NAME_LENGTH} characters", word
                    )


def not_yet(router: Router, findings: Findings) -> None:
    for field in ("addresses", "excluded_addresses"):
        for item in router.children.get(field, []):
            for word in ("use_vmac", "track_group"):
                if getattr(item.value, word):
                    findings.warning(
                        item.place,
                        f"{router.label}: {item.value.address}: '{word}' is known but not implemented yet",
                        word,
                    )


def same_numbers(routers: list[Router], findings: Findings) -> None:
    """One VRID once per interface and family, unless nobody could hear both (other group, disjoint peers)."""
    seen: dict[tuple[str | None, int, int], list[Router]] = {}
    for router in routers:
        value = router.value
        key = (value.interface, value.vrid, family_of(value))
        for other in seen.get(key, []):
            if apart(value, other.value):
                continue
            where = f"on {value.interface}" if value.interface else "without an interface"
            findings.error(
                router.at("virtual_router_id"),
                f"{router.label}: virtual_router_id {value.vrid} {where} is taken by {other.value.name}",
                "virtual_router_id",
            )
            break
        if len(seen.setdefault(key, [])) < COMPARED:
            seen[key].append(router)


def apart(one: VirtualRouter, other: VirtualRouter) -> bool:
    if bool(one.unicast_peers) != bool(other.unicast_peers):
        return True
    if one.unicast_peers:
        return not {peer.address for peer in one.unicast_peers} & {peer.address for peer in other.unicast_peers}
    return one.multicast_group != other.multicast_group


def same_addresses(routers: list[Router], findings: Findings) -> None:
    """An address of two instances would move between two masters."""
    seen: dict[tuple[Address, str | None], Router] = {}
    for router in routers:
        for field in ("addresses", "excluded_addresses"):
            for item in router.children.get(field, []):
                key = (item.value.address, item.value.dev or router.value.interface)
                other = seen.setdefault(key, router)
                if other is not router:
                    findings.error(
                        item.place, f"{router.label}: {item.value.address} belongs to {other.value.name} too"
                    )
