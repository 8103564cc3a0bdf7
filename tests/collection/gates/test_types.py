# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mypy is asked about everything, and answers where there is a fault."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collection.gates import collection
from tests.mypy.questions import HERE, QUESTIONS, ROOT

OURS = sorted((ROOT / HERE).glob("*.ini"))
# other projects' packages whose types mypy does not learn; may only shrink
UNTYPED = {"jinja2.*", "netaddr.*", "pyroute2.*", "yaml.*"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_no_fault_is_allowed_by_name(path: Path) -> None:
    """Packages of other projects may be unknown; nothing of ours is excepted."""
    read = configparser.ConfigParser(comment_prefixes=(";",))
    read.read(path)
    unknown = {each for section in read.sections() if section.startswith("mypy-") for each in section[5:].split(",")}
    assert unknown
    assert [section for section in read.sections() if "ignore_errors" in read[section]] == []
    assert unknown <= UNTYPED | {"ansible.*"}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_fault_is_found_in_a_function_of_each_part(name: str, tmp_path: Path) -> None:
    question = QUESTIONS[name]
    faulty = tmp_path / "faulty.py"
    faulty.write_text("def length():\n    found: str = len('abc')\n    return found\n")
    options = ("--config-file", question.configuration, "--cache-dir", str(tmp_path / "cache"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(faulty)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert 'faulty.py:2: error: Incompatible types in assignment (expression has type "int"' in done.stdout


def test_every_file_is_in_one_question() -> None:
    asked = [name for question in QUESTIONS.values() for name in question.files] + ["plugins"]
    places = [tuple(name.split("/")) for name in asked]
    for name in collection.files():
        path = tuple(name.split("/"))
        if name.endswith(".py") and not name.startswith("docs/"):
            assert sum(path[: len(place)] == place for place in places) == 1, name
