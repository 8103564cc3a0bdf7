# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""One inventory, read, derived and checked: `plan(directors, real_servers)`."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType

from ansible.errors import AnsibleError
from ansible_collections.lvs.director.plugins.plugin_utils import _contradictions, _differences
from ansible_collections.lvs.director.plugins.plugin_utils._derive import director_part, real_server_part, uses
from ansible_collections.lvs.director.plugins.plugin_utils._host_variables import HostVariables, of_host
from ansible_collections.lvs.director.plugins.plugin_utils._model import (
    DIRECTOR_SPEC,
    REAL_SERVER_SPEC,
    Director,
    Findings,
    RealServer,
    read_director,
    read_real_server,
    said,
)
from ansible_collections.lvs.director.plugins.plugin_utils._variable_names import mistaken

Variables = Mapping[str, t.Any]


@dataclass(frozen=True)
class Plan:
    """Each host's part, and what is wrong.  With errors the parts are not complete."""

    directors: dict[str, dict[str, t.Any]]
    real_servers: dict[str, dict[str, t.Any]]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def plan(directors: Mapping[str, Variables], real_servers: Mapping[str, Variables], unread: Iterable[str] = ()) -> Plan:
    """The plan for these hosts; each mapping is host name -> variables, `unread` what is wrong already."""
    findings = Findings(list(unread))
    readers = [read_director(name, found, findings) for name, found in directors.items()]
    servers = [server for name, found in real_servers.items() if (server := read_real_server(name, found, findings))]
    if findings.errors:
        return Plan({}, {}, tuple(findings.errors), tuple(findings.warnings))
    known = [director for director in readers if director is not None]
    for director in known:
        _has_a_purpose(director, findings)
    parts = {director.name: director_part(director, known, servers, findings) for director in known}
    if not findings.errors:
        for director in known:
            _contradictions.unwritable(director, parts[director.name], findings)
    if not findings.errors:
        for director in known:
            _contradictions.within(director, parts[director.name], servers, findings)
        _differences.between(parts, findings)
        _contradictions.own_real_servers(known, parts, findings)
    _differences.one_owner(known, servers, findings)
    sides = {} if findings.errors else _sides(servers, list(parts.values()), findings)
    return Plan(said(parts), sides, _once(findings.errors), _once(findings.warnings))


def _has_a_purpose(director: Director, findings: Findings) -> None:
    if not director.instances and not director.services:
        findings.errors.append(
            f"{director.name}: neither director_vrrp_instances nor director_services is given, so it would do nothing;"
            " are the group_vars beside the inventory or the playbook, and is the host in their group?"
        )


def _sides(servers: Iterable[RealServer], parts: list[dict[str, t.Any]], findings: Findings) -> dict[str, t.Any]:
    """Each real server's part."""
    sides = {}
    for server in servers:
        sides[server.name] = real_server_part(server, parts)
        _one_gateway(server.name, sides[server.name], findings)
        if not any(True for part in parts for use in uses(server, part)):
            findings.warnings.append(f"{server.name}: no service of the directors has this real server")
    return sides


def _one_gateway(name: str, side: dict[str, t.Any], findings: Findings) -> None:
    for version in (4, 6):
        found = [text for text in side["gateways"] if ip_address(text).version == version]
        if len(found) < 2:
            continue
        findings.errors.append(
            f"{name}: {' and '.join(found)} would both be its default gateway: the instances that hold the addresses of"
            " its services move apart; put them into one sync group, or say real_server_gateway"
        )


def _once(messages: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(messages))


def of_inventory(
    hostvars: Mapping[str, Variables],
    directors: Iterable[str],
    real_servers: Iterable[str],
    play: Variables = MappingProxyType({}),
    alone: bool = False,
) -> Plan:
    """The plan for the hosts of two groups, from Ansible's variables.

    `play` are the variables that a play gives to all of its hosts; `alone` allows a director without another one.
    """
    unread: list[str] = []
    read = {host: of_host(hostvars, host, play) for host in dict.fromkeys([*directors, *real_servers])}
    for host, variables in read.items():
        unread += mistaken(host, variables.raw if isinstance(variables, HostVariables) else variables)
    forced = {"director_alone": True} if alone else {}
    return plan(
        {host: {**_known(host, read[host], DIRECTOR_SPEC, unread), **forced} for host in directors},
        {host: _known(host, read[host], REAL_SERVER_SPEC, unread) for host in real_servers},
        unread,
    )


def given(hostvars: Mapping[str, Variables], host: str, play: Variables = MappingProxyType({})) -> dict[str, t.Any]:
    """What the inventory says of the variables that the plan reads of `host`.  Raises AnsibleError for a template."""
    variables = of_host(hostvars, host, play)
    return {name: variables[name] for name in (*DIRECTOR_SPEC, *REAL_SERVER_SPEC) if name in variables}


def _known(host: str, variables: Variables, spec: Mapping[str, t.Any], unread: list[str]) -> dict[str, t.Any]:
    """The variables of a host that the plan reads; whose template fails is told in `unread`."""
    found = {}
    for name in spec:
        try:
            if name in variables:
                found[name] = variables[name]
        except AnsibleError as error:
            unread.append(f"{host}: {name}: {error}")
    return found
