# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""How many addresses an advertisement carries: as the daemon counts them, over a link with the usual MTU."""

from __future__ import annotations

from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils._instances import family_of, version
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings

MOST_ADDRESSES = 255  # RFC 9568 §5.2.5: eight bits
USUAL_MTU = 1500
TAKEN = {(4, 2): 52, (4, 3): 44, (6, 3): 64}  # bytes that no address gets, by family and version (keepalived)
WIDTH = {4: 4, 6: 16}


def too_many(director: Director, configuration: Values, findings: Findings) -> None:
    """Warn of addresses that are set on the active director, but are not in its advertisements."""
    for instance in configuration["vrrp_instances"]:
        family, spoken = family_of(instance), version(instance, configuration["globals"]).value
        most = min(MOST_ADDRESSES, (USUAL_MTU - TAKEN[family, spoken]) // WIDTH[family])
        rest = [entry["address"] for entry in (instance.get("virtual_ipaddress") or [])[most:]]
        if rest:
            more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
            findings.warnings.append(
                f"{director.name}: director_vrrp_instances: {instance['name']}: virtual_ipaddress: an advertisement of"
                f" version {spoken} carries {most} IPv{family} addresses over a link with an MTU of {USUAL_MTU}:"
                f" {rest[0]}{more} will be set but not advertised; put them into virtual_ipaddress_excluded"
            )
