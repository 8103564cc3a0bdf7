# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: QEMU machines and namespaces on bridges inside one network namespace that has no route out.

`Lab` is the whole of it: `with Lab(PAIR) as lab: lab.machine("director-01").run("ip address")`. From a shell:
`python3 -m tests.lab up`. What a topology is stands in topology.py, what a machine can be made to suffer in
machine.py, what the image holds in guest/. Needs root (namespaces, taps, the image) and the packages in packages.txt.
"""

from .inventory import inventory
from .lab import Lab
from .machine import Machine
from .paths import LabError
from .process import eventually
from .remains import leftovers
from .topology import DIRECTORS, PAIR, SINGLE, TOPOLOGIES, ClientSpec, Link, MachineSpec, Network, Topology

__all__ = [
    "DIRECTORS",
    "PAIR",
    "SINGLE",
    "TOPOLOGIES",
    "ClientSpec",
    "Lab",
    "LabError",
    "Link",
    "Machine",
    "MachineSpec",
    "Network",
    "Topology",
    "eventually",
    "inventory",
    "leftovers",
]
