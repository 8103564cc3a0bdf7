# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration means as a whole: contradictions, and what keepalived would quietly change.

The result is the configuration as it runs: where keepalived corrects a value with a warning, so do we, and what
cannot be is left out with an error.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from lvsd.conf.check_group import check_groups
from lvsd.conf.check_ipvs import check_services
from lvsd.conf.check_vrrp import check_routers
from lvsd.conf.findings import Findings, Place
from lvsd.conf.located import Located
from lvsd.model import Configuration

SCRIPTS = {
    "notify_master",
    "notify_backup",
    "notify_fault",
    "notify_stop",
    "notify_deleted",
    "notify",
    "notify_master_rx_lower_pri",
    "notify_up",
    "notify_down",
    "quorum_up",
    "quorum_down",
    "misc_path",
}


def check(located: Located[Configuration], findings: Findings) -> Configuration:
    """Find what is wrong between the words; answers the configuration that would run."""
    configuration = located.value
    groups_of_multicast(located, findings)
    routers = check_routers(located, findings)
    groups = check_groups(located, findings)
    services = check_services(located, findings)
    unprotected_scripts(located, findings)
    if (routers, groups, services) == (configuration.routers, configuration.sync_groups, configuration.virtual_servers):
        return configuration
    return dataclasses.replace(configuration, routers=routers, sync_groups=groups, virtual_servers=services)


def groups_of_multicast(located: Located[Configuration], findings: Findings) -> None:
    for block in located.children.get("global_defs", []):
        for name in ("vrrp_mcast_group4", "vrrp_mcast_group6"):
            address = getattr(block.value, name)
            if address is not None and not address.is_multicast:
                findings.error(block.at(name), f"global_defs: {name} {address} is not a multicast address", name)


def unprotected_scripts(located: Located[Any], findings: Findings) -> None:
    """keepalived -t ends with 6 where scripts are configured without enable_script_security."""
    if located.value.global_defs.enable_script_security:
        return
    first = min(scripts(located), default=None)
    if first is not None:
        place, keyword = first
        findings.insecure(
            place,
            f"'{keyword}' runs a script, and enable_script_security is not set in global_defs: "
            "nobody checks who can change the script",
            keyword,
        )


def scripts(located: Located[Any]) -> Iterator[tuple[Place, str]]:
    """The places of the words that run a script."""
    for keyword in SCRIPTS & located.places.keys():
        yield located.places[keyword], keyword
    for children in located.children.values():
        for child in children:
            yield from scripts(child)
