#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_sync_group
short_description: Virtual routers that are active together or not at all
version_added: 0.1.0
description:
  - Owns C(conf.d/vrrp_sync_group-NAME.conf), which holds one C(vrrp_sync_group) block.
  - The options are keepalived's keywords.
  - Add the instances before their group, and remove the group before them.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd
  - lvs.director._lvsd.attributes
  - lvs.director._blocks.vrrp_sync_group
options:
  name:
    description:
      - The name of the group.
    type: str
    required: true
  state:
    description:
      - Whether the group is configured.
    type: str
    choices:
      - present
      - absent
    default: present
seealso:
  - module: lvs.director.vrrp_instance
"""

EXAMPLES = r"""
- name: Let the public address and the gateway move together
  lvs.director.vrrp_sync_group:
    name: gateway_group_1
    group:
      - external_network_1
      - internal_network_1
"""

RETURN = r"""
files:
  description: The files of the configuration that changed, or would change.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/lvsd/conf.d/vrrp_sync_group-gateway_group_1.conf
      action: added
reloaded:
  description: Whether the daemon took the change over by a reload.
  returned: always
  type: bool
  sample: true
faults:
  description: What a reload with these files left without working, or would leave.
  returned: on failure because of it
  type: list
  elements: str
  sample:
    - "vrrp_instance external_network_1: no interface eth9"
live:
  description: The group as it runs; null when the daemon is not running or has none of this name.
  returned: always
  type: dict
  sample:
    name: gateway_group_1
    state: Active
    members:
      - external_network_1
      - internal_network_1
"""

from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import live_group
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply
from ansible_collections.lvs.director.plugins.module_utils._vrrp import GROUP, group_candidate, group_file, group_text

SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **SHARED_OPTIONS,
    **argument_spec(GROUP),
}


def main() -> None:
    """Put one sync group in place, and reload once."""
    module = DirectorModule(argument_spec=SPEC, supports_check_mode=True)
    name = module.params["name"]
    text = candidate = None
    try:
        path = group_file(name)
        if module.params["state"] == "present":
            text, candidate = group_text(name, module.params), group_candidate(name, module.params)
    except Refused as refused:
        module.fail_json(msg=str(refused))
    result = apply(
        module, {path: text}, live=lambda: live_group(module.params["runtime_dir"], name), candidate=candidate
    )
    module.exit_json(**result)


if __name__ == "__main__":
    main()
