# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_options
short_description: Where a real server is used, as options of ipvs_real_server
version_added: 0.1.0
description:
  - Finds a real server in the live state of a director, in each service that has it.
author:
  - The lvs.director authors (@lvs-director)
positional: address, service
options:
  _input:
    description: C(checker.services) of M(lvs.director.director_info).
    type: list
    elements: dict
    required: true
  address:
    description: The address of the real server.
    type: str
    required: true
  service:
    description:
      - Look at this service only, named as the daemon names it. The protocol and the port may be left out.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Drain a real server wherever it is used
  lvs.director.ipvs_real_server:
    virtual_server: "{{ item.virtual_server }}"
    address: "{{ item.address }}"
    port: "{{ item.port }}"
    state: drained
  loop: "{{ director.checker.services | lvs.director.server_options('10.0.0.11') }}"
"""

RETURN = r"""
_value:
  description:
    - For each service that has the real server, C(virtual_server), C(address) and C(port) for
      M(lvs.director.ipvs_real_server), and C(service) and C(server), the daemon's names of both.
  type: list
  elements: dict
  sample:
    - service: 192.168.122.140:80/TCP
      server: 10.0.0.11:80
      virtual_server:
        address: 192.168.122.140
        port: 80
        protocol: TCP
      address: 10.0.0.11
      port: 80
"""

import re
import typing as t
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address

from ansible.errors import AnsibleFilterError

MARK = re.compile(r"fwmark (\d+)/IPv([46])")
SERVICE = re.compile(r"\[?([^\]]+?)\]?:(\d+)/(\w+)")
SERVER = re.compile(r"\[?([^\]]+?)\]?:(\d+)")


def virtual_server(key: str) -> dict[str, t.Any]:
    """The options of the service that the daemon calls `key`."""
    if mark := MARK.fullmatch(key):
        return {"fwmark": int(mark[1]), "ip_family": {"4": "inet", "6": "inet6"}[mark[2]]}
    if found := SERVICE.fullmatch(key):
        return {"address": found[1], "port": int(found[2]), "protocol": found[3]}
    raise AnsibleFilterError(f"server_options: {key!r} is no name of a service")


def is_called(key: str, name: str) -> bool:
    """Whether `name` means the service `key`: all of it, or without its protocol, or without its port too."""
    shorter = key.rpartition("/")[0]
    address = shorter.rpartition(":")[0]
    return name in ("", key, shorter, address, address.strip("[]"))


def server_options(services: Iterable[Mapping[str, t.Any]], address: str, service: str = "") -> list[dict[str, t.Any]]:
    """The options of `ipvs_real_server` for `address` in each service, or in the one that is called `service`."""
    try:
        wanted = ip_address(str(address))
    except ValueError as error:
        raise AnsibleFilterError(f"server_options: {address!r} is no address of a real server") from error
    found = []
    for one in services:
        for server in one.get("servers") or []:
            match = SERVER.fullmatch(server["key"])
            if match and ip_address(match[1]) == wanted and is_called(one["key"], str(service)):
                where = {"virtual_server": virtual_server(one["key"]), "address": match[1], "port": int(match[2])}
                found.append({"service": one["key"], "server": server["key"], **where})
    return found


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"server_options": server_options}
