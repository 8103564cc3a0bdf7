# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks that look at directors on this machine, with a daemon on real sockets: two clusters, versions, orders."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
Ended = subprocess.CompletedProcess[str]
Play = Callable[..., Ended]
CLUSTERS = {"edge_directors": ("edge-01", "edge-02"), "core_directors": ("core-01",)}


@pytest.fixture
def play(tmp_path: Path, host: dict[str, str]) -> Play:
    """A playbook with the test's sockets and versions in place of the hosts', and without another user."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    place = {"runtime_dir": host["runtime_dir"], "install_dir": f"{tmp_path}/{{{{ inventory_hostname }}}}"}
    groups: dict[str, Any] = {name: {"hosts": {one: {} for one in hosts}} for name, hosts in CLUSTERS.items()}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"vars": local, "children": groups}}))
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "lvs" / "director").exists())
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_PIPELINING": "1"}
    environment["ANSIBLE_HOST_PATTERN_MISMATCH"] = "warning"  # a play may name a group that an earlier play makes

    def go(name: str, *arguments: str) -> Ended:
        plays = yaml.safe_load((ROOT / "playbooks" / f"{name}.yml").read_text())
        for one in plays:
            one |= {"become": False, "module_defaults": {"lvs.director.director_info": place}}
        playbook = tmp_path / f"{name}.yml"
        playbook.write_text(yaml.safe_dump(plays))
        program = Path(sys.executable).parent / "ansible-playbook"
        words: list[str | Path] = [program, "-i", tmp_path / "inventory.yml", playbook, *arguments]
        return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, env=environment)

    return go


def version(folder: Path, host: str, current: str, previous: str) -> None:
    """What is installed on a host."""
    (folder / host).mkdir(exist_ok=True)
    for name, digest in (("current", current), ("previous", previous)):
        (folder / host / digest).mkdir(exist_ok=True)
        (folder / host / name).unlink(missing_ok=True)
        (folder / host / name).symlink_to(digest)


def test_each_playbook_keeps_to_the_cluster_that_is_named(play: Play, daemon: Any) -> None:
    done = play("status", "-e", "director_group=edge_directors")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok: [edge-01]" in done.stdout
    assert "core-01" not in done.stdout


@pytest.mark.parametrize("name", ["site", "status", "drain", "failover", "upgrade", "decommission"])
def test_every_playbook_takes_the_groups_as_variables(play: Play, name: str) -> None:
    words = ["-e", "director_group=core_directors", "-e", "real_server_group=none", "-e", "host=core-01"]
    listed = play(name, "--list-hosts", *words)
    assert "core-01" in listed.stdout, listed.stdout + listed.stderr
    assert "edge-0" not in listed.stdout


def test_a_host_that_is_to_leave_is_one_of_the_cluster(play: Play) -> None:
    done = play("decommission", "-e", "director_group=edge_directors", "-e", "host=core-01")
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert "host: core-01: say which host is to leave, with -e host=NAME. Directors are edge-01, edge-02;" in said, said
    assert "Ask the daemon" not in said


def test_status_shows_orders(play: Play, daemon: Any) -> None:
    server = {"key": "10.0.0.11:80", "up": True, "admin": "drained", "effective_weight": 0}
    other = {"key": "10.0.0.12:80", "up": True, "admin": "enabled", "effective_weight": 7, "weight": 2}
    other["weight_override"] = 7
    daemon.services = [
        {"key": "192.0.2.10:80/TCP", "scheduler": "wrr", "forwarding": "NAT", "servers": [server, other]}
    ]
    done = play("status", "-e", "director_group=core_directors")
    assert "10.0.0.11:80: up, weight 0, 0 connections, drained" in done.stdout
    assert "10.0.0.12:80: up, weight 7 by order, 2 otherwise, 0 connections" in done.stdout


def test_a_way_back_that_ended_early_asks_which_version_is_to_be_left(play: Play, daemon: Any, tmp_path: Path) -> None:
    """edge-01 has gone back to `aa…`, edge-02 has not; without a word each would be exchanged."""
    old, new = "a" * 16, "b" * 16
    version(tmp_path, "edge-01", old, new)
    version(tmp_path, "edge-02", new, old)
    words = ["-e", "director_group=edge_directors", "-e", "director_upgrade_state=rolled_back"]
    done = play("upgrade", *words)
    said = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert f"different versions (edge-01: {old}, edge-02: {new})" in said, done.stdout
    assert "Bring the new version" not in said
    done = play("upgrade", *words, "-e", f"director_upgrade_leave={'c' * 16}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Bring the new version" not in done.stdout
