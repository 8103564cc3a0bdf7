# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a user, each on machines of its own: Molecule's scenario with the collection as Galaxy would install
it, and the demo with this checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.collection.gates import collection
from tests.demo.provision import COLLECTIONS
from tests.lab import Lab, leftovers

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LONGEST = 30 * 60  # seconds for one scenario


def run(command: list[str], log: Path, capfd: pytest.CaptureFixture[str], collections: Path) -> str:
    """Run `command` with its output on the screen and in `log`; AssertionError unless it exits 0.

    Ansible looks for collections in `collections` and nowhere else.
    """
    path = f"{BIN}:{os.environ['PATH']}"
    environment = os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "PATH": path,
        "NO_COLOR": "1",
        "COLUMNS": "180",
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with capfd.disabled(), log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                output.write(line)
                print(line, end="", flush=True)
            code = process.wait(LONGEST)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    assert code == 0, f"{command}: exit {code}, see {log}"
    return COLOUR.sub("", log.read_text())


@pytest.fixture
def installed() -> Path:
    """Where the collection is as a user has it: built, and installed from the tarball into an empty path."""
    place = ROOT / ".cache" / "system"
    root = collection.install(collection.build(place / "build"), place / "collections")
    assert not root.is_symlink()
    assert collection.contents(next((place / "build").glob("*.tar.gz"))) == collection.shipped()
    return place / "collections"


@pytest.fixture
def clean_lab():
    Lab(quiet=True).down()
    yield
    Lab(quiet=True).down()
    assert leftovers() == []


def test_molecule_default_scenario(clean_lab: None, installed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = [str(BIN / "molecule"), "test", "--scenario-name", "default"]
    said = run(command, ROOT / ".cache/molecule.log", capfd, installed)
    assert "Missing playbook" not in said  # Molecule skips a missing step and stays green
    first_check = re.search(r"\bcheck\W+Executing(.*?)\bcheck\W+Executed", said, re.DOTALL)
    assert first_check is not None
    assert "+virtual_server 192.168.122.140 80 {" in first_check[1]  # the diff of a pair that has nothing yet
    assert "auth_pass password" not in said


def test_demo(clean_lab: None, capfd: pytest.CaptureFixture[str]) -> None:
    picture = ROOT / ".cache" / "demo" / "failover.svg"
    picture.unlink(missing_ok=True)
    said = run([sys.executable, "-m", "tests.demo"], ROOT / ".cache/demo/demo.log", capfd, COLLECTIONS)
    assert "nothing is left running" in said
    assert leftovers() == []
    ElementTree.parse(picture)
