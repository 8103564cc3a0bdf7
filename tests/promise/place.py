# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the promise is held: two emulated directors; client and real servers are namespaces, which cost nothing.

The directors are provisioned by `site` of the collection as it was at a commit before (tests/support/former.py); an
installed copy of this one, whose daemon says another version, is what they are upgraded to.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.demo.provision import ROOT, play
from tests.lab import ClientSpec, Lab, Link, Topology, eventually, inventory
from tests.lab.machine import Machine
from tests.lab.topology import CLIENT, INTERNAL, PUBLIC, SYNC, director
from tests.promise import server

VIP, GATEWAY = "192.168.122.140", "10.0.0.1"
URL = f"http://{VIP}/index.html"
REAL_SERVERS = {"real-01": "10.0.0.11", "real-02": "10.0.0.12"}
GUEST = Path(__file__).parent / "guest"
THERE = "/root/promise"  # where the programs of GUEST are on a director
PREPARE = """
set -e
apt-get -q -y --no-install-recommends install ipvsadm
modprobe -a ip_vs ip_vs_rr ip_vs_wrr
sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.vs.expire_nodest_conn=1
"""
PARTS = ("galaxy.yml", "meta", "playbooks", "plugins", "roles", "runtime")

PLACE = Topology(
    "promise",
    (PUBLIC, SYNC, INTERNAL),
    (director(1), director(2)),
    (CLIENT, *(ClientSpec(name, (Link("internal", (f"{address}/24",)),)) for name, address in REAL_SERVERS.items())),
)


def installed(folder: Path, version: str) -> Path:
    """A copy of the collection below `folder`, to be used as ANSIBLE_COLLECTIONS_PATH; its daemon says `version`."""
    collection = folder / "ansible_collections" / "lvs" / "director"
    collection.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, collection / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, collection / part)
    package = collection / "runtime" / "lvsd" / "__init__.py"
    lines = package.read_text().splitlines()
    lines = [f'__version__ = "{version}"' if line.startswith("__version__") else line for line in lines]
    package.write_text("\n".join(lines) + "\n")
    return folder


@contextmanager
def serving(lab: Lab) -> Iterator[None]:
    """The real servers' web servers, which answer through the directors' gateway address."""
    processes = []
    try:
        for name, address in REAL_SERVERS.items():
            client = lab.client(name)
            client.run(["ip", "route", "replace", "default", "via", GATEWAY])
            words = client.command([sys.executable, server.__file__, name, address, "80"])
            processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL))
        yield
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def provision(lab: Lab, collections: Path, folder: Path) -> Path:
    """`lvs.director.site` for the directors; the inventory that it was called with.

    What the role would do to packages and kernel is done here at once: Molecule and the demo show that it can.
    """
    with ThreadPoolExecutor() as pool:
        list(pool.map(prepare, lab.machines.values()))
    reach = folder / "inventory.json"
    reach.write_text(json.dumps(inventory(lab)))
    set_up(reach, collections)
    return reach


def set_up(reach: Path, collections: Path) -> None:
    """`lvs.director.site` for directors that are prepared."""
    prepared = ["-e", json.dumps({"director_manage_packages": False, "director_manage_kernel": False})]
    play("lvs.director.site", reach, lambda _: None, "--limit", "directors", *prepared, collections=collections)


def prepare(machine: Machine) -> None:
    """Packages, modules and parameters of a director, and the programs that watch and act on it."""
    machine.run(PREPARE, timeout=120)
    for program in GUEST.glob("*.py"):
        machine.run(f"mkdir -p {THERE}; cat > {THERE}/{program.name}", stdin=program.read_text())


def answers(lab: Lab) -> bool:
    """Whether both real servers answer through the virtual address."""
    words = ["curl", "-s", "-m", "2", *[URL] * 6]
    return set(lab.client().run(words, check=False).stdout.split()) == set(REAL_SERVERS)


def ready(lab: Lab, within: float = 90.0) -> bool:
    return eventually(lambda: answers(lab), within, every=0.5)
