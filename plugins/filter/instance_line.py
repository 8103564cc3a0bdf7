# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: instance_line
short_description: One virtual router of the live state, as a line for people
version_added: 0.1.0
author:
  - The lvs.director authors (@lvs-director)
description:
  - Its name and state, then what matters in that state.
options:
  _input:
    description: The state, an element of C(vrrp.instances) of M(lvs.director.director_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ director.vrrp.instances | map('lvs.director.instance_line') | list }}"
"""

RETURN = r"""
_value:
  description: The text.
  sample: "external_network_1: Active, priority 100, 192.168.122.140/24 dev eth0"
  type: str
"""

import typing as t
from collections.abc import Callable, Mapping

State = Mapping[str, t.Any]


def instance_line(instance: State) -> str:
    """One virtual router: `external_network_1: Active, priority 100, 192.168.122.140/24 dev eth0`."""
    parts = [f"{instance['name']}: {instance['state']}"]
    if instance.get("effective_priority") is not None:
        parts.append(f"priority {instance['effective_priority']}")
    parts += [f"fault: {fault}" for fault in instance.get("faults") or []]
    if instance.get("state") == "Active":
        parts += instance.get("addresses") or []
    elif instance.get("active_router"):
        parts.append(f"hears {instance['active_router']}")
    return ", ".join(map(str, parts))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"instance_line": instance_line}
