#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: director_configuration
short_description: The whole configuration of a director, in one transaction
version_added: 0.1.0
description:
  - Puts the files of M(lvs.director.director_globals), M(lvs.director.vrrp_instance),
    M(lvs.director.vrrp_sync_group) and M(lvs.director.ipvs_service) in place together, and removes the files of what
    is no longer there.
  - The daemon's parser checks the whole configuration as it would become, before a file is written. All changes are one
    reload; where the daemon refuses it, every file is put back as it was.
  - The last instance, service or virtual address, the last real server of a service, half of the instances, and half of
    the services or addresses where that are at least two, are removed only with O(allow_removal). What is renamed keeps
    its address and is not meant.
  - Where a virtual router becomes another one for VRRP, by its C(virtual_router_id), its interface, or from unicast to
    multicast, a warning says that its addresses are away for a while.
  - Files without the marker C(Managed by Ansible) are not touched. Where one has the name of a file that is to be
    written, C(lvsd.conf) written by hand for example, the task fails and says what can be done.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd
  - lvs.director._lvsd.attributes
  - lvs.director._blocks.configuration
options:
  globals:
    description:
      - The C(global_defs) block.
      - The options are those of M(lvs.director.director_globals).
    type: dict
    default: {}
  prune:
    description:
      - Remove managed files of blocks that are not given here.
    type: bool
    default: true
  allow_removal:
    description:
      - What may be removed though it is the last of its kind or a large part of it.
      - V(all), or names as in RV(removed), C(external_network_1) or C(192.168.122.140:80/TCP) or C(192.168.122.140).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: One director of a pair
  lvs.director.director_configuration:
    globals:
      router_id: director-01
    vrrp_instances:
      - name: external_network_1
        interface: eth0
        virtual_router_id: 20
        virtual_ipaddress:
          - address: 192.168.122.140/24
    ipvs_services:
      - address: 192.168.122.140
        port: 80
        lb_algo: wrr
        real_servers:
          - address: 10.0.0.11
            weight: 2
          - address: 10.0.0.12
"""

RETURN = r"""
files:
  description: The files of the configuration that changed, or would change.
  returned: always
  type: list
  elements: dict
  sample:
    - path: /etc/lvsd/conf.d/virtual_server-192.168.122.140-80-TCP.conf
      action: changed
removed:
  description:
    - The instances, services, virtual addresses and real servers of before that are not configured any more, or would
      not be.
  returned: always
  type: list
  elements: str
  sample:
    - virtual_server 192.168.122.140:80/TCP
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
  description: The state of each worker, null for one that is not running.
  returned: always
  type: dict
  sample:
    vrrp:
      instances:
        - name: external_network_1
          state: Backup
    checker: null
"""

import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._configuration import TABLES, files
from ansible_collections.lvs.director.plugins.module_utils._control import state as show
from ansible_collections.lvs.director.plugins.module_utils._faults import Needs
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._interruptions import interruptions
from ansible_collections.lvs.director.plugins.module_utils._ipvs import service_of
from ansible_collections.lvs.director.plugins.module_utils._keywords import argument_spec
from ansible_collections.lvs.director.plugins.module_utils._place import Files, managed_files, read
from ansible_collections.lvs.director.plugins.module_utils._reload import SHARED_OPTIONS, apply, differing
from ansible_collections.lvs.director.plugins.module_utils._removals import Removal, of_changes, refusal, unexpected
from ansible_collections.lvs.director.plugins.module_utils._vrrp import GLOBALS, instance_file, needed_links

WORKERS = ("lvsd", "vrrp", "checker")

SPEC = {
    "globals": {"type": "dict", "default": {}},
    "prune": {"type": "bool", "default": True},
    "allow_removal": {"type": "list", "elements": "str", "default": []},
    **SHARED_OPTIONS,
    **{
        name: {"type": "list", "elements": "dict", "options": argument_spec(table)}
        for name, (_meaning, table) in TABLES.items()
    },
}


def valid_globals(values: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    """The global definitions with their types.  Raises `Refused` for what is no keyword or no value of it."""
    result = ArgumentSpecValidator(argument_spec(GLOBALS)).validate(values)
    if result.error_messages:
        raise Refused("globals: " + "; ".join(result.error_messages))
    valid: t.Dict[str, t.Any] = result.validated_parameters
    return valid


def prunable(params: t.Dict[str, t.Any]) -> t.List[str]:
    """Managed files, but for the real servers of a service that leaves them to M(lvs.director.ipvs_real_server)."""
    left = tuple(
        service_of(service).folder + "/" for service in params["ipvs_services"] or [] if service["real_servers"] is None
    )
    return [path for path in managed_files(params["config_dir"], "conf.d") if not path.startswith(left)]


def needs(params: t.Dict[str, t.Any]) -> Needs:
    """The interfaces of each virtual router, by its file."""
    return {
        instance_file(instance["name"]): (instance["name"], needed_links(instance))
        for instance in params["vrrp_instances"] or []
    }


def checked_removals(module: DirectorModule, wanted: Files) -> t.List[Removal]:
    """What the files that are `wanted` take away.  Fails the task where that was not allowed."""
    config_dir, below = module.params["config_dir"], os.path.join(module.params["config_dir"], "conf.d") + os.sep
    texts = {
        os.path.relpath(path, "conf.d"): read(os.path.join(config_dir, path))
        for path in managed_files(config_dir, "conf.d")
    }
    found = of_changes(texts, differing(module, wanted), below)
    if refused := unexpected(found, module.params["allow_removal"]):
        module.fail_json(msg=refusal(refused), removed=[str(removal) for removal in found])
    return found


def main() -> None:
    """Put the whole configuration of a director in place, and reload once."""
    module = DirectorModule(argument_spec=SPEC, shapes={"globals": argument_spec(GLOBALS)}, supports_check_mode=True)
    params = module.params
    runtime_dir = params["runtime_dir"]
    wanted: Files = {}
    try:
        if params["prune"]:
            wanted.update(dict.fromkeys(prunable(params)))
        wanted.update(files({**params, "globals": valid_globals(params["globals"])}))
    except Refused as refused:
        module.fail_json(msg=str(refused))
    removed = [str(removal) for removal in checked_removals(module, wanted)]
    for interruption in interruptions(differing(module, wanted)):
        module.warn(interruption)
    result = apply(
        module, wanted, live=lambda: {worker: show(runtime_dir, worker) for worker in WORKERS}, needs=needs(params)
    )
    module.exit_json(**result, removed=removed)


if __name__ == "__main__":
    main()
