# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: plan
short_description: Each host's part of one inventory of directors and real servers
version_added: 0.1.0
description:
  - Derives from the variables of all directors and real servers what each of them has to be configured with.
    Unicast peers and sources, router ids, gateways and the virtual addresses of real servers come out of it.
  - Fails where the inventory contradicts itself. M(lvs.director.director_plan) says so more kindly.
  - The result holds the passwords of the virtual routers. Do not print it.
author:
  - The lvs.director authors (@lvs-director)
positional: directors, real_servers, alone
options:
  _input:
    description: C(hostvars).
    type: dict
    required: true
  directors:
    description: The names of the directors.
    type: list
    elements: str
    required: true
  real_servers:
    description: The names of the real servers.
    type: list
    elements: str
    default: []
  alone:
    description:
      - Allow a director that has no other one, as C(director_alone) does in the inventory.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Put the configuration of this director in place
  lvs.director.director_configuration:
    vrrp_instances: "{{ plan.directors[inventory_hostname].configuration.vrrp_instances }}"
    ipvs_services: "{{ plan.directors[inventory_hostname].configuration.ipvs_services }}"
  vars:
    plan: "{{ hostvars | lvs.director.plan(groups['directors'], groups['real_servers']) }}"
"""

RETURN = r"""
_value:
  description: Each host's part, by its name.
  type: dict
  contains:
    directors:
      description:
        - For each director C(configuration), the options of M(lvs.director.director_configuration), and
          C(addresses), C(peers) and C(schedulers).
      type: dict
      returned: always
    real_servers:
      description: For each real server C(gateways), C(dr_addresses) and C(tun_addresses).
      type: dict
      returned: always
"""

import typing as t
from collections.abc import Callable, Iterable, Mapping

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.director.plugins.plugin_utils._clusters import of_play, told_once
from ansible_collections.lvs.director.plugins.plugin_utils._plan import of_inventory
from jinja2 import pass_context


@pass_context
def plan(
    context: Mapping[str, t.Any],
    hostvars: Mapping[str, Mapping[str, t.Any]],
    directors: Iterable[str],
    real_servers: Iterable[str] = (),
    alone: bool = False,
) -> dict[str, t.Any]:
    """Each host's part.  Raises AnsibleFilterError where the inventory contradicts itself."""
    directors, real_servers = list(directors), list(real_servers)
    found = of_inventory(hostvars, directors, real_servers, of_play(context), alone)
    if found.errors:
        lines = told_once(found.errors, [*directors, *real_servers])
        raise AnsibleFilterError("The inventory contradicts itself:\n" + "\n".join(lines))
    return {"directors": found.directors, "real_servers": found.real_servers}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"plan": plan}
