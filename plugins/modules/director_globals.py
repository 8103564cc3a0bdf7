#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: director_globals
short_description: The global definitions of a director
version_added: 0.1.0
description:
  - Owns C(lvsd.conf), which holds the C(global_defs) block and includes every file in C(conf.d).
  - The options are keepalived's keywords. What is not given is not written, and the daemon's default applies.
  - A change is one reload, which leaves addresses, connections and health as they are.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd
  - lvs.director._lvsd.attributes
  - lvs.director._blocks.globals
options:
  state:
    description:
      - V(absent) removes C(lvsd.conf). The daemon refuses a reload without it, and then the file stays.
    type: str
    choices:
      - present
      - absent
    default: present
"""

EXAMPLES = r"""
- name: Name the director and speak VRRP version 3
  lvs.director.director_globals:
    router_id: director-01
    vrrp_version: 3
"""

RETURN = r"""
files:
  description: The files of the configuration that changed, or would change.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/lvsd/lvsd.conf
      action: changed
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
  description: What the daemon says about itself; null when it is not running.
  returned: always
  type: dict
  sample:
    pid: 412
    version: "0.1.0"
    config: /etc/lvsd/lvsd.conf
"""

from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import state as show
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply
from ansible_collections.lvs.director.plugins.module_utils._vrrp import GLOBALS, GLOBALS_FILE, globals_text

SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **SHARED_OPTIONS,
    **argument_spec(GLOBALS),
}


def main() -> None:
    """Put `global_defs` in place, and reload once."""
    module = DirectorModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        text = globals_text(module.params) if module.params["state"] == "present" else None
    except Refused as refused:
        module.fail_json(msg=str(refused))
    result = apply(
        module, {GLOBALS_FILE: text}, live=lambda: show(module.params["runtime_dir"], "lvsd"), candidate=text
    )
    module.exit_json(**result)


if __name__ == "__main__":
    main()
