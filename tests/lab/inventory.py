# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running lab as an Ansible inventory: how to reach each machine, and nothing about what it shall become.

Beside another inventory (`-i examples/inventory.yml -i lab.json`) it only adds the connection to the hosts of the
same names.
"""

from __future__ import annotations

from typing import Any

from . import ssh
from .lab import Lab
from .machine import Machine


def connection(machine: Machine) -> dict[str, Any]:
    """The host's variables."""
    return {
        "ansible_host": machine.address,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(machine.image.key),
        "ansible_ssh_args": " ".join(ssh.options(machine.where)),
        "ansible_ssh_pipelining": True,
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def inventory(lab: Lab) -> dict[str, Any]:
    """As YAML inventories are structured: hosts under `all`, groups as the topology names them."""
    groups: dict[str, Any] = {}
    for machine in lab.machines.values():
        for group in machine.spec.groups:
            groups.setdefault(group, {"hosts": {}})["hosts"][machine.name] = {}
    hosts = {machine.name: connection(machine) for machine in lab.machines.values()}
    return {"all": {"hosts": hosts, "children": groups}}


def molecule_instances(lab: Lab) -> list[dict[str, Any]]:
    """What Molecule's `molecule_instance_config` holds: one entry per machine."""
    return [
        {
            "instance": machine.name,
            "address": machine.address,
            "user": "root",
            "port": 22,
            "identity_file": str(machine.image.key),
        }
        for machine in lab.machines.values()
    ]
