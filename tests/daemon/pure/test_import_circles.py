# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No module of the daemon needs itself to be imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.imports import names

PACKAGE = Path(__file__).parents[3] / "runtime" / "lvsd"


def modules(root: Path) -> dict[str, Path]:
    """Dotted name below the package -> file; a package has the name of its folder."""
    return {".".join(parts(path, root)): path for path in root.rglob("*.py")}


def parts(path: Path, root: Path) -> tuple[str, ...]:
    found = path.relative_to(root).with_suffix("").parts
    return found[:-1] if found[-1] == "__init__" else found


def imported(path: Path, root: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of the package that `path` needs while it is imported: not those in functions and for types."""
    for node in ast.parse(path.read_text()).body:
        for whole in names(node, path, root):
            package, _dot, inside = whole.partition(".")
            if package == root.name:
                yield inside if inside in known else inside.rpartition(".")[0]


def circle(root: Path) -> list[str]:
    """Modules that import each other in a circle, the first one again at the end; [] where there is none."""
    known = modules(root)
    graph = {name: {one for one in imported(path, root, known) if one != name} for name, path in known.items()}
    try:
        TopologicalSorter({name: needs - {""} for name, needs in graph.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_there_is_no_circle() -> None:
    assert circle(PACKAGE) == []


@pytest.mark.parametrize(
    "second", ["from .a import x", "from lvsd.a import x", "from lvsd import a", "from . import a"]
)
def test_a_circle_is_found(tmp_path: Path, second: str) -> None:
    root = tmp_path / "lvsd"
    root.mkdir()
    for name, text in (("__init__", ""), ("a", "from .b import y"), ("b", second)):
        (root / f"{name}.py").write_text(f"{text}\n")
    assert set(circle(root)) == {"a", "b"}
