#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: director_info
short_description: What a director is, has and does
version_added: 0.1.0
description:
  - Reports the installed and the running version of the daemon, the files of its configuration, and the live state of
    each worker.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd.info
options:
  config_dir:
    description:
      - The directory of the configuration.
    type: path
    default: /etc/lvsd
  runtime_dir:
    description:
      - The directory of the daemon's control sockets.
    type: path
    default: /run/lvsd
  install_dir:
    description:
      - The directory of the installed versions.
    type: path
    default: /opt/lvsd
"""

EXAMPLES = r"""
- name: Look at a director
  lvs.director.director_info:
  register: director

- name: Say which virtual routers are active here
  ansible.builtin.debug:
    msg: "{{ director.vrrp.instances | selectattr('state', 'eq', 'Active') | map(attribute='name') }}"
  when: director.running
"""

RETURN = r"""
running:
  description: Whether the daemon answers.
  returned: always
  type: bool
  sample: true
installed:
  description: The versions of the daemon on the host, by their digests.
  returned: always
  type: dict
  contains:
    current:
      description: The digest of the version that is started next; null for none.
      type: str
      returned: always
    previous:
      description: That of the version before; null for none.
      type: str
      returned: always
    running:
      description: That of the version that runs; null for none.
      type: str
      returned: always
    digests:
      description: All that are there.
      type: list
      elements: str
      returned: always
  sample:
    current: 8c1f0d7e3b5a4921
    previous: null
    running: 8c1f0d7e3b5a4921
    digests:
      - 8c1f0d7e3b5a4921
files:
  description: The files of the configuration; RV(files[].managed) tells those that this collection owns.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
      returned: always
    managed:
      description: Whether this collection owns it.
      type: bool
      returned: always
  sample:
    - path: /etc/lvsd/lvsd.conf
      managed: true
lvsd:
  description: What the parent says; null when it is not running.
  returned: always
  type: dict
  contains:
    pid:
      description: The process of the parent.
      type: int
      returned: always
    version:
      description: The version of the daemon.
      type: str
      returned: always
    release:
      description: The release that runs.
      type: str
      returned: always
    digest:
      description: The digest of the version that runs; null outside of an installation.
      type: str
      returned: always
    ok:
      description: Whether the daemon answered as asked.
      type: bool
      returned: always
    workers:
      description: The workers that the configuration needs.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: V(vrrp) or V(checker).
          type: str
          returned: always
        pid:
          description: Its process; null where there is none now.
          type: int
          returned: always
        user:
          description: The user that it runs as; null where there is no process.
          type: str
          returned: always
        up_since:
          description: When that process was started, in seconds since 1970; null where there is none.
          type: float
          returned: always
        restarts:
          description: How often it was started again after it had died.
          type: int
          returned: always
        release:
          description: The release that runs; null for no process.
          type: str
          returned: always
        digest:
          description: The digest of the version that runs; null outside of an installation.
          type: str
          returned: always
    as_root:
      description: Why a worker that starts now runs as root; null where it becomes the user C(lvsd).
      type: str
      returned: always
    router_id:
      description: The name of the director.
      type: str
      returned: always
    config:
      description: The file that it has read.
      type: str
      returned: always
    loaded_at:
      description: When it has read it, in seconds since 1970.
      type: float
      returned: always
    fallback:
      description: Why a configuration of before runs; null where that in the files does.
      type: str
      returned: always
    findings:
      description: What is wrong or odd in the configuration that runs.
      type: list
      elements: dict
      returned: always
      contains:
        path:
          description: The file.
          type: str
          returned: always
        line:
          description: The line in it.
          type: int
          returned: always
        severity:
          description: V(error), V(warning) or V(insecure).
          type: str
          returned: always
        message:
          description: What it is.
          type: str
          returned: always
        keyword:
          description: The keyword that it is about; null for none.
          type: str
          returned: always
        fatal:
          description: Whether a reload is refused for it.
          type: bool
          returned: always
    started_at:
      description: When the daemon was started, in seconds since 1970.
      type: float
      returned: always
    complete:
      description: Whether its start has come to its end.
      type: bool
      returned: always
    takeover:
      description: The workers that this parent found running.
      type: dict
      returned: always
      contains:
        adopted:
          description: Those that it took over.
          type: list
          elements: str
          returned: always
        replaced:
          description: Those that it has replaced by its own version.
          type: list
          elements: str
          returned: always
        problems:
          description: What went wrong with that.
          type: list
          elements: str
          returned: always
  sample:
    pid: 412
    version: "0.1.0"
    workers:
      - name: vrrp
        pid: 415
        restarts: 0
