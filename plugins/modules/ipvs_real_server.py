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
  - With O(state=drained) and O(state=enabled) it speaks to the running daemon and changes no file. A drained server
    takes no new connections and keeps those that it has, also over a restart of the daemon.
  - A O(tunnel) needs O(lb_kind=TUN) beside it, because this module does not know the service's method.
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
        task fails, says how many, and the server stays drained. So it does where nobody can say, because the checker
        does not answer then; a checker that is only started again meanwhile is waited for.
      - With O(state=absent), drain it first and wait so; where connections are left then, or nobody can say, the task
        fails and the server stays configured, and drained.
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

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.director.plugins.module_utils import _ipvs
from ansible_collections.lvs.director.plugins.module_utils._control import ControlError, request, server_in
from ansible_collections.lvs.director.plugins.module_utils._control import state as show
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply, differing, is_stale

POLL = 0.25  # seconds between two looks at the connections
SHORTEST = 1.0  # seconds that the checker has for an answer, also at the deadline

SPEC = {
    "virtual_server": {"type": "dict", "required": True, "options": argument_spec(_ipvs.SERVICE_KEY)},
    "address": {"type": "str", "required": True},
    "port": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent", "drained", "enabled"], "default": "present"},
    "wait": {"type": "float", "default": 0},
    **SHARED_OPTIONS,
    **argument_spec(_ipvs.REAL_SERVER),
}

ADMIN = {"drained": "drain", "enabled": "enable"}  # state -> verb of the control socket


class Server:
    """One real server of the running daemon."""

    def __init__(self, module: AnsibleModule, service: str, server: str) -> None:
        self.module = module
        self.runtime_dir = module.params["runtime_dir"]
        self.service = service
        self.server = server

    def live(self) -> t.Optional[t.Dict[str, t.Any]]:
        return server_in(show(self.runtime_dir, "checker"), self.service, self.server)

    def has_to_be_drained(self) -> bool:
        """Whether it may have connections: not where it does not run, or where the daemon has no use for a checker."""
        shown = show(self.runtime_dir, "checker")
        if shown is not None:
            return server_in(shown, self.service, self.server) is not None
        workers = (show(self.runtime_dir, "lvsd") or {}).get("workers", [])
        return any(worker.get("name") == "checker" for worker in workers)  # it is between two processes

    def set_admin(self, state: str) -> bool:
        """Drain or enable it; whether that changed, or would change, anything."""
        live = self.live()
        if live is None:
            running = show(self.runtime_dir, "checker") is not None
            reason = f"has no real server {self.server} in {self.service}" if running else "is not running"
            self.module.fail_json(msg=f"The checker {reason}, so {self.server} cannot be {state}")
        if live.get("admin") == state:
            return False
        if not self.module.check_mode:
            self._ask(ADMIN[state])
        return True

    def _ask(self, verb: str) -> None:
        answer = request(self.runtime_dir, "checker", verb, service=self.service, server=self.server)
        if answer is None or not answer.get("ok"):
            reason = "it is not running" if answer is None else answer.get("error")
            self.module.fail_json(msg=f"The checker did not {verb} {self.server} of {self.service}: {reason}")

    def wait(self, seconds: float) -> t.Dict[str, t.Any]:
        """Wait for the last connection; what is left at the deadline, or is not known then, fails the task."""
        start = time.monotonic()
        waited = 0.0
        while True:
            left = self._left(timeout=max(SHORTEST, seconds - waited))
            waited = round(time.monotonic() - start, 2)
            if left == 0:
                return {"waited": waited, "connections": 0}
            if waited >= seconds:
                self._fail_with(left, waited)
            time.sleep(min(POLL, max(0.0, seconds - waited)))

    def _left(self, timeout: float) -> t.Optional[int]:
        """Its active connections; None while nobody counts them, as when the checker is started again."""
        try:
            shown = show(self.runtime_dir, "checker", timeout)
        except ControlError:
            return None
        if shown is None:
            return None
        live = server_in(shown, self.service, self.server)
        if live is None:
            self.module.fail_json(
                msg=f"{self.server} of {self.service} is not configured any more; nobody counts what it had left"
            )
        return live.get("active_connections")

    def _fail_with(self, left: t.Optional[int], waited: float) -> None:
        whose = f"connections to {self.server} of {self.service} are left after {waited:g} s; it stays drained"
        if left is None:
            self.module.fail_json(
                msg=f"The checker does not answer: nobody knows how many {whose}", waited=waited, connections=None
            )
        self.module.fail_json(msg=f"{left} {whose}", waited=waited, connections=left, live=self.live())


def configured(module: AnsibleModule, service: _ipvs.Service, server: Server) -> t.Dict[str, t.Any]:
    """`present` and `absent`: the file."""
    path = _ipvs.server_file(service, module.params)
    if module.params["state"] == "absent":
        drained = drained_before_removal(module, path, server) if module.params["wait"] > 0 else {}
        applied = apply(module, {path: None}, live=server.live)
        return {**drained, **applied, "changed": applied["changed"] or drained.get("changed", False)}
    text = _ipvs.server_text(service, module.params)
    return apply(module, {path: text}, live=server.live, candidate=_ipvs.server_candidate(service, module.params))


def drained_before_removal(module: AnsibleModule, path: str, server: Server) -> t.Dict[str, t.Any]:
    """Drain and wait, but only what is going to be removed: a server of somebody else's file goes on."""
    params = module.params
    removes = bool(differing(module, {path: None})) or is_stale(params["runtime_dir"], params["config_dir"])
    if not removes or not server.has_to_be_drained():
        return {}
    changed = server.set_admin("drained")
    return {"changed": changed, **({} if module.check_mode else server.wait(params["wait"]))}


def operated(module: AnsibleModule, server: Server) -> t.Dict[str, t.Any]:
    """`drained` and `enabled`: the running daemon."""
    result: t.Dict[str, t.Any] = {"files": [], "reloaded": False, "changed": server.set_admin(module.params["state"])}
    if module.params["state"] == "drained" and module.params["wait"] > 0 and not module.check_mode:
        result.update(server.wait(module.params["wait"]))
    result["live"] = server.live()
    return result


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
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
