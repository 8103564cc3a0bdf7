#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipvs_real_server
short_description: A real server of a balanced service, in the configuration and in operation
version_added: 0.1.0
description:
  - With O(state=present) and O(state=absent) it owns one file,
    C(conf.d/virtual_server-ADDR-PORT-PROTO.d/real_server-ADDR-PORT.conf), which the service includes.
    The service itself comes from M(lvs.director.ipvs_service) without its
    O(lvs.director.ipvs_service#module:real_servers).
  - What a task does not name stays as it is in that file, so that O(weight) alone changes the weight and keeps the
    checks. An empty list takes a check away. To take away another keyword, remove the server with O(state=absent),
    and add it again; or let M(lvs.director.ipvs_service) own the servers, where what is not given is not written.
  - With O(state=drained) and O(state=enabled) it speaks to the running daemon and changes no file. A drained server
    takes no new connections and keeps those that it has, also over a restart of the daemon.
  - A O(tunnel) needs O(lb_kind=TUN) beside it, or in the file, because this module does not know the service's method.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd
  - lvs.director._lvsd.attributes
  - lvs.director._blocks.real_server
options:
  virtual_server:
    description:
      - The service that the real server belongs to.
    type: dict
    required: true
    suboptions:
      address:
        description:
          - The address of the service; either this or C(fwmark).
        type: str
      port:
        description:
          - The port of the service; V(0) is every port and needs C(persistence_timeout).
          - Between V(0) and V(65535).
        type: int
      fwmark:
        description:
          - The service is the packets with this mark of the firewall, instead of an address.
          - Between V(1) and V(4294967295).
        type: int
      ip_family:
        description:
          - The address family of a service by C(fwmark); V(inet) unless said otherwise.
        type: str
        choices:
          - inet
          - inet6
      protocol:
        description:
          - The protocol of a service by address.
        type: str
        choices:
          - TCP
          - UDP
          - SCTP
        default: TCP
  address:
    description:
      - The address of the real server.
    type: str
    required: true
  port:
    description:
      - The port on the real server, where it is not the service's.
    type: int
  state:
    description:
      - V(present) and V(absent) say whether it is configured.
      - V(drained) gives it no new connections, V(enabled) gives it new connections again.
      - With V(enabled), O(weight) is the weight that it has from now on by an order of the operator. That of the
        configuration ends such an order; without O(weight) it stays. C(lvsctl weight SERVICE SERVER default) ends it,
        too.
      - Every other option of the configuration is refused with V(drained) and V(enabled), which change no file; so is
        O(weight) with V(drained).
    type: str
    choices:
      - present
      - absent
      - drained
      - enabled
    default: present
  wait:
    description:
      - With O(state=drained), the seconds to wait for its last connection to end. Where connections are left then, the
        task fails, says how many, and the server stays drained. So it does where the checker does not answer then;
        a checker that is only started again meanwhile is waited for.
      - With O(state=absent), drain it first and wait so; where connections are left then, or the checker does not
        answer, the task fails and the server stays configured, and drained.
    type: float
    default: 0
seealso:
  - module: lvs.director.ipvs_service
"""

EXAMPLES = r"""
- name: Add a real server
  lvs.director.ipvs_real_server:
    virtual_server:
      address: 192.168.122.140
      port: 80
    address: 10.0.0.13
    weight: 2
    TCP_CHECK:
      - connect_timeout: 3

- name: Take a real server out for maintenance, and wait up to five minutes for its last connection
  lvs.director.ipvs_real_server:
    virtual_server:
      address: 192.168.122.140
      port: 80
    address: 10.0.0.13
    state: drained
    wait: 300
"""

RETURN = r"""
files:
  description: The files of the configuration that changed, or would change.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/lvsd/conf.d/virtual_server-192.168.122.140-80-TCP.d/real_server-10.0.0.13-80.conf
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
server:
  description: The daemon's name of the real server.
  returned: always
  type: str
  sample: 10.0.0.13:80
waited:
  description: Seconds that the task waited for connections to end.
  returned: when it waited
  type: float
  sample: 4.5
connections:
  description: The active connections that were left after waiting; null where the checker did not answer.
  returned: when it waited
  type: int
  sample: 0
faults:
  description: What a reload with these files left without working, or would leave.
  returned: on failure because of it
  type: list
  elements: str
  sample:
    - "vrrp_instance external_network_1: no interface eth9"
live:
  description: The real server as it runs; null when the daemon is not running or has none of this name.
  returned: always
  type: dict
  sample:
    key: 10.0.0.13:80
    weight: 2
    effective_weight: 0
    up: true
    admin: drained
    active_connections: 0
    inactive_connections: 3
"""

import os
import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _server_file
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import ControlError
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._live_server import ADMIN, Server
from ansible_collections.lvs.director.plugins.module_utils._place import read
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply, differing, is_stale

SPEC = {
    "virtual_server": {"type": "dict", "required": True, "options": argument_spec(_ipvs.SERVICE_KEY)},
    "address": {"type": "str", "required": True},
    "port": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent", "drained", "enabled"], "default": "present"},
    "wait": {"type": "float", "default": 0},
    **SHARED_OPTIONS,
    **argument_spec(_ipvs.REAL_SERVER),
}


def configured(module: DirectorModule, service: _ipvs.Service, server: Server) -> t.Dict[str, t.Any]:
    """`present` and `absent`: the file."""
    path = _ipvs.server_file(service, module.params)
    if module.params["state"] == "absent":
        drained = drained_before_removal(module, path, server) if module.params["wait"] > 0 else {}
        applied = apply(module, {path: None}, live=server.live)
        return {**drained, **applied, "changed": applied["changed"] or drained.get("changed", False)}
    text = _server_file.merged(service, module.params, read(os.path.join(module.params["config_dir"], path)))
    return apply(module, {path: text}, live=server.live, candidate=_server_file.candidate(service, text))


def drained_before_removal(module: DirectorModule, path: str, server: Server) -> t.Dict[str, t.Any]:
    """Drain and wait, but only a server that this task removes: one that another file configures goes on."""
    params = module.params
    removes = bool(differing(module, {path: None})) or is_stale(params["runtime_dir"], params["config_dir"])
    if not removes or not server.has_to_be_drained():
        return {}
    changed = server.set_admin("drained")
    return {"changed": changed, **({} if module.check_mode else server.wait(params["wait"]))}


def operated(module: DirectorModule, server: Server) -> t.Dict[str, t.Any]:
    """`drained` and `enabled`: the running daemon."""
    state, weight = module.params["state"], module.params["weight"]
    _refuse_what_has_no_effect(module)
    changed = server.set_admin(state)
    if weight is not None:
        changed = server.set_weight(weight) or changed
    result: t.Dict[str, t.Any] = {"files": [], "reloaded": False, "changed": changed}
    if state == "drained" and module.params["wait"] > 0 and not module.check_mode:
        result.update(server.wait(module.params["wait"]))
    result["live"] = server.live()
    return result


def _refuse_what_has_no_effect(module: DirectorModule) -> None:
    state = module.params["state"]
    effective = ("weight",) if state == "enabled" else ()
    idle = [one.name for one in _ipvs.REAL_SERVER if one.name not in effective and module.params[one.name] is not None]
    if idle:
        module.fail_json(
            msg=f"state {state} changes no file, so it has no use for {', '.join(idle)}; use state present for that"
        )


def main() -> None:
    """Order the checker about one real server, or put its file in place and reload once."""
    module = DirectorModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        service = _ipvs.service_of(module.params["virtual_server"])
        key = _ipvs.server_key(service, module.params)
        server = Server(module, service.key, key)
        result = operated(module, server) if module.params["state"] in ADMIN else configured(module, service, server)
    except (Refused, ControlError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(service=service.key, server=key, **result)


if __name__ == "__main__":
    main()