vrrp:
  description:
    - The virtual routers and groups; null when the worker is not running.
    - C(missing) of an instance lists the addresses that it should have as the active one and has not, each with the
      reason.
  returned: always
  type: dict
  contains:
    ok:
      description: Whether the worker answered as asked.
      type: bool
      returned: always
    version:
      description: The version of the protocol.
      type: int
      returned: always
    instances:
      description: The virtual routers.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The name of the C(vrrp_instance).
          type: str
          returned: always
        state:
          description: V(Initialize), V(Backup) or V(Active).
          type: str
          returned: always
        faults:
          description: Why it stays in V(Initialize).
          type: list
          elements: str
          returned: always
        since:
          description: When it came into that state, in seconds since 1970.
          type: float
          returned: always
        vrid:
          description: The C(virtual_router_id).
          type: int
          returned: always
        interface:
          description: The interface that it sends from; null for unicast without one.
          type: str
          returned: always
        family:
          description: V(4) or V(6).
          type: int
          returned: always
        version:
          description: The version of VRRP.
          type: int
          returned: always
        priority:
          description: The configured priority.
          type: int
          returned: always
        effective_priority:
          description: The priority with what tracking adds to it.
          type: int
          returned: always
        advertisement_interval:
          description: In seconds.
          type: float
          returned: always
        preempt:
          description: Whether it takes over from one with a lower priority.
          type: bool
          returned: always
        unicast:
          description: Whether it speaks to its peers one by one.
          type: bool
          returned: always
        primary:
          description: The address that it sends from; null for none.
          type: str
          returned: always
        addresses:
          description: The virtual addresses.
          type: list
          elements: str
          returned: always
        missing:
          description: The addresses that it should hold and does not.
          type: list
          elements: dict
          returned: always
          contains:
            address:
              description: The address.
              type: str
              returned: always
            reason:
              description: Why it is missing.
              type: str
              returned: always
        advertised:
          description: How many addresses an advertisement carries.
          type: int
          returned: always
        active_router:
          description: The address of the active router, as far as it is known; null otherwise.
          type: str
          returned: always
        yielding:
          description: Whether it waits for a successor to be ready.
          type: bool
          returned: always
        timer:
          description: Seconds until its timer ends; null where none runs.
          type: float
          returned: always
        counters:
          description: Its packets, by what became of them; those that are 0 are left out.
          type: dict
          returned: always
        group:
          description: Its sync group; null for none.
          type: str
          returned: always
    groups:
      description: The sync groups.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The name of the C(vrrp_sync_group).
          type: str
          returned: always
        state:
          description: The state of its members.
          type: str
          returned: always
        members:
          description: Their names.
          type: list
          elements: str
          returned: always
    counters:
      description: Packets that belong to no virtual router, by the reason.
      type: dict
      returned: always
    refused_programs:
      description: The programs that are not run because of script security.
      type: list
      elements: raw
      returned: always
  sample:
    instances:
      - name: external_network_1
        state: Active
        missing:
          - address: 2001:db8::1/64 dev eth0
            reason: >-
              Permission denied: `sysctl net.ipv6.conf.eth0.disable_ipv6=0`, and the same for `all`
    groups:
      - name: gateway_group_1
        state: Active
