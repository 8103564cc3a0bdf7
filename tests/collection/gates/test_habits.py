# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forge, a commit hook and an editor are told what the Makefile and the linters are told."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.collection.gates import collection
from tests.collection.gates.environment import DEVELOPER, ROOT

TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def commands() -> list[str]:
    """What the workflow's steps and the hooks run."""
    steps = [step for job in read(".github/workflows/ci.yml")["jobs"].values() for step in job["steps"]]
    hooks = [hook for repo in read(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    return [*(step["run"] for step in steps if "run" in step), *(hook["entry"] for hook in hooks)]


def test_the_forge_and_the_hooks_call_targets_that_are_there() -> None:
    called = {
        word
        for command in commands()
        if command.startswith("make ")
        for word in command.split()[1:]
        if not word.startswith("-")
    }
    assert {"test", "style", "types"} <= called <= TARGETS


def test_the_forge_runs_every_level() -> None:
    assert "make test" in commands()


def test_the_hooks_download_nothing() -> None:
    repos = read(".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    assert {hook["language"] for repo in repos for hook in repo["hooks"]} == {"system"}
    programs = [command.split()[0] for command in commands() if command.startswith(".venv/bin/")]
    assert programs
    assert [name for name in programs if not (DEVELOPER / Path(name).name).exists()] == []


def test_an_editor_is_told_the_lengths_of_the_linters() -> None:
    parser = configparser.ConfigParser()
    parser.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    with (ROOT / "ruff.toml").open("rb") as file:
        assert parser.getint("*.py", "max_line_length") == tomllib.load(file)["line-length"]
    assert parser.getint("*.{yml,yaml}", "max_line_length") == read(".yamllint")["rules"]["line-length"]["max"]
    assert parser.get("Makefile", "indent_style") == "tab"


@pytest.mark.parametrize("ending", ["*.py", "*.yml", "*.md", "*.toml"])
def test_files_end_as_an_editor_would_end_them(ending: str) -> None:
    excepted = ("docs/options.md", "tests/fixtures/", "CHANGELOG.md")  # a program or another project wrote them
    names = [name for name in collection.files() if Path(name).match(ending) and not name.startswith(excepted)]
    assert names
    assert [name for name in names if is_untidy(ROOT / name)] == []


def is_untidy(path: Path) -> bool:
    """Whether it has blanks at the end of a line, another end of line, or no end of line at its end."""
    content = path.read_bytes()
    return bool(content) and (b"\r" in content or not content.endswith(b"\n") or bool(re.search(rb"[ \t]\n", content)))


def test_who_imports_the_daemon_gets_its_types() -> None:
    with (ROOT / "runtime" / "pyproject.toml").open("rb") as file:
        data = tomllib.load(file)["tool"]["setuptools"]["package-data"]
    assert data == {"lvsd": ["py.typed"]}
    assert (ROOT / "runtime" / "lvsd" / "py.typed").exists()
