#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vrrp_instance
short_description: A virtual router of a director
version_added: 0.1.0
description:
  - Owns C(conf.d/vrrp_instance-NAME.conf), which holds one C(vrrp_instance) block.
  - The options are keepalived's keywords. What is not given is not written, and the daemon's default applies.
  - A change is one reload, which leaves every other virtual router as it is.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd
  - lvs.director._lvsd.attributes
  - lvs.director._blocks.vrrp_instance
options:
  name:
    description:
      - The name of the instance.
    type: str
    required: true
  state:
    description:
      - Whether the virtual router is configured. keepalived's keyword of this name is O(initial_state).
    type: str
    choices:
      - present
      - absent
    default: present
seealso:
  - module: lvs.director.vrrp_sync_group
  - module: lvs.director.director_configuration
"""

EXAMPLES = r"""
- name: Share an address with the other director
  lvs.director.vrrp_instance:
    name: external_network_1
    interface: eth0
    virtual_router_id: 20
    priority: 100
    nopreempt: true
    unicast_src_ip: 10.10.10.10
    unicast_peer:
      - address: 10.10.10.11
    authentication:
      auth_pass: "{{ vault_vrrp_password }}"
    virtual_ipaddress:
      - address: 192.168.122.140/24
        dev: eth0
"""

RETURN = r"""
files:
  description: The files of the configuration that changed, or would change.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/lvsd/conf.d/vrrp_instance-external_network_1.conf
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
  description:
    - The virtual router as it runs; null when the daemon is not running or has none of this name.
    - C(missing) lists the addresses that an active director should have and has not, each with the reason; the module
      warns of them.
  returned: always
  type: dict
  sample:
    name: external_network_1
    state: Active
    vrid: 20
    interface: eth0
    effective_priority: 100
    addresses:
      - 192.168.122.140/24 dev eth0
    missing: []
"""

from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import live_instance
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply
from ansible_collections.lvs.director.plugins.module_utils._vrrp import (
    INSTANCE,
    instance_file,
    instance_text,
    needed_links,
)

SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **SHARED_OPTIONS,
    **argument_spec(INSTANCE),
}


def main() -> None:
    """Put one VRRP instance in place, and reload once."""
    module = DirectorModule(argument_spec=SPEC, supports_check_mode=True)
    name = module.params["name"]
    try:
        path = instance_file(name)
        text = instance_text(name, module.params) if module.params["state"] == "present" else None
    except Refused as refused:
        module.fail_json(msg=str(refused))
    result = apply(
        module,
        {path: text},
        live=lambda: live_instance(module.params["runtime_dir"], name),
        candidate=text,
        needs={path: (name, needed_links(module.params))},
    )
    for entry in (result.get("live") or {}).get("missing") or []:
        module.warn(f"vrrp_instance {name}: {entry['address']} is missing: {entry['reason']}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
