# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks parse, and an inventory that contradicts itself or the play stops them before they connect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / "examples" / "pair" / "inventory.yml"


def playbook(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the collection on the example; hosts that it connected to would be unreachable."""
    return run(f"lvs.director.{name}", *arguments)


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "lvs" / "director").exists())
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "ANSIBLE_HOST_PATTERN_MISMATCH": "warning",  # a play may name a group that an earlier play makes
        "ANSIBLE_NOCOLOR": "1",
    }
    program = Path(sys.executable).parent / "ansible-playbook"
    return subprocess.run(
        [program, "-i", INVENTORY, name, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "playbooks").glob("*.yml"))])
def test_it_parses(name: str) -> None:
    done = playbook(name, "--syntax-check")
    assert done.returncode == 0, done.stderr


def test_a_contradiction_stops_everything_on_the_controller() -> None:
    done = playbook("site", "--extra-vars", "director_sync_interface=eth9")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "director-01, director-02: director_addresses.eth9: no IPv4 address" in output
    assert "unreachable=0" in output
    assert "unreachable=1" not in output
    assert "Set up the real servers" not in output


def test_passwords_are_not_shown() -> None:
    done = playbook("site", "-vvv", "--tags", "never", "--extra-vars", "director_vrrp_password=hunter2")
    assert "hunter2" not in done.stdout + done.stderr


# --- what only a play or a role was given, the plan cannot see ---

OWN: dict[str, dict[str, Any]] = {
    "director": {"director_priority": 77},
    "real_server": {"real_server_address": "10.0.0.99"},
}
PLAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "play": lambda role: {"vars": OWN[role], "roles": [f"lvs.director.{role}"]},
    "role": lambda role: {"roles": [{"role": f"lvs.director.{role}", **OWN[role]}]},
    "include": lambda role: {
        "tasks": [{"ansible.builtin.include_role": {"name": f"lvs.director.{role}"}, "vars": OWN[role]}]
    },
}


def ended(folder: Path, play: dict[str, Any], role: str, *arguments: str) -> str:
    """What a play on the hosts of that role says, none of which can be reached."""
    path = folder / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": f"{role}s", "gather_facts": False, **play}]))
    nowhere = {"ansible_host": "127.0.0.1", "ansible_port": 1}
    done = run(os.fspath(path), "--extra-vars", json.dumps(nowhere), *arguments)
    assert done.returncode != 0
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("given", PLAYS)
@pytest.mark.parametrize(("role", "host"), [("director", "director-02"), ("real_server", "real-01")])
def test_variables_that_only_the_play_knows_are_refused(tmp_path: Path, given: str, role: str, host: str) -> None:
    said = ended(tmp_path, PLAYS[given](role), role)
    assert f"{host}: {', '.join(OWN[role])}: given to the play or to the role" in said
    assert "unreachable=1" not in said


@pytest.mark.parametrize("role", OWN)
def test_variables_that_the_inventory_or_the_command_line_knows_are_not(tmp_path: Path, role: str) -> None:
    local = {"director_prune": False, "real_server_manage_route": False}
    more = {"director_globals": {"vrrp_version": 3}, "director_priority": 77}
    play = {"vars": local, "roles": [f"lvs.director.{role}"]}
    said = ended(tmp_path, play, role, "--extra-vars", json.dumps(more))
    assert "given to the play" not in said
    assert "unreachable=1" in said


def test_variables_of_an_imported_playbook_are_refused_too(tmp_path: Path) -> None:
    site = {"ansible.builtin.import_playbook": "lvs.director.site", "vars": {"director_priority": 77}}
    path = tmp_path / "site.yml"
    path.write_text(yaml.safe_dump([site]))
    done = run(os.fspath(path))
    assert done.returncode != 0
    assert "director-01: director_priority: given to the play" in " ".join(done.stdout.split())
    assert "unreachable=1" not in done.stdout


# --- what real servers no longer need ---


@pytest.mark.parametrize(("seen", "taken"), [("directors", True), ("director-01", False)])
def test_nothing_is_taken_back_while_a_director_may_still_use_it(tmp_path: Path, seen: str, taken: bool) -> None:
    """The end of the playbook, with another task in place of the role's; `seen` are the directors of the run."""
    last = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text())[-1]
    (task,) = last["tasks"]
    assert task.pop("ansible.builtin.import_role") == {"name": "lvs.director.real_server", "tasks_from": "former.yml"}
    task["ansible.builtin.debug"] = {"msg": "taken back"}
    look = {"ansible.builtin.set_fact": {"director_before": {"running": True}}}
    plays = [{"hosts": seen, "gather_facts": False, "tasks": [look]}, {**last, "become": False}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays))
    done = run(os.fspath(tmp_path / "play.yml"), "--limit", f"{seen}:real_servers")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("taken back" in done.stdout) is taken
