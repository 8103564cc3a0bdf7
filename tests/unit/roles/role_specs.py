# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `meta/argument_specs.yml` of each role has to say about the variables of the inventory.

`python -m ansible_collections.lvs.director.tests.unit.roles.role_specs` writes the files anew, from the tables of
keywords and from the descriptions here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.director.plugins.module_utils._vrrp import GLOBALS
from ansible_collections.lvs.director.plugins.plugin_utils._model import GROUP, INSTANCE, SERVICE
from ansible_collections.lvs.director.plugins.plugin_utils._options import options

ROLES = Path(__file__).parents[3] / "roles"
HEAD = "# SPDX-FileCopyrightText: 2026 The lvs.director authors\n# SPDX-License-Identifier: GPL-3.0-or-later\n---\n"

Spec = dict[str, Any]


def _plain(kind: str, default: Any, *description: str, **more: Any) -> Spec:
    return {"type": kind, "default": default, "description": list(description), **more}


def _blocks(description: str, table: Any) -> Spec:
    return _plain("list", [], description, elements="dict", options=options(table, "options"))


DIRECTOR: Spec = {
    "director_group": _plain("str", "directors", "The group of the directors."),
    "director_real_server_group": _plain(
        "str",
        "{{ real_server_group | default('real_servers') }}",
        "The group of the real servers; it may be missing. Set C(real_server_group), which both roles read.",
    ),
    "director_globals": _plain(
        "dict",
        {},
        "The C(global_defs) block. C(router_id) is the host's name unless it is given.",
        "Unless it says otherwise, C(enable_script_security) is set, and C(script_user) is C(keepalived_script): a user"
        " without rights, which the role makes.",
        options=options(GLOBALS, "options"),
    ),
    "director_addresses": _plain(
        "dict",
        {},
        "The host's interfaces and their addresses, with prefix length: a text or a list of them.",
        "Unicast sources and peers follow from it, and virtual addresses and real servers are checked against it.",
    ),
    "director_priority": _plain("int", 100, "The priority of this host in every instance that does not say its own."),
    "director_sync_interface": _plain(
        "str",
        "",
        "Send advertisements as unicast over this interface, whose addresses are in O(director_addresses).",
        "Without it advertisements are multicast on each instance's own interface.",
    ),
    "director_routed_vips": _plain(
        "bool", False, "Virtual addresses may be outside the networks of their interfaces: something routes them here."
    ),
    "director_alone": _plain(
        "bool",
        False,
        "This director has no other one. Without it, an instance that is to be unicast needs one, because without peers"
        " it would be multicast.",
    ),
    "director_vrrp_instances": _blocks("The virtual routers, the same list for every director.", INSTANCE),
    "director_sync_groups": _blocks(
        "Virtual routers that are active together or not at all, the same list for every director.",
        GROUP,
    ),
    "director_services": _blocks("The balanced services, the same list for every director.", SERVICE),
    "director_manage_packages": _plain("bool", True, "Install the packages that are needed."),
    "director_packages": _plain("list", [], "Further packages.", elements="str"),
    "director_manage_kernel": _plain(
        "bool", True, "Load the modules of IPVS and of the schedulers in use, and set parameters, now and at boot."
    ),
    "director_kernel_modules": _plain("list", [], "Further modules of the kernel.", elements="str"),
    "director_sysctls": _plain(
        "dict",
        {},
        "Further parameters of the kernel, and other values for those that the role sets: C(net.ipv4.ip_forward=1),"
        " C(net.ipv4.vs.expire_nodest_conn=1), C(net.ipv4.vs.expire_quiescent_template=1), and"
        " C(net.ipv4.conf.*.send_redirects=0) for C(all), C(default) and each interface in O(director_addresses).",
        "Where a service or a gateway is IPv6 also C(net.ipv6.conf.all.forwarding=1), and C(accept_ra=2) for interfaces"
        " with routes from router advertisements.",
    ),
    "director_firewall": _plain(
        "str",
        "unmanaged",
        "V(present) adds the nftables table C(inet lvs_director), which accepts VRRP from the other directors and drops"
        " it from everybody else. It cannot undo a drop in another table.",
        "V(absent) removes that table. V(unmanaged) does neither.",
        choices=["unmanaged", "present", "absent"],
    ),
    "director_python": _plain("str", "", "The interpreter of the daemon, instead of the one that is found."),
    "director_viewers": _plain(
        "list",
        [],
        "Users who may look at the daemon without root: C(lvsctl status), C(lvsctl show), C(lvsctl events). They become"
        " members of the system group C(lvsd), which the role makes; what changes something is for root.",
        "A user who is taken off the list stays in the group; C(gpasswd -d USER lvsd) ends that.",
        elements="str",
    ),
    "director_keep_versions": _plain("int", 3, "How many versions of the daemon stay on the host."),
    "director_prune": _plain("bool", True, "Remove what is no longer in the inventory. Files by hand stay."),
    "director_allow_removal": _plain(
        "list",
        [],
        "What may be removed though it is the last of its kind or a large part of it; see the option C(allow_removal)"
        " of M(lvs.director.director_configuration). Give it to one run, with C(-e director_allow_removal=all), not to"
        " the inventory.",
        elements="str",
    ),
    "director_allow_faults": _plain(
        "bool",
        False,
        "The host may lack interfaces or addresses that the inventory names, and virtual routers may be without"
        " function after a change. Without it, the run ends before anything changes, or what has changed is put back.",
    ),
    "director_service_enabled": _plain("bool", True, "Start the daemon at boot."),
    "director_service_state": _plain(
        "str", "started", "Whether the daemon runs. The role never restarts it.", choices=["started", "stopped"]
    ),
}

