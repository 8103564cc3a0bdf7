# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: new_uses
short_description: What a director would send to real servers and does not send yet
version_added: 0.1.0
description:
  - Compares the services that a director is to have with those that it has, as far as some real servers are concerned.
  - A real server that could not be prepared in a run may go on with what it does, and must get nothing new.
author:
  - The lvs.director authors (@lvs-director)
positional: director, live, hostvars, real_servers
options:
  _input:
    description: What P(lvs.director.plan#filter) made of the inventory.
    type: dict
    required: true
  director:
    description: The name of the director.
    type: str
    required: true
  live:
    description: What M(lvs.director.director_info) returned on the director.
    type: dict
    required: true
  hostvars:
    description: C(hostvars), for the addresses of the real servers.
    type: dict
    required: true
  real_servers:
    description: The names of the real servers that are not ready.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Check that the director sends nothing new to a real server that is not ready
  ansible.builtin.assert:
    that: plan | lvs.director.new_uses(inventory_hostname, director, hostvars, ['real-01']) | length == 0
  vars:
    plan: "{{ hostvars | lvs.director.plan(groups['directors'], groups['real_servers']) }}"
"""

RETURN = r"""
_value:
  description: A line for each thing that is new, empty where nothing is.
  type: list
  elements: str
  sample:
    - "real-01: 192.168.122.140:80/TCP to 10.0.0.11:80 by DR"
"""

import typing as t
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from ipaddress import ip_address

from ansible_collections.lvs.director.plugins.module_utils._ipvs import server_key, service_of

Values = Mapping[str, t.Any]
Use = tuple[str, str, str]  # the service's key, the server's endpoint, the method of forwarding


ADDRESSES = ("real_server_address", "real_server_address6")


def new_uses(
    plan: Values, director: str, live: Values, hostvars: Mapping[str, Values], real_servers: Iterable[str]
) -> list[str]:
    """A line for each service that is to send to one of `real_servers` and does not yet, and for each new gateway."""
    found = []
    for name in real_servers:
        texts = [str(hostvars[name][key]) for key in ADDRESSES if key in hostvars[name]]
        addresses = {ip_address(text) for text in texts if text}
        gateways = plan["real_servers"][name]["gateways"]
        found += [f"{name}: {line}" for line in of_server(plan["directors"][director], live, addresses, gateways)]
    return found


def of_server(part: Values, live: Values, addresses: Container[t.Any], gateways: Iterable[str]) -> list[str]:
    """What is new for the real server that has these addresses."""
    before = set(served(live))
    asked = [use for use in planned(part) if ip_address(address_of(use[1])) in addresses]
    found = [
        f"{service} to {server} by {kind}" for service, server, kind in asked if (service, server, kind) not in before
    ]
    if any(kind == "NAT" for _service, _server, kind in asked):
        known = held(live)
        found += [f"its gateway {gateway}" for gateway in gateways if ip_address(str(gateway)) not in known]
    return found


def planned(part: Values) -> Iterator[Use]:
    """What the director is to do."""
    for service in part["configuration"]["ipvs_services"]:
        found = service_of(service)
        sorry = service.get("sorry_server")
        for server in [*service["real_servers"], *([sorry] if sorry else [])]:
            kind = str(server.get("lb_kind") or service["lb_kind"])
            yield found.key, server_key(found, server), kind


def served(live: Values) -> Iterator[Use]:
    """What the director does."""
    for service in (live.get("checker") or {}).get("services") or []:
        for server in service.get("servers") or []:
            yield service["key"], server["key"], str(server.get("forwarding") or service.get("forwarding"))
        if service.get("sorry_server"):
            yield service["key"], service["sorry_server"], str(service.get("forwarding"))


def held(live: Values) -> set[t.Any]:
    """The virtual addresses that the director knows, active or not."""
    instances = (live.get("vrrp") or {}).get("instances") or []
    texts = [text for instance in instances for text in instance.get("addresses") or []]
    return {ip_address(text.split()[0].partition("/")[0]) for text in texts}


def address_of(server: str) -> str:
    """The address in `10.0.0.11:80` or `[2001:db8::1]:80`."""
    return server.rpartition(":")[0].strip("[]")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"new_uses": new_uses}
