# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox of the units: its figures, and that all works in it that reads /proc."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from directors import ONE, Director
from network import Network, eventually, lines
from test_programs_sandbox import STARTER_UNIT, UNIT, confined

UNITS = [(UNIT, 2.4), (STARTER_UNIT, 3.3)]  # most; what is left of the second is root's, and for the programs


@pytest.mark.parametrize(("unit", "most"), UNITS, ids=["daemon", "starter"])
def test_the_exposure_of_the_unit(unit: Path, most: float) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    (figure,) = re.findall(r"Overall exposure level for lvsd.*\.service: ([0-9.]+)", done.stdout)
    assert float(figure) <= most, done.stdout
    assert done.stderr == ""  # systemd knows each word of it


@pytest.mark.parametrize("unit", [UNIT, STARTER_UNIT], ids=["daemon", "starter"])
def test_the_unit_says_what_is_tried_here(unit: Path) -> None:
    assert "\nProtectProc=invisible\n" in unit.read_text()
    assert "ProcSubset=" not in re.sub(r"^#.*", "", unit.read_text(), flags=re.MULTILINE)


class Confined(Director):
    """A director with the capabilities of the unit and its /proc."""

    def words(self) -> list[str]:
        return [*confined(), *super().words()]


def test_workers_are_adopted_and_replaced_where_others_processes_cannot_be_seen(network: Network) -> None:
    director = Confined(network, "a", "192.0.2.11/24", ONE)
    eventually(director.active, within=8)
    worker = director.pid("vrrp")
    director.crash()
    director.start()
    assert director.pid("vrrp") == worker
    assert director.lvsctl("reload")[0] == 0
    os.kill(director.pid("vrrp") or 0, 9)
    eventually(lambda: director.pid("vrrp") not in (None, worker), within=10)
    eventually(director.active, within=8)


@pytest.mark.parametrize(("user", "sees"), [("nobody", False), ("root", True)])
def test_whose_processes_a_program_sees(network: Network, user: str, sees: bool) -> None:
    """docs/scripts.md says it."""
    note = network.folder / "note"
    note.touch()
    note.chmod(0o666)
    for folder in network.folder.parents[:2]:
        folder.chmod(0o755)  # pytest's are closed to others
    network.folder.chmod(0o755)
    script = Path(network.folder) / "told.sh"
    script.write_text(f"#!/bin/sh\n[ -d /proc/1 ] && [ -d /proc/$PPID ] && echo sees >> {note}\necho done >> {note}\n")
    script.chmod(0o755)
    text = ONE.replace("interface eth0", f'interface eth0\n  notify_master "{script}" {user}', 1)
    director = Confined(network, "a", "192.0.2.11/24", text)
    eventually(lambda: "done" in lines(note), within=10)
    assert ("sees" in lines(note)) == sees, director.log.read_text()
