# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: inventory_values
short_description: What the inventory says of the variables that the plan reads of one host
version_added: 0.1.0
description:
  - The values as P(lvs.director.plan#filter) reads them, with their templates resolved. What only a play, a role or a
    task was given is not among them.
  - A variable that the inventory does not have is missing in the result.
author:
  - The lvs.director authors (@lvs-director)
positional: host
options:
  _input:
    description: C(hostvars).
    type: dict
    required: true
  host:
    description: The name of the host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the services that the inventory gives this director
  ansible.builtin.debug:
    msg: "{{ (hostvars | lvs.director.inventory_values(inventory_hostname)).director_services }}"
"""

RETURN = r"""
_value:
  description: Variable to value.
  type: dict
"""

import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.lvs.director.plugins.plugin_utils._clusters import of_play
from ansible_collections.lvs.director.plugins.plugin_utils._plan import given
from jinja2 import pass_context


@pass_context
def inventory_values(
    context: Mapping[str, t.Any], hostvars: Mapping[str, Mapping[str, t.Any]], host: str
) -> dict[str, t.Any]:
    """The values by the names of the variables.  Raises AnsibleError where a template fails."""
    return given(hostvars, host, of_play(context))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"inventory_values": inventory_values}
