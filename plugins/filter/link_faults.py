# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: link_faults
short_description: What a director's part of the plan expects of the host's interfaces and addresses, and the host lacks
version_added: 0.1.0
description:
  - Compares the interfaces and addresses of a host with those that its part of the plan names. A virtual router on an
    interface that the host does not have would stay in Initialize.
  - Links that are down are no fault here, because they may come up again.
author:
  - The lvs.director authors (@lvs-director)
positional: part
options:
  _input:
    description: What C(ip -json address show) prints on the host, as text or read already.
    type: raw
    required: true
  part:
    description: The host's part, an element of C(directors) in the result of P(lvs.director.plan#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Look at the host's interfaces
  ansible.builtin.command:
    argv: [ip, -json, address, show]
  register: director_links
  check_mode: false
  changed_when: false

- name: Check that the host has the interfaces and addresses that the inventory names
  ansible.builtin.assert:
    that: director_links.stdout | lvs.director.link_faults(part) | length == 0
    fail_msg: "{{ director_links.stdout | lvs.director.link_faults(part) | join('; ') }}"
  vars:
    found: "{{ hostvars | lvs.director.plan(groups['directors'], groups['real_servers']) }}"
    part: "{{ found.directors[inventory_hostname] }}"
"""

RETURN = r"""
_value:
  description: A message for each of them; an empty list where the host has all.
  type: list
  elements: str
  sample:
    - "director_addresses.eth7: the host has no interface eth7, did you mean eth0?"
"""

import json
import typing as t
from collections.abc import Callable, Iterable, Mapping

from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.director.plugins.plugin_utils._links import faults, links_of


def link_faults(links: str | Iterable[Mapping[str, t.Any]], part: Mapping[str, t.Any]) -> list[str]:
    """The messages.  Raises AnsibleFilterError for what `ip` has not printed."""
    try:
        shown = json.loads(links) if isinstance(links, str) else list(links)
        return faults(links_of(shown), dict(part))
    except (ValueError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(f"link_faults: this is not what ip -json address show prints: {error}") from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filter by its name, as Ansible asks for it."""
        return {"link_faults": link_faults}
