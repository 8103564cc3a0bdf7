# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `failover` on two directors of which each is active for one of two virtual routers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from directors import VIP, Director
from lvsd.control.server import request
from network import Network, eventually
from routers import RUNTIME, instance

pytestmark = pytest.mark.beside

ROOT = Path(__file__).parents[3]
LVSCTL = [sys.executable, "-m", "lvsd.ctl", "--runtime-dir", "{{ runtime_dir }}"]


def director(network: Network, name: str, address: str, first: int, second: int) -> Director:
    """Priorities for `first` and `second`."""
    text = instance("first", 51, first, virtual_ipaddress=VIP)
    return Director(network, name, address, text + instance("second", 52, second, virtual_ipaddress="192.0.2.2/24"))


def active(found: Director) -> set[str]:
    instances = request(found.run / "vrrp.sock", "show", timeout=5)["instances"]
    return {one["name"] for one in instances if one["state"] == "Active"}


def failover(
    folder: Path, directors: dict[str, Director], *words: str, group: str = "directors", **more: Any
) -> subprocess.CompletedProcess[str]:
    """The playbook as it stands, but for the places of sockets and of lvsctl, and without another user.

    `more`: the variables of further hosts of the group, by their names.
    """
    plays: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks" / "failover.yml").read_text())
    for play in plays:
        play["become"] = False
        play["module_defaults"] = {"lvs.director.director_info": {"runtime_dir": "{{ runtime_dir }}"}}
        for task in play["tasks"]:
            if "ansible.builtin.command" in task:
                task["ansible.builtin.command"]["argv"][:1] = LVSCTL
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {name: {**local, "runtime_dir": str(found.run)} for name, found in directors.items()}
    (folder / "failover.yml").write_text(yaml.safe_dump(plays))
    (folder / "inventory.yml").write_text(yaml.safe_dump({group: {"hosts": {**hosts, **more}}}))
    collection = folder / "collections" / "ansible_collections" / "lvs"
    collection.mkdir(parents=True, exist_ok=True)
    (collection / "director").exists() or (collection / "director").symlink_to(ROOT)
    where = {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), "ANSIBLE_HOME": str(folder / "home")}
    program = str(Path(sys.executable).parent / "ansible-playbook")
    return subprocess.run(
        [program, "-i", str(folder / "inventory.yml"), str(folder / "failover.yml"), *words],
        env={**os.environ, **where, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", "PYTHONPATH": str(RUNTIME)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_both_active_each_hands_over_what_it_had(network: Network) -> None:
    a = director(network, "a", "192.0.2.11/24", 150, 100)
    b = director(network, "b", "192.0.2.12/24", 100, 150)
    both = {"a": a, "b": b}
    eventually(lambda: (active(a), active(b)) == ({"first"}, {"second"}), within=20)

    done = failover(network.folder, both, "--limit", "a")
    assert done.returncode != 0
    assert "--limit leaves out b, and a hand-over needs all directors" in " ".join(done.stdout.split()), done.stdout
    done = failover(network.folder, both, "-e", "from=c")
    assert "from: c is no director; there are a, b" in done.stdout, done.stdout
    done = failover(network.folder, both, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (active(a), active(b)) == ({"first"}, {"second"})

    done = failover(network.folder, both)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (active(a), active(b)) == ({"second"}, {"first"})
    done = failover(network.folder, both, "-e", "director_failover=first")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (active(a), active(b)) == ({"first", "second"}, set())


SSH_NOWHERE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1, "runtime_dir": "/nowhere"}


def test_one_director_is_evacuated_while_another_one_is_down(network: Network) -> None:
    """Three of another group, of which one cannot be reached; `from` takes all from one, the other keeps its own."""
    a = director(network, "a", "192.0.2.11/24", 150, 100)
    b = director(network, "b", "192.0.2.12/24", 100, 150)
    both = {"a": a, "b": b}
    cluster: dict[str, Any] = {"group": "edge", "c": SSH_NOWHERE}
    named = ("-e", "director_group=edge", "-e", "from=a")
    eventually(lambda: (active(a), active(b)) == ({"first"}, {"second"}), within=20)

    done = failover(network.folder, both, *named[:3], "from=c", **cluster)
    assert done.returncode != 0
    assert "c cannot be reached, or lvsd does not run there" in " ".join(done.stdout.split()), done.stdout
    done = failover(network.folder, both, *named, **cluster)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (active(a), active(b)) == (set(), {"first", "second"})
    done = failover(network.folder, both, *named, **cluster)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=1" not in done.stdout
    assert (active(a), active(b)) == (set(), {"first", "second"})
