# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes of CONTRIBUTING.md are true: each file that one names is there, and each name in its file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
RECIPE = re.compile(r"^\*\*(An? \w+)\*\*(.*?)(?=^\*\*|^#)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"[A-Za-z_]\w*")
RECIPES: dict[str, str] = dict(RECIPE.findall(PAGE.partition("## Recipes\n")[2].partition("\n## ")[0] + "\n#"))


def wrong(recipe: str) -> list[str]:
    """What a recipe names and the repository lacks: files (`*` stands for a name to choose), and names in files.

    A name belongs to the file that was named last; `None` and a command (with a blank) belong to nothing.
    """
    found: list[str] = []
    files: list[Path] = []
    for code in CODE.findall(recipe):
        if "/" in code and " " not in code:
            files = sorted(ROOT.glob(code.rstrip("/")))
            if not files:
                found.append(f"no file {code}")
        elif is_name(code) and not any(holds(path, code.removesuffix("()")) for path in files):
            found.append(f"no {code} in {', '.join(str(path.relative_to(ROOT)) for path in files)}")
    return found


def is_name(code: str) -> bool:
    """Whether a word in backquotes is to be looked for in a file; a function may have its `()`."""
    return bool(NAME.fullmatch(code.removesuffix("()"))) and code not in ("None", "lvsd", "director")


def holds(path: Path, name: str) -> bool:
    """Whether a file, or one in a folder, defines or uses a name."""
    sources = path.rglob("*.py") if path.is_dir() else [path]
    return any(re.search(rf"\b{name}\b", source.read_text()) for source in sources)


def test_there_are_recipes() -> None:
    assert {"A keyword", "A check", "A worker", "A module", "A tracker"} <= set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_recipe_names_is_there(name: str) -> None:
    assert len(CODE.findall(RECIPES[name])) > 3
    assert wrong(RECIPES[name]) == []


@pytest.mark.parametrize(
    ("recipe", "found"),
    [
        ("a row of `WORKERS` in `runtime/lvsd/model/vrrp.py`", ["no WORKERS in "]),
        ("`runtime/lvsd/model/vrrp.py`: a field of `VirtualRouter`; `None`; `make runtime`", []),
        ("`runtime/lvsd/model/vrrp.py`: `Herald`", ["no Herald in runtime/lvsd/model/vrrp.py"]),
        ("`runtime/lvsd/inlet.py`", ["no file runtime/lvsd/inlet.py"]),
        ("`tests/daemon/netns/test_checks_*.py`, `runtime/lvsd/check/probe/`", []),
    ],
)
def test_what_counts_as_wrong(recipe: str, found: list[str]) -> None:
    assert wrong(recipe) == found
