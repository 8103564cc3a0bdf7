# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source file holds one thing: none of the daemon and the plugins is longer than 320 lines, but what is generated.

Ansible wants the documentation of a plugin in the file of the plugin (`DOCUMENTATION`, `EXAMPLES`, `RETURN`); these
texts do not count.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.collection.gates.environment import ROOT

LONGEST = 320
GENERATED = {"plugins/module_utils/_schema.py"}
TEXTS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
SOURCES = sorted(path for folder in ("runtime", "plugins") for path in (ROOT / folder).rglob("*.py"))


def lines(source: str) -> int:
    """The lines of a source file, without the texts that Ansible shows."""
    texts = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and name_of(node) in TEXTS
    ]
    return len(source.splitlines()) - sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in texts)


def name_of(node: ast.Assign) -> str:
    """The name that is assigned to, "" where there is more than one or none."""
    return node.targets[0].id if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) else ""


def too_long(root: Path, paths: list[Path]) -> list[str]:
    """The files over the limit, with their lengths."""
    counted = {str(path.relative_to(root)): lines(path.read_text()) for path in paths}
    return [f"{name}: {count}" for name, count in counted.items() if count > LONGEST and name not in GENERATED]


def test_no_file_is_too_long() -> None:
    assert len(SOURCES) > 200
    assert too_long(ROOT, SOURCES) == []


def test_what_is_excepted_says_that_it_is_generated() -> None:
    for name in GENERATED:
        assert "do not edit" in (ROOT / name).read_text()[:2000]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a = 1\n" * 320, []),
        ("a = 1\n" * 321, ["a.py: 321"]),
        ('RETURN = r"""\n' + "x:\n" * 400 + '"""\n' + "a = 1\n" * 320, []),
        ('class A:\n    DOCUMENTATION = """\n' + "x:\n" * 400 + '"""\n', []),
        ('TEXT = r"""\n' + "x\n" * 400 + '"""\n', ["a.py: 402"]),
    ],
)
def test_what_counts(source: str, found: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(source)
    assert too_long(tmp_path, [path]) == found
