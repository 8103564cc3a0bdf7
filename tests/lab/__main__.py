# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 -m tests.lab`: the lab from a shell.

Exit 0: done; 1: failed, with the reason; 2: wrong usage; `run` and `shell` give back the command's own code.
LVS_LAB_NAME (default: lab) chooses among labs that run side by side, LVS_LAB_CACHE where image and logs are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from . import image, ssh
from .inventory import inventory, molecule_instances
from .lab import Lab
from .paths import LabError, paths, require_root
from .remains import leftovers, lock, remove
from .topology import TOPOLOGIES
from .web import serve


def up(chosen: argparse.Namespace) -> int:
    Lab(TOPOLOGIES[chosen.topology]).up()
    return 0


def down(chosen: argparse.Namespace) -> int:
    Lab().down()
    return 0


def status(chosen: argparse.Namespace) -> int:
    lab = Lab.attach()
    for machine in lab.machines.values():
        state = "off" if machine.pid is None else "up" if ssh.banner(machine.address, 2) else "does not answer"
        legs = ", ".join(f"{i.name} {i.network} {' '.join(i.addresses)}".rstrip() for i in machine.interfaces)
        print(f"{machine.name}: {state}, process {machine.pid or '-'}, {legs}")
    for client in lab.clients.values():
        print(f"{client.name}: namespace {client.namespace}")
    return 0


def shell(chosen: argparse.Namespace) -> int:
    lab = Lab.attach()
    if chosen.host in lab.clients:
        return subprocess.call(lab.client(chosen.host).command([os.environ.get("SHELL", "/bin/sh")]))
    return subprocess.call(lab.machine(chosen.host).ssh_command("-t"))


def run(chosen: argparse.Namespace) -> int:
    lab = Lab.attach()
    if chosen.host in lab.clients:
        return subprocess.call(lab.client(chosen.host).command(chosen.command))
    words = chosen.command[0] if len(chosen.command) == 1 else shlex.join(chosen.command)
    return subprocess.call([*lab.machine(chosen.host).ssh_command("-T"), words])


def power(chosen: argparse.Namespace) -> int:
    machine = Lab.attach().machine(chosen.host)
    machine.power_on() if chosen.state == "on" else machine.power_off()
    return 0


def print_inventory(chosen: argparse.Namespace) -> int:
    lab = Lab.attach()
    print(json.dumps(molecule_instances(lab) if chosen.molecule else inventory(lab), indent=2))
    return 0


def serve_names(chosen: argparse.Namespace) -> int:
    lab = Lab.attach()
    serve(lab.machine(host) for host in chosen.hosts)
    return 0


def build_image(chosen: argparse.Namespace) -> int:
    require_root()
    print(image.ensure(paths()).folder)
    return 0


def print_leftovers(chosen: argparse.Namespace) -> int:
    found = leftovers()
    for row in found:
        print(row)
    return 1 if found else 0


def clean(chosen: argparse.Namespace) -> int:
    """Down, and the image and logs away as well."""
    where = paths()
    if not where.cache.exists():
        return 0
    require_root()
    others = [folder.name for folder in (where.cache / "run").glob("*") if (folder / "state.json").exists()]
    if set(others) - {where.name}:
        raise LabError(f"labs that use the image: {', '.join(others)}; bring them down first (LVS_LAB_NAME)")
    with lock(where):
        remove(where)
    shutil.rmtree(where.cache)
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python3 -m tests.lab", description="The lab: machines on closed networks.")
    verbs = top.add_subparsers(required=True, metavar="VERB")
    verb = verbs.add_parser("up", help="build the image if needed, start all machines (does nothing if they are up)")
    verb.add_argument("topology", nargs="?", choices=TOPOLOGIES, default="pair")
    verb.set_defaults(call=up)
    verbs.add_parser("down", help="stop and remove everything; logs stay").set_defaults(call=down)
    verbs.add_parser("status", help="what runs").set_defaults(call=status)
    verb = verbs.add_parser("shell", help="open a shell on a machine or in a client")
    verb.add_argument("host")
    verb.set_defaults(call=shell)
    verb = verbs.add_parser("run", help="run a command on a machine or in a client")
    verb.add_argument("host")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    verb.set_defaults(call=run)
    verb = verbs.add_parser("power", help="pull a machine's plug, or put it back and wait until it answers")
    verb.add_argument("host")
    verb.add_argument("state", choices=("on", "off"))
    verb.set_defaults(call=power)
    verb = verbs.add_parser("serve", help="start a web server that answers with the machine's name")
    verb.add_argument("hosts", nargs="+")
    verb.set_defaults(call=serve_names)
    verb = verbs.add_parser("inventory", help="print the running machines as an Ansible inventory (JSON is YAML)")
    verb.add_argument("--molecule", action="store_true", help="print what molecule_instance_config holds instead")
    verb.set_defaults(call=print_inventory)
    verbs.add_parser("image", help="build the image if needed, print its folder").set_defaults(call=build_image)
    verbs.add_parser("leftovers", help="print what is on the host; exit 1 if anything").set_defaults(
        call=print_leftovers
    )
    verbs.add_parser("clean", help="down, and remove image and logs").set_defaults(call=clean)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was half built is taken down
    try:
        return int(chosen.call(chosen))
    except (LabError, subprocess.SubprocessError, OSError) as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
