# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""One inventory, read, derived and checked: `plan(directors, real_servers)`."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.lvs.director.plugins.plugin_utils import _contradictions
from ansible_collections.lvs.director.plugins.plugin_utils._derive import director_part, real_server_part
from ansible_collections.lvs.director.plugins.plugin_utils._model import (
    DIRECTOR_SPEC,
    REAL_SERVER_SPEC,
    Findings,
    read_director,
    read_real_server,
    said,
)

Variables = Mapping[str, t.Any]


@dataclass(frozen=True)
class Plan:
    """Each host's part, and what is wrong.  With errors the parts are not complete."""

    directors: dict[str, dict[str, t.Any]]
    real_servers: dict[str, dict[str, t.Any]]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def plan(directors: Mapping[str, Variables], real_servers: Mapping[str, Variables]) -> Plan:
    """The plan for these hosts; each mapping is host name -> variables."""
    findings = Findings()
    readers = [read_director(name, found, findings) for name, found in directors.items()]
    servers = [server for name, found in real_servers.items() if (server := read_real_server(name, found, findings))]
    if findings.errors:
        return Plan({}, {}, tuple(findings.errors), tuple(findings.warnings))
    known = [director for director in readers if director is not None]
    parts = {director.name: director_part(director, known, servers, findings) for director in known}
    if not findings.errors:
        for director in known:
            _contradictions.unwritable(director, parts[director.name], findings)
    if not findings.errors:
        for director in known:
            _contradictions.within(director, parts[director.name], servers, findings)
        _contradictions.between(parts, findings)
    sides = (
        {} if findings.errors else {server.name: real_server_part(server, list(parts.values())) for server in servers}
    )
    for name, side in sides.items():
        _one_gateway(name, side, findings)
        if not any(side.values()):
            findings.warnings.append(f"{name}: no service of the directors has this real server")
    return Plan(said(parts), sides, _once(findings.errors), _once(findings.warnings))


def _one_gateway(name: str, side: dict[str, t.Any], findings: Findings) -> None:
    for family in ("4", "6"):
        found = [gateway for gateway in side["gateways"] if (":" in gateway) == (family == "6")]
        if len(found) > 1:
            findings.errors.append(f"{name}: {' and '.join(found)} would both be its IPv{family} default gateway")


def _once(messages: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(messages))


def of_inventory(hostvars: Mapping[str, Variables], directors: Iterable[str], real_servers: Iterable[str]) -> Plan:
    """The plan for the hosts of two groups, from Ansible's variables."""
    return plan(
        {host: _known(hostvars[host], DIRECTOR_SPEC) for host in directors},
        {host: _known(hostvars[host], REAL_SERVER_SPEC) for host in real_servers},
    )


def _known(variables: Variables, spec: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: variables[name] for name in spec if name in variables}
