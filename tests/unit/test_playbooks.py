# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks parse, and an inventory that contradicts itself stops them before they connect to anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / "examples" / "pair" / "inventory.yml"


def playbook(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the collection on the example; hosts that it connected to would be unreachable."""
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "lvs" / "director").exists())
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "ANSIBLE_HOST_PATTERN_MISMATCH": "warning",  # a play may name a group that an earlier play makes
        "ANSIBLE_NOCOLOR": "1",
    }
    program = Path(sys.executable).parent / "ansible-playbook"
    return subprocess.run(
        [program, "-i", INVENTORY, f"lvs.director.{name}", *arguments],
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
    assert "director-01: director_addresses.eth9: no IPv4 address" in output
    assert "director-02: director_addresses.eth9: no IPv4 address" in output
    assert "unreachable=0" in output
    assert "unreachable=1" not in output
    assert "Set up the real servers" not in output


def test_passwords_are_not_shown() -> None:
    done = playbook("site", "-vvv", "--tags", "never", "--extra-vars", "director_vrrp_password=hunter2")
    assert "hunter2" not in done.stdout + done.stderr
