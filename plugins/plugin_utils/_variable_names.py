# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Variables of an inventory that are almost one of the collection's.

`director_service` for `director_services` would be a director without services.  A name within two letters of a known
one is a mistake, and so are the names in `MEANT`.  Variables of the user's own may have any other name, and these too
where another variable uses them in a template.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from ansible_collections.lvs.director.plugins.plugin_utils._host_variables import texts

# The variables that docs/inventory.md, the roles and the playbooks document.
KNOWN = frozenset(
    {
        "director_addresses",
        "director_allow_faults",
        "director_allow_removal",
        "director_alone",
        "director_firewall",
        "director_globals",
        "director_group",
        "director_keep_versions",
        "director_kernel_modules",
        "director_manage_kernel",
        "director_manage_packages",
        "director_packages",
        "director_priority",
        "director_prune",
        "director_python",
        "director_real_server_group",
        "director_routed_vips",
        "director_serial",
        "director_service_enabled",
        "director_service_state",
        "director_services",
        "director_sync_groups",
        "director_sync_interface",
        "director_sysctls",
        "director_upgrade_leave",
        "director_upgrade_patience",
        "director_upgrade_state",
        "director_viewers",
        "director_vrrp_instances",
        "real_server_address",
        "real_server_address6",
        "real_server_director_group",
        "real_server_gateway",
        "real_server_group",
        "real_server_interface",
        "real_server_manage_route",
        "real_server_sysctls",
        "real_server_take_back",
    }
)

# Names that are further away and can only mean one thing: words of keepalived, of the modules and of the groups.
MEANT = {
    "director_instances": "director_vrrp_instances",
    "director_ipvs_services": "director_services",
    "director_virtual_servers": "director_services",
    "director_virtual_services": "director_services",
    "director_vrrp_groups": "director_sync_groups",
    "director_vrrp_sync_groups": "director_sync_groups",
    "director_vrrp_priority": "director_priority",
    "director_global_defs": "director_globals",
    "director_sync_iface": "director_sync_interface",
    "director_vips": "director_vrrp_instances",
    "director_ip": "director_addresses",
    "director_ips": "director_addresses",
    "director_real_servers": "director_services, which has real_servers in each service",
    "real_server_ip": "real_server_address",
    "real_server_ipv6": "real_server_address6",
    "real_server_addr": "real_server_address",
}
FARTHEST = 2  # letters added, left out, replaced, or two of them swapped
SHORTEST = 3  # letters that are left of a last word that is cut short: director_prio


def mistaken(host: str, variables: Mapping[str, t.Any]) -> list[str]:
    """An error for each variable of `host` that is almost one of ours; `variables` are as the inventory has them."""
    suspects = {name: near for name in variables if (near := meant(str(name)))}
    if not suspects:
        return []
    used = set(_used(variables, suspects))
    return [
        f"{host}: {name}: there is no such variable, did you mean {near}? A variable of your own needs another name, or"
        " has to be used by one of yours"
        for name, near in sorted(suspects.items())
        if name not in used
    ]


@lru_cache(maxsize=4096)
def meant(name: str) -> str:
    """The known variable that `name` is a slip of; "" for one that is known, or of the user's own."""
    if name in KNOWN or name.startswith("ansible_"):
        return ""
    if name in MEANT:
        return MEANT[name]
    near = [(distance(name, known), known) for known in KNOWN if abs(len(name) - len(known)) <= FARTHEST]
    found = min((pair for pair in near if pair[0] <= FARTHEST), default=(0, ""))[1]
    return found or min((known for known in KNOWN if is_short_for(name, known)), default="")


def is_short_for(name: str, known: str) -> bool:
    """Whether only the last word is cut short."""
    before, _unused, word = name.rpartition("_")
    return known.rpartition("_")[0] == before and len(word) >= SHORTEST and known.startswith(name)


def _used(variables: Mapping[str, t.Any], names: Iterable[str]) -> Iterator[str]:
    """Those of `names` that stand in the template of another variable."""
    pattern = re.compile(r"(?<!\w)(?:%s)(?!\w)" % "|".join(map(re.escape, names)))
    for other, value in variables.items():
        if other in ("vars", "hostvars"):
            continue
        for text in texts(value):
            yield from (found for found in pattern.findall(text) if found != other and "{" in text)


def distance(one: str, other: str) -> int:
    """How many letters have to be added, left out, replaced or swapped with the next (Damerau, restricted)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        above, row = row, [number]
        for place, there in enumerate(other, 1):
            cost = min(above[place] + 1, row[place - 1] + 1, above[place - 1] + (letter != there))
            swapped = number > 1 and place > 1 and letter == other[place - 2] and one[number - 2] == there
            row.append(min(cost, before[place - 2] + 1) if swapped else cost)
        before = above
    return row[-1]
