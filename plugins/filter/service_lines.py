# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: service_lines
short_description: One service of the live state and its real servers, as lines for people
version_added: 0.1.0
author:
  - The lvs.director authors (@lvs-director)
description:
  - A line for the service, then one for each of its real servers.
options:
  _input:
    description: The state, an element of C(checker.services) of M(lvs.director.director_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ director.checker.services | map('lvs.director.service_lines') | flatten }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - "192.168.122.140:80/TCP: wrr NAT"
    - "  10.0.0.11:80: up, weight 2, 7 connections"
"""

import typing as t
from collections.abc import Callable, Mapping

State = Mapping[str, t.Any]


def service_lines(service: State) -> list[str]:
    """A service, then each of its real servers."""
    sorry = ", sorry server in use" if service.get("sorry_in_use") else ""
    first = f"{service['key']}: {service.get('scheduler')} {service.get('forwarding')}{sorry}"
    return [first, *(server_line(server) for server in service.get("servers") or [])]


def server_line(server: State) -> str:
    """A real server of a service."""
    state = "up" if server.get("up") else "down"
    connections = f"{server.get('active_connections') or 0} connections"
    drained = ", drained" if server.get("admin") == "drained" else ""
    order = server.get("weight_override")
    ordered = "" if order is None else f" by order, {server.get('weight')} otherwise"
    return f"  {server['key']}: {state}, weight {server.get('effective_weight')}{ordered}, {connections}{drained}"


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"service_lines": service_lines}
