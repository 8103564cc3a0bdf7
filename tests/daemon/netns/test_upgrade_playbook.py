# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `upgrade` over a director that is Active, on a host that is a network and a mount namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from directors import ONE
from lvsd.control.server import Unreachable, request
from network import Network, eventually

pytestmark = pytest.mark.beside

ROOT = Path(__file__).parents[3]
HOST = """
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /opt && mount -t tmpfs tmpfs /usr/local/sbin || exit 1
mkdir /run/etc && mount -t tmpfs tmpfs /run/etc && mkdir /run/etc/upper /run/etc/work || exit 1
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc || exit 1
groupadd --system lvsd && groupadd --system lvsd_worker || exit 1
useradd --system --gid lvsd_worker --groups lvsd --comment "Runs the workers of the LVS director" \
  --home-dir /nonexistent --shell /usr/sbin/nologin lvsd || exit 1
mount -t tmpfs tmpfs /etc/systemd/system && mkdir /run/lvsd && mount --bind "$1" /run/lvsd || exit 1
touch "$2" && exec sleep 600
"""


class Managed:
    """A host that Ansible reaches, and collections of the versions that it is to get."""

    def __init__(self, network: Network) -> None:
        self.host = network.host("a", eth0="lan")
        self.host.ip("addr add 192.0.2.11/24 dev eth0")
        self.folder = self.host.folder
        self.run = self.folder / "run"
        self.run.mkdir()
        (self.folder / "lvsd.conf").write_text(ONE)
        ready = self.folder / "ready"
        words = ["unshare", "--mount", "sh", "-c", HOST, "sh", str(self.run), str(ready)]
        self.holder = self.host.start(*words, log=self.folder / "holder.log")
        eventually(ready.exists, within=10)

    def collection(self, version: str, **replaced: tuple[str, str]) -> Path:
        """The collection with a daemon of that version, and with texts of its modules `replaced`."""
        home = self.folder / version
        place = home / "ansible_collections" / "lvs" / "director"
        place.mkdir(parents=True)
        for name in ("plugins", "playbooks", "roles", "meta", "galaxy.yml"):
            (place / name).symlink_to(ROOT / name)
        package = place / "runtime" / "lvsd"
        shutil.copytree(ROOT / "runtime" / "lvsd", package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
        for module, (before, after) in replaced.items():
            path = package / f"{module.replace('__', '/')}.py"
            assert before in path.read_text()
            path.write_text(path.read_text().replace(before, after))
        return home

    def inside(self, *words: str) -> list[str]:
        return ["nsenter", "--target", str(self.holder.pid), "--mount", "--net", *words]

    def ansible(self, collection: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        inventory = self.folder / "inventory"
        inventory.write_text(f"[directors]\na ansible_connection=local ansible_python_interpreter={sys.executable}\n")
        where = {"ANSIBLE_COLLECTIONS_PATH": str(collection), "ANSIBLE_HOME": str(self.folder / "home")}
        path = str(Path(sys.executable).parent / program)
        return subprocess.run(
            self.inside(path, "-i", str(inventory), *words),
            env={**os.environ, **where, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_BECOME_EXE": "/usr/bin/env"},
            capture_output=True,
            text=True,
            timeout=110,
        )

    def start(self) -> None:
        words = ["/usr/local/sbin/lvsd", "-n", "-f", str(self.folder / "lvsd.conf")]
        state = ["--state-dir", str(self.folder / "state")]
        log = (self.folder / "log").open("ab")
        self.daemon = subprocess.Popen(self.inside(*words, *state), stdout=log, stderr=log)
        self.host.network.running.append(self.end)
        eventually(self.active, within=15)

    def end(self) -> None:
        self.daemon.terminate()
        self.daemon.wait(20)

    def show(self, name: str) -> dict[str, Any]:
        return request(self.run / f"{name}.sock", "show", timeout=5)

    def active(self) -> bool:
        try:
            return bool(self.show("vrrp")["instances"][0]["state"] == "Active")
        except Unreachable:
            return False

    def releases(self) -> set[str]:
        parent = self.show("lvsd")
        return {parent["release"], *(worker["release"] for worker in parent["workers"])}


def test_upgrade_check_do_and_go_back(network: Network) -> None:
    host = Managed(network)
    done = host.ansible(host.collection("1.0.0"), "ansible", "a", "-m", "lvs.director.director_runtime")
    assert "CHANGED" in done.stdout, done.stdout + done.stderr
    host.start()
    since = host.show("vrrp")["instances"][0]["since"]

    two = host.collection("2.0.0")
    done = host.ansible(two, "ansible-playbook", "lvs.director.upgrade", "--check")
    assert "changed=1 " in done.stdout, done.stdout + done.stderr
    assert host.releases() == {"1.0.0"}
    done = host.ansible(two, "ansible-playbook", "lvs.director.upgrade")
    assert done.returncode == 0, done.stdout + done.stderr
    assert host.releases() == {"2.0.0"}

    # A version that runs, but is not healthy: it says that it is Backup.
    ill = host.collection("3.0.0", vrrp__show=('"state":', '"state": "Backup", "real_state":'))
    done = host.ansible(ill, "ansible-playbook", "lvs.director.upgrade", "-e", "director_upgrade_patience=2")
    assert done.returncode != 0
    assert "was not upgraded" in done.stdout, done.stdout + done.stderr
    assert "it is back at version" in done.stdout
    assert host.releases() == {"2.0.0"}
    assert host.show("vrrp")["instances"][0]["since"] == since