checker:
  description: The services and their real servers; null when the worker is not running.
  returned: always
  type: dict
  contains:
    ok:
      description: Whether the worker answered as asked.
      type: bool
      returned: always
    version:
      description: The version of the protocol.
      type: int
      returned: always
    services:
      description: The services.
      type: list
      elements: dict
      returned: always
      contains:
        key:
          description: The daemon's name of it.
          type: str
          returned: always
        scheduler:
          description: Its C(lb_algo).
          type: str
          returned: always
        forwarding:
          description: V(NAT), V(DR), V(TUN) or V(mixed).
          type: str
          returned: always
        persistence_timeout:
          description: In seconds; V(0) for no persistence.
          type: int
          returned: always
        quorum:
          description: Its quorum.
          type: dict
          returned: always
          contains:
            up:
              description: Whether it is there.
              type: bool
              returned: always
            weight:
              description: The weights of the servers that are up, together.
              type: int
              returned: always
            needed:
              description: The weight that is needed.
              type: int
              returned: always
            hysteresis:
              description: How much more or less it takes to change.
              type: int
              returned: always
        sorry_server:
          description: Its sorry server; null for none.
          type: str
          returned: always
        sorry_in_use:
          description: Whether that has the connections now.
          type: bool
          returned: always
        kernel:
          description: What the kernel holds of it; null where it does not have it.
          type: dict
          returned: always
        servers:
          description: Its real servers.
          type: list
          elements: dict
          returned: always
          contains:
            key:
              description: The daemon's name of it.
              type: str
              returned: always
            weight:
              description: The configured weight.
              type: int
              returned: always
            weight_override:
              description: The weight that the operator ordered; null for none.
              type: int
              returned: always
            order_since:
              description: When the operator gave the order that holds, in seconds since 1970; null for none.
              type: float
              returned: always
            effective_weight:
              description: The weight in the kernel; null where it is not there.
              type: int
              returned: always
            up:
              description: Whether its checks pass.
              type: bool
              returned: always
            admin:
              description: V(enabled) or V(drained).
              type: str
              returned: always
            forwarding:
              description: V(NAT), V(DR) or V(TUN).
              type: str
              returned: always
            checks:
              description: Its checks.
              type: list
              elements: dict
              returned: always
              contains:
                kind:
                  description: The keyword of the check.
                  type: str
                  returned: always
                up:
                  description: Whether it passes.
                  type: bool
                  returned: always
                looked:
                  description: Whether it could be run.
                  type: bool
                  returned: always
                detail:
                  description: What it saw last; null for nothing yet.
                  type: str
                  returned: always
                latency_ms:
                  description: How long that took; null for nothing yet.
                  type: float
                  returned: always
                failures:
                  description: How often it failed in a row.
                  type: int
                  returned: always
            active_connections:
              description: Connections that are open.
              type: int
              returned: always
            inactive_connections:
              description: Connections that have ended and wait for their timer.
              type: int
              returned: always
            persistent_connections:
              description: Templates of persistence.
              type: int
              returned: always
    refused:
      description: What the kernel does not take of the table.
      type: list
      elements: str
      returned: always
    refused_programs:
      description: The programs that are not run because of script security.
      type: list
      elements: raw
      returned: always
  sample:
    services:
      - key: 192.168.122.140:80/TCP
        servers:
          - key: 10.0.0.11:80
            up: true
"""

import os
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import ControlError, state
from ansible_collections.lvs.director.plugins.module_utils._fragment import MANAGED
from ansible_collections.lvs.director.plugins.module_utils._install import installed
from ansible_collections.lvs.director.plugins.module_utils._place import read

SPEC = {
    "config_dir": {"type": "path", "default": "/etc/lvsd"},
    "runtime_dir": {"type": "path", "default": "/run/lvsd"},
    "install_dir": {"type": "path", "default": "/opt/lvsd"},
}


def configuration_files(config_dir: str) -> t.List[t.Dict[str, t.Any]]:
    """Every file of the configuration, and whether it is ours."""
    paths = [os.path.join(where, name) for where, _folders, names in os.walk(config_dir) for name in names]
    texts = {path: read(path) for path in sorted(paths) if path.endswith(".conf")}  # None: an editor's lock
    return [{"path": path, "managed": text.startswith(MANAGED)} for path, text in texts.items() if text is not None]


def main() -> None:
    """Return what is installed, configured and running on a director; nothing is changed."""
    module = DirectorModule(argument_spec=SPEC, supports_check_mode=True)
    runtime_dir = module.params["runtime_dir"]
    workers: t.Dict[str, t.Any] = {}
    for worker in ("lvsd", "vrrp", "checker"):
        try:
            workers[worker] = state(runtime_dir, worker)
        except ControlError as error:
            workers[worker] = None
            module.warn(str(error))
    module.exit_json(
        changed=False,
        running=workers["lvsd"] is not None,
        installed=installed(module.params["install_dir"], runtime_dir),
        files=configuration_files(module.params["config_dir"]),
        **workers,
    )


if __name__ == "__main__":
    main()
