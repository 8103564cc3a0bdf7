# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in sync groups."""

from __future__ import annotations

from dataclasses import replace

from lvsd.model import Configuration, SyncGroup

from ..draft import Located
from ..findings import Findings


def check_groups(located: Located[Configuration], findings: Findings) -> tuple[SyncGroup, ...]:
    """The sync groups as they run: members that exist, each in one group."""
    names = {router.value.name for router in located.children.get("routers", [])}
    declared = {label.partition(" ")[2] for label in located.places if label.startswith("vrrp_instance ")}
    owner: dict[str, str] = {}
    groups: dict[str, SyncGroup] = {}
    for group in located.children.get("sync_groups", []):
        if group.value.name in groups:
            findings.error(
                group.place, f"{group.label}: the name is taken by another group", "vrrp_sync_group", fatal=False
            )
            continue
        members = []
        for item in group.children.get("members", []):
            if unfit(group, item, names, declared, owner, findings):
                continue
            owner[item.value] = group.value.name
            members.append(item.value)
        groups[group.value.name] = replace(group.value, members=tuple(members))
        if not group.value.members and "strangers" not in group.places:
            findings.warning(group.place, f"{group.label}: it has no members: write group {{ NAME ... }}", "group")
        if len(group.value.members) == 1:
            findings.warning(group.at("group"), f"{group.label}: it has one member only, and no effect", "group")
    return tuple(group for group in groups.values() if group.members)


def unfit(
    group: Located[SyncGroup],
    item: Located[str],
    names: set[str],
    declared: set[str],
    owner: dict[str, str],
    findings: Findings,
) -> bool:
    """Whether a name cannot be a member, with the reason reported."""
    name = item.value
    if name not in names:
        if name not in declared and not findings.broken:  # one that has errors of its own was reported there
            from difflib import get_close_matches  # of use only where something is wrong

            near = [] if findings.closed else get_close_matches(name[:64], sorted(names)[:1000], n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            findings.error(item.place, f"{group.label}: there is no vrrp_instance '{name}'{hint}", "group", fatal=False)
        return True
    if name in owner:
        again = "is named twice" if owner[name] == group.value.name else f"is in group {owner[name]} already"
        findings.error(item.place, f"{group.label}: {name} {again}", "group", fatal=False)
        return True
    return False
