# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The clusters of an inventory: each is a group of directors and the group of real servers behind them."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

from ansible_collections.lvs.director.plugins.plugin_utils._host_variables import OF_A_PLAY, of_host
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, of_inventory

Variables = Mapping[str, t.Any]


class Cluster(t.NamedTuple):
    """The names of two groups of the inventory."""

    directors: str
    real_servers: str


VARIABLES = Cluster("director_group", "real_server_group")
DEFAULTS = Cluster("directors", "real_servers")


def of_play(variables: Variables) -> dict[str, t.Any]:
    """What the plan may use of the variables of a task: those that a play gives to all of its hosts alike."""
    return {name: variables[name] for name in OF_A_PLAY if name in variables}


def clusters(variables: Variables, directors: str | None, real_servers: str | None) -> list[Cluster]:
    """The clusters of the hosts of a play; a group that the task names itself is that of all of them."""
    hostvars, play = variables["hostvars"], of_play(variables)
    found = []
    for host in variables.get("ansible_play_hosts_all") or [variables["inventory_hostname"]]:
        read = of_host(hostvars, host, play)
        named = [read.get(name) or default for name, default in zip(VARIABLES, DEFAULTS, strict=True)]
        found.append(Cluster(directors or named[0], real_servers or named[1]))
    return list(dict.fromkeys(found))


def planned(variables: Variables, wanted: Iterable[Cluster], alone: bool) -> Plan:
    """One plan for several clusters, each of which knows nothing of the others."""
    groups, play = variables["groups"], of_play(variables)
    hosts = list(variables["hostvars"])
    plans, nowhere = [], []
    for cluster in wanted:
        nowhere += without_directors(groups, cluster)
        directors, real_servers = (groups.get(name, []) for name in cluster)
        plans.append(of_inventory(variables["hostvars"], directors, real_servers, play, alone))
    return Plan(
        {name: part for one in plans for name, part in one.directors.items()},
        {name: part for one in plans for name, part in one.real_servers.items()},
        told_once((*nowhere, *(error for one in plans for error in one.errors)), hosts),
        told_once((warning for one in plans for warning in one.warnings), hosts),
    )


def without_directors(groups: Mapping[str, Iterable[str]], cluster: Cluster) -> list[str]:
    """An error where no host is a director: what the services need would be taken back from the real servers."""
    servers = ", ".join(groups.get(cluster.real_servers, []))
    if groups.get(cluster.directors) or (cluster.directors == DEFAULTS.directors and not servers):
        return []
    what = "has no hosts" if cluster.directors in groups else "is not in the inventory"
    why = f", and {servers} would lose what the services need" if servers else ""
    return [
        f"the group of directors, {cluster.directors}, {what}{why}. director_group names another group; a real server"
        " that is to leave is taken out with lvs.director.decommission"
    ]


def told_once(messages: Iterable[str], hosts: Iterable[str]) -> tuple[str, ...]:
    """`HOST: message` of several hosts as `HOST, HOST: message`."""
    known = set(hosts)
    messages = (message.encode("utf-8", "backslashreplace").decode() for message in messages)
    found: dict[str, list[str]] = {}
    for message in messages:
        host, colon, text = message.partition(": ")
        if not colon or host not in known:
            host, text = "", message
        found.setdefault(text, [])
        if host and host not in found[text]:
            found[text].append(host)
    return tuple(", ".join(named) + ": " + text if named else text for text, named in found.items())
