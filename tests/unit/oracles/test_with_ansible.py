# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as Ansible itself runs them: what an operator sees, and what a play sets for all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml
from ansible_collections.lvs.director.plugins.module_utils._arguments import OF_THE_GROUP
from ansible_collections.lvs.director.tests.unit.conftest import COLLECTIONS
from ansible_collections.lvs.director.tests.unit.plugins.modules.test_arguments import SECRET, SLIPS


def test_ansible_shows_none_of_it_either(tmp_path: Path) -> None:
    """With -vvvv, as an operator sees it."""
    slips = [
        {f"lvs.director.{module}": options, "ignore_errors": True}
        for module, options in SLIPS
        if module != "director_info"
    ][:4]
    play = [{"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": slips}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play))
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": str(tmp_path)}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-vvvv", str(tmp_path / "play.yml")],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env=environment,
    )
    assert done.stdout.count("...ignoring") == 4, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_ansible_gives_the_defaults_to_all(tmp_path: Path) -> None:
    shared = {name: str(tmp_path / name) for name in OF_THE_GROUP if name != "allow_faults"}
    defaults = {"group/lvs.director.director": {**shared, "allow_faults": True}}
    tasks = [
        {"lvs.director.vrrp_instance": {"name": "a", "interface": "lo", "virtual_router_id": 7}},
        {"lvs.director.director_info": {}, "register": "info"},
        {"ansible.builtin.assert": {"that": "info.files | length == 1"}},
        {"lvs.director.director_plan": {}, "register": "plan", "failed_when": "'nsupported' in plan.msg | default('')"},
    ]
    play = [
        {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "module_defaults": defaults,
            "tasks": tasks,
        }
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(play))
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": str(tmp_path)}
    words = [str(Path(sys.executable).parent / "ansible-playbook"), str(tmp_path / "play.yml")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "config_dir" / "conf.d" / "vrrp_instance-a.conf").exists()