REAL_SERVER: Spec = {
    "real_server_director_group": _plain(
        "str",
        "{{ director_group | default('directors') }}",
        "The group of the directors. Set C(director_group), which both roles read.",
    ),
    "real_server_group": _plain("str", "real_servers", "The group of the real servers."),
    "real_server_address": _plain(
        "str", "", "The address by which the directors reach this host; services that name the host need it."
    ),
    "real_server_address6": _plain(
        "str", "", "The second address of a host in both families; a service takes the one of its own family."
    ),
    "real_server_gateway": _plain(
        "str", "", "The gateway for NAT, instead of the virtual address in the host's network."
    ),
    "real_server_manage_route": _plain(
        "bool",
        True,
        "Set the routes that NAT needs: everything goes to the gateway, by two routes that come before the host's own"
        " default route and leave it as it is.",
    ),
    "real_server_interface": _plain("str", "", "The interface of the routes for NAT, where the kernel cannot tell."),
    "real_server_take_back": _plain(
        "bool",
        True,
        "Take back what no service needs any more. The playbook C(lvs.director.site) does that when the directors have"
        " changed.",
    ),
    "real_server_sysctls": _plain(
        "dict", {}, "Further parameters of the kernel, and other values for those of the role."
    ),
}

SPECS = {
    "director": {
        "main": {
            "short_description": "A highly available LVS director",
            "description": [
                "Prepares the host, deploys the daemon, configures it from the inventory and runs it.",
                "A change is a reload, which drops no connection. The role never restarts the daemon.",
            ],
            "author": ["The lvs.director authors"],
            "version_added": "0.1.0",
            "options": DIRECTOR,
        }
    },
    "real_server": {
        "main": {
            "short_description": "A real server behind LVS directors",
            "description": [
                "Sets up what the services in the directors' inventory need on the real server's side.",
                "That is the way out for NAT, and virtual addresses and ARP parameters for DR and TUN,"
                " now and at boot.",
            ],
            "author": ["The lvs.director authors"],
            "version_added": "0.1.0",
            "options": REAL_SERVER,
        }
    },
}


def text(role: str) -> str:
    """The file of `role`."""
    return HEAD + yaml.dump(
        {"argument_specs": SPECS[role]}, Dumper=_Indented, sort_keys=False, width=100, allow_unicode=True
    )


class _Indented(yaml.SafeDumper):
    """Lists are indented below their key; nothing is an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


if __name__ == "__main__":
    for name in SPECS:
        (ROLES / name / "meta" / "argument_specs.yml").write_text(text(name))
    sys.exit(0)
