# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every package that an environment of ours holds is pinned with the sums of its distributions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "requirements"
PINNED = sorted(path for path in FOLDER.glob("*.txt") if path.name != "packages.txt")
ENTRY = re.compile(r"([\w.-]+)==([\w.+!-]+)(?: \\\n    --hash=sha256:[0-9a-f]{64})+")


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
def test_each_requirement_is_pinned_with_hashes(path: Path) -> None:
    text = "\n".join(row for row in path.read_text().splitlines() if not row.startswith("#"))
    left = ENTRY.sub("", text).split()
    assert (left, len(ENTRY.findall(text)) > 5) == ([], True)


def test_the_closure_holds_what_is_asked_for() -> None:
    asked = re.findall(r"^([\w.-]+==[\w.]+)", (FOLDER / "dev.in").read_text(), re.MULTILINE)
    held = re.findall(r"^([\w.-]+==[\w.]+)", (FOLDER / "dev.txt").read_text(), re.MULTILINE)
    assert asked
    assert set(asked) <= set(held)


def used(name: str, users: list[str]) -> bool:
    """Whether a test imports the package, or the Makefile or a test starts its program."""
    module = {"ansible-core": "ansible"}.get(name, name.replace("-", "_"))
    mention = rf"^ *(?:import|from) {re.escape(module)}\b|[\"'/]{re.escape(name)}[\"' ]"
    return any(re.search(mention, text, re.MULTILINE) for text in users)


def test_nothing_is_asked_for_that_no_test_uses() -> None:
    asked = re.findall(r"^([\w.-]+)==", (FOLDER / "dev.in").read_text(), re.MULTILINE)
    sources = [ROOT / "Makefile", *(path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))]
    users = [path.read_text() for path in sources]
    assert {"netaddr", "pyroute2"} <= set(asked)
    assert [name for name in asked if not used(name, users)] == []


@pytest.mark.parametrize(
    ("name", "text", "verdict"),
    [
        ("netaddr", "import netaddr\n", True),
        ("netaddr", "# netaddr is an oracle\n", False),
        ("ansible-core", "from ansible.errors import AnsibleError\n", True),
        ("ansible-lint", 'run("ansible-lint", "--offline")', True),
        ("ruff", "\t$(BIN)/ruff check .\n", True),
        ("mypy", "lvsd and mypy\n", False),
    ],
)
def test_what_counts_as_used(name: str, text: str, verdict: bool) -> None:
    assert used(name, [text]) is verdict


def test_pip_takes_nothing_else() -> None:
    """Wherever an environment is made of one of these files."""
    made = [path for path in (ROOT / "Makefile", *(ROOT / "tests").rglob("*.py")) if path.name != Path(__file__).name]
    installs = [
        row
        for path in made
        for row in path.read_text().splitlines()
        if re.search(r'\*pip, .*"-r"|pip install .* -r ', row)
    ]
    assert len(installs) == 2
    assert all("--require-hashes" in row for row in installs)
