# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in instances (keepalived: vrrp_complete_instance and what follows)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from lvsd.model import Authentication, Configuration, GlobalDefs, VirtualRouter

from ..draft import Located
from ..family import family_of, version_of
from ..findings import Findings
from ..grammar.number import text_of
from .addresses import Router, addresses, same_addresses, too_many
from .vrid import same_numbers

PASSWORD = 8  # bytes, RFC 2338 §5.3.6
LONGEST = 40.95  # seconds, RFC 9568 §5.2.7: 12 bits of hundredths


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
                fatal=False,
            )
            continue
        seen[name] = router
        fine = check_router(router, located.value.global_defs, findings)
        if fine is not None:
            result.append(fine)
    same_numbers(list(seen.values()), located.value.global_defs, findings)
    same_addresses(list(seen.values()), located.children.get("sync_groups", []), findings)
    return tuple(result)


def check_router(router: Router, defaults: GlobalDefs, findings: Findings) -> VirtualRouter | None:
    """One instance as it runs, or None where it cannot."""
    if not has_interface(router, findings):
        return None
    value = version(router, one_family(router, router.value, findings), findings)
    value = preemption(router, value, findings)
    value = interval(router, value, version_of(value, defaults), findings)
    value = authentication(router, value, version_of(value, defaults), findings)
    value = addresses(router, value, findings)
    too_many(router, value, version_of(value, defaults), findings)
    value = peers(router, value, findings)
    no_addresses(router, value, version_of(value, defaults), findings)
    return value


def no_addresses(router: Router, value: VirtualRouter, version: int, findings: Findings) -> None:
    """Report an instance without addresses: an error in version 3, a warning in version 2."""
    if value.addresses or (version == 2 and "addresses" in router.refused):
        return
    if any(statement.words[0] == "no_virtual_ipaddress" for statement in value.kept):
        return
    message = f"{router.label}: it has no virtual_ipaddress"
    if version == 3:
        findings.error(router.place, f"{message}: version 3 needs one", "virtual_ipaddress")
    else:
        findings.warning(router.place, f"{message}: nothing follows the MASTER", "virtual_ipaddress")


def has_interface(router: Router, findings: Findings) -> bool:
    """Whether an instance knows where to send; report one that does not.

    Unicast to global addresses needs no interface: the route to the peer names it.
    """
    value = router.value
    local = any(peer.address.is_link_local for peer in value.unicast_peers)
    if value.interface is not None or (value.unicast_peers and not local):
        return True
    if "interface" in router.refused:
        return False  # reported already
    findings.error(router.place, f"{router.label}: 'interface NAME' is missing", "interface")
    return False


def one_family(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    """Return the instance with the addresses of its own family, and report all that is of the other."""
    family = family_of(value)
    for item in router.children.get("addresses", []):
        if item.value.address.version != family:
            findings.error(
                item.place,
                f"{router.label}: virtual_ipaddress: {item.value.address} is IPv{item.value.address.version}, the "
                f"first address is IPv{family}: put it into virtual_ipaddress_excluded or into an instance of its own",
                "virtual_ipaddress",
                fatal=False,
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
    value = multicast_group(router, value, family, findings)
    return replace(value, addresses=tuple(virtual for virtual in value.addresses if virtual.address.version == family))


def multicast_group(router: Router, value: VirtualRouter, family: int, findings: Findings) -> VirtualRouter:
    """The instance without a group that is none; one of the other family would make it an instance of that family."""
    group = value.multicast_group
    if group is None or (group.is_multicast and group.version == family):
        return value
    message = f"{router.label}: mcast_dst_ip {group} is not an IPv{family} multicast address"
    findings.error(router.at("mcast_dst_ip"), message, "mcast_dst_ip", fatal=group.version != family)
    return replace(value, multicast_group=None)


def version(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    """RFC 9568 has IPv6 in version 3 alone; keepalived speaks version 2 over IPv6 where it is told to."""
    if value.version != 2 or family_of(value) != 6:
        return value
    findings.warning(
        router.at("version"),
        f"{router.label}: version 2 is ignored, IPv6 needs version 3; a keepalived with version 2 is not heard",
        "version",
    )
    return replace(value, version=3)


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
    """Return the instance with an interval that its version can carry, and report one that was changed.

    Version 2 counts whole seconds, version 3 hundredths of a second up to 40.95 (RFC 9568, section 5.2.7).
    """
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
                fatal=False,
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
    """Return the instance without authentication in version 3, and report a password that is not fit."""
    if value.authentication is None:
        return value
    place = router.at("authentication")
    if version != 2:
        findings.warning(
            place, f"{router.label}: version {version} has no authentication: it is ignored", "authentication"
        )
        return replace(value, authentication=None)
    password(router, value.authentication, findings)
    return value


def password(router: Router, value: Authentication, findings: Findings) -> None:
    """What reaches the wire is as much as keepalived sends."""
    place = router.children["authentication"][0].at("auth_pass")
    if not value.password.isascii():
        findings.warning(
            place,
            f"{router.label}: auth_pass has other characters than ASCII and is sent in UTF-8: keepalived sends the "
            "bytes of its own file; use letters and digits",
            "auth_pass",
        )
    length = len(value.password.encode("utf-8", "surrogatepass"))
    if length > PASSWORD:
        findings.warning(
            place, f"{router.label}: auth_pass has {length} bytes: only the first {PASSWORD} count", "auth_pass"
        )


def peers(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    """The instance without itself among its peers.  One that has lost all of them must not turn to multicast."""
    own = [item for item in router.children.get("unicast_peers", []) if item.value.address == value.source]
    for item in own:
        findings.warning(
            item.place,
            f"{router.label}: unicast_peer: {item.value.address} is this router's own unicast_src_ip: it is left out",
            "unicast_peer",
        )
    for peer, count in Counter(peer.address for peer in value.unicast_peers).items():
        if count > 1:
            findings.warning(
                router.at("unicast_peer"), f"{router.label}: unicast_peer: {peer} stands there twice", "unicast_peer"
            )
    if own:
        left = tuple(peer for peer in value.unicast_peers if peer.address != value.source)
        value = replace(value, unicast_peers=left)
    place = router.at("unicast_peer")
    told = any(f.fatal and f.keyword == "unicast_peer" and f.line > place.line for f in findings.found)
    if not value.unicast_peers and not told and (own or "unicast_peers" in router.refused):
        message = f"{router.label}: unicast_peer: no peer is left, and the instance would use multicast"
        findings.error(place, message, "unicast_peer")
    return value
