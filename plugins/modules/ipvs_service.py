#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_service
short_description: A balanced service of a director and its real servers
version_added: 0.1.0
description:
  - Owns C(conf.d/virtual_server-ADDR-PORT-PROTO.conf), which holds one C(virtual_server) block and includes the files
    of its real servers, C(conf.d/virtual_server-ADDR-PORT-PROTO.d/real_server-ADDR-PORT.conf).
  - The options are keepalived's keywords. What is not given is not written, and the daemon's default applies.
  - A change is one reload, which leaves connections, and the health of servers that stay, as they are.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd
  - lvs.director._lvsd.attributes
  - lvs.director._blocks.service_key
  - lvs.director._blocks.service
options:
  state:
    description:
      - Whether the service is configured; V(absent) removes its real servers too.
    type: str
    choices:
      - present
      - absent
    default: present
seealso:
  - module: lvs.director.ipvs_real_server
"""

EXAMPLES = r"""
- name: Balance web pages over two real servers
  lvs.director.ipvs_service:
    address: 192.168.122.140
    port: 80
    lb_algo: wrr
    lb_kind: NAT
    delay_loop: 2
    sorry_server:
      address: 10.0.0.1
      port: 80
    real_servers:
      - address: 10.0.0.11
        weight: 2
        HTTP_GET:
          - url:
              - path: /index.html
                status_code: ["200"]
      - address: 10.0.0.12
        TCP_CHECK:
          - connect_timeout: 3
"""

RETURN = r"""
files:
  description: The files of the configuration that changed, or would change.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/lvsd/conf.d/virtual_server-192.168.122.140-80-TCP.conf
      action: added
reloaded:
  description: Whether the daemon took the change over by a reload.
  returned: always
  type: bool
  sample: true
service:
  description: The daemon's name of the service.
  returned: always
  type: str
  sample: 192.168.122.140:80/TCP
faults:
  description: What a reload with these files left without working, or would leave.
  returned: on failure because of it
  type: list
  elements: str
  sample:
    - "vrrp_instance external_network_1: no interface eth9"
live:
  description: The service as it runs; null when the daemon is not running or has none of this name.
  returned: always
  type: dict
  sample:
    key: 192.168.122.140:80/TCP
    scheduler: wrr
    sorry_in_use: false
    servers:
      - key: 10.0.0.11:80
        effective_weight: 2
        up: true
        active_connections: 12
"""

import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _ipvs
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import live_service
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._place import Files, managed_files
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply

SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **SHARED_OPTIONS,
    **argument_spec((*_ipvs.SERVICE_KEY, *_ipvs.SERVICE, _ipvs.INLINE_REAL_SERVERS)),
}


def wanted_files(service: _ipvs.Service, params: t.Dict[str, t.Any]) -> Files:
    """The service's file, and those of its real servers where the task owns them."""
    absent = params["state"] == "absent"
    files: Files = {}
    if absent or params["real_servers"] is not None:
        files.update(dict.fromkeys(managed_files(params["config_dir"], service.folder)))
    if absent:
        files[service.file] = None
    else:
        files.update(_ipvs.service_files(params))
    return files


def main() -> None:
    """Put one virtual server with its real servers in place, and reload once."""
    module = DirectorModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_one_of=[("address", "fwmark")],
        mutually_exclusive=[("address", "fwmark")],
    )
    params = module.params
    try:
        service = _ipvs.service_of(params)
        wanted = wanted_files(service, params)
        candidate = _ipvs.service_candidate(service, params) if params["state"] == "present" else None
    except Refused as refused:
        module.fail_json(msg=str(refused))
    result = apply(module, wanted, live=lambda: live_service(params["runtime_dir"], service.key), candidate=candidate)
    module.exit_json(service=service.key, **result)


if __name__ == "__main__":
    main()
