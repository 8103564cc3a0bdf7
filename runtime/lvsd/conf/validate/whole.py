# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration means as a whole: contradictions, and what keepalived would quietly change.

The result is the configuration as it runs: where keepalived corrects a value with a warning, so do we, and what
cannot be is left out with an error.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import Any

from lvsd.model import Configuration

from ..draft import Located
from ..findings import Findings, Script
from .instance import check_routers
from .sync_group import check_groups
from .trackers import check_trackers
from .virtual_server import check_services

SCRIPTS = {  # keyword: where its command is in the object of its block
    "notify_master": "notify.active",
    "notify_backup": "notify.backup",
    "notify_fault": "notify.fault",
    "notify_stop": "notify.stop",
    "notify_deleted": "notify.deleted",
    "notify": "notify.any",
    "notify_master_rx_lower_pri": "notify.active_rx_lower_priority",
    "notify_up": "notify_up",
    "notify_down": "notify_down",
    "quorum_up": "quorum_up",
    "quorum_down": "quorum_down",
    "misc_path": "command",
}
WORDS = frozenset(SCRIPTS)


def check(located: Located[Configuration], programs: list[Script], findings: Findings) -> Configuration:
    """Find what is wrong between the words, and with the words that run a program (of `scripts`).

    Answers the configuration that would run.
    """
    groups_of_multicast(located, findings)
    configuration = located.value
    routers = check_routers(located, findings)
    groups = check_groups(located, findings)
    services = check_services(located, findings)
    check_trackers(located, findings)
    unprotected_scripts(located, programs, findings)
    relative_scripts(programs, findings)
    if (routers, groups, services) == (configuration.routers, configuration.sync_groups, configuration.virtual_servers):
        return configuration
    return dataclasses.replace(configuration, routers=routers, sync_groups=groups, virtual_servers=services)


def groups_of_multicast(located: Located[Configuration], findings: Findings) -> None:
    """Leave out the groups that are none."""
    for block in located.children.get("global_defs", []):
        for name in ("vrrp_mcast_group4", "vrrp_mcast_group6"):
            address = getattr(block.value, name)
            if address is not None and not address.is_multicast:
                findings.error(
                    block.at(name), f"global_defs: {name} {address} is not a multicast address", name, fatal=False
                )
                changes: dict[str, Any] = {name: None}
                defs = dataclasses.replace(located.value.global_defs, **changes)
                located.value = dataclasses.replace(located.value, global_defs=defs)


def unprotected_scripts(located: Located[Any], programs: list[Script], findings: Findings) -> None:
    """keepalived -t ends with 6 where scripts are configured without enable_script_security."""
    if located.value.global_defs.enable_script_security:
        return
    first = min(programs, key=lambda script: script.place, default=None)
    if first is not None:
        findings.insecure(
            first.place,
            f"'{first.keyword}' runs a script, and enable_script_security is not set in global_defs: "
            "lvsd does not check who can change the script",
            first.keyword,
        )


def relative_scripts(programs: list[Script], findings: Findings) -> None:
    """keepalived looks for them in PATH, or in its current folder; here they are not run."""
    for script in programs:
        word = script.command.words[0]
        if not word.startswith("/"):
            findings.error(
                script.place,
                f"'{script.keyword}' {word} is not a full path, and is not run: write the path from / on",
                script.keyword,
                fatal=False,
            )


def scripts(located: Located[Any]) -> list[Script]:
    """The words that run a program, with what they run, in no order."""
    found: list[Script] = []
    waiting = [located]
    while waiting:
        one = waiting.pop()
        for children in one.children.values():
            waiting += children
        if WORDS.isdisjoint(one.places):
            continue
        for keyword in WORDS & one.places.keys():
            command = attrgetter(SCRIPTS[keyword])(one.value)
            if command is not None:  # it is where the word was bad, which has been said
                found.append(Script(one.places[keyword], keyword, command))
    return found
