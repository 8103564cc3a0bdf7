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
