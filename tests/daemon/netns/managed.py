# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directors that the playbooks set up as they set up machines: each a network and a mount namespace.

Ansible reaches a host by its interpreter, which is a program that enters the namespaces first.  There is no systemd: a
`systemctl` of the tests starts the daemon.  There is no IPVS: a director here is a gateway, without services.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from lvsd.control.server import Unreachable, request
from network import Network, eventually
from prepared import MODPROBE, ROOT, SYSTEMCTL

HOST = """
cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc || exit 1
mkdir "$1/upper" "$1/work" && mount -t tmpfs tmpfs "$1/upper" && mkdir "$1/upper/up" "$1/upper/work" || exit 1
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$1/upper/up,workdir=$1/upper/work" /var/lib || exit 1
for folder in /opt /usr/local/sbin /etc/sysctl.d /etc/systemd/system /etc/modules-load.d; do
    mount -t tmpfs tmpfs $folder || exit 1
done
echo systemd >"$1/comm" && mount --bind "$1/comm" /proc/1/comm || exit 1
mkdir "$1/run" && mount --bind "$1/run" /run || exit 1
touch "$1/ready" && exec sleep 900
"""
PYTHON = '#!/bin/sh\nexec nsenter --target {pid} --mount --net env "PATH={path}" {python} "$@"\n'
UNREACHABLE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
# Those of IPVS need its module.
NEEDED = {"net.ipv4.ip_forward": 1, "net.ipv4.conf.all.send_redirects": 0, "net.ipv4.conf.default.send_redirects": 0}
VIP, OTHER_VIP = "192.0.2.1/24", "192.0.2.101/24"


class Managed:
    """One host: `variables` are those of the inventory, and how Ansible reaches it."""

    def __init__(self, network: Network, name: str, address: str) -> None:
        self.host = network.host(name, eth0="lan")
        self.host.ip(f"addr add {address} dev eth0")
        self.folder = self.host.folder
        programs = self.folder / "bin"
        programs.mkdir()
        for program, text in (("systemctl", SYSTEMCTL), ("modprobe", MODPROBE)):
            (programs / program).write_text(text)
            (programs / program).chmod(0o755)
        words = ["unshare", "--mount", "sh", "-c", HOST, "sh", str(self.folder)]
        self.holder = self.host.start(*words, log=self.folder / "holder.log")
        eventually((self.folder / "ready").exists, within=10)
        network.running.append(self.end)
        python = self.folder / "python"
        path = f"{programs}:/usr/local/sbin:{os.environ['PATH']}"
        python.write_text(PYTHON.format(pid=self.holder.pid, path=path, python=sys.executable))
        python.chmod(0o755)
        self.variables: dict[str, Any] = {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(python),
            "director_addresses": {"eth0": address},
        }

    def say(self, *words: str, check: bool = True) -> str:
        command = ["nsenter", "--target", str(self.holder.pid), "--mount", "--net", *words]
        return subprocess.run(command, capture_output=True, text=True, check=check, timeout=20).stdout

    def systemctl(self, *words: str) -> str:
        return self.say(str(self.folder / "bin" / "systemctl"), *words)

    def end(self) -> None:
        """The daemon, which is a process of its own."""
        if (self.folder / "bin" / "lvsd.service.active").exists():
            self.systemctl("stop", "lvsd.service")

    def states(self) -> dict[str, str]:
        """State by virtual router; nothing while the daemon does not run."""
        try:
            instances = request(self.folder / "run" / "lvsd" / "vrrp.sock", "show", timeout=5)["instances"]
        except Unreachable:
            return {}
        return {one["name"]: one["state"] for one in instances}

    def holds(self, address: str) -> bool:
        return address in self.host.addresses()


class Cluster:
    """Managed directors and their inventory; `play` runs a playbook of the collection over it."""

    def __init__(self, network: Network, *names: str) -> None:
        self.folder = network.folder
        self.directors = {name: Managed(network, name, f"192.0.2.{11 + n}/24") for n, name in enumerate(names)}
        self.more: dict[str, Any] = {}  # further directors, by name
        self.real_servers: dict[str, Any] = {}
        self.shared: dict[str, Any] = {
            "director_sync_interface": "eth0",
            "director_vrrp_instances": [router("one", 51, VIP)],
        }
        place = self.folder / "collections" / "ansible_collections" / "lvs"
        place.mkdir(parents=True)
        (place / "director").symlink_to(ROOT)
        for number, director in enumerate(self.directors.values()):
            director.variables["director_priority"] = 150 - 10 * number

    def __getitem__(self, name: str) -> Managed:
        return self.directors[name]

    def play(
        self, name: str, *words: str, within: Path | None = None, **extra: Any
    ) -> subprocess.CompletedProcess[str]:
        """`within` is the folder in which Ansible is started, and may have an ansible.cfg."""
        hosts = {name: one.variables for name, one in self.directors.items()} | self.more
        needed = {"director_sysctls_needed": NEEDED}  # a variable of the role, which only -e overrides
        groups = {"directors": {"hosts": hosts}, "real_servers": {"hosts": self.real_servers}}
        inventory = self.folder / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"all": {"vars": self.shared, "children": groups}}))
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return subprocess.run(
            [program, "-i", inventory, f"lvs.director.{name}", *words, "--extra-vars", json.dumps(needed | extra)],
            env={
                **os.environ,
                "ANSIBLE_BECOME_EXE": "/usr/bin/env",
                "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
                "ANSIBLE_HOME": str(self.folder / "home"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PIPELINING": "1",
            },
            cwd=within,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    def done(self, name: str, *words: str, **extra: Any) -> str:
        """What a playbook said that ended well."""
        ended = self.play(name, *words, **extra)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def failed(self, name: str, *words: str, **extra: Any) -> str:
        """What a playbook said that did not, on one line."""
        ended = self.play(name, *words, **extra)
        assert ended.returncode != 0, ended.stdout + ended.stderr
        return " ".join((ended.stdout + ended.stderr).split())

    def settled(self, active: str) -> None:
        """Wait until this one is Active for everything, and all others that run are Backup."""
        others = [one for name, one in self.directors.items() if name != active]
        eventually(lambda: set(self[active].states().values()) == {"Active"}, within=30)
        eventually(lambda: all(set(one.states().values()) <= {"Backup"} for one in others), within=30)


def router(name: str, number: int, *addresses: str, interface: str = "eth0") -> dict[str, Any]:
    """A virtual router of the inventory, unicast, with an interval of a second."""
    return {
        "name": name,
        "interface": interface,
        "virtual_router_id": number,
        "virtual_ipaddress": [{"address": address} for address in addresses],
    }
