# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The severities of the log stand in one place."""

from __future__ import annotations

import re
import syslog
from pathlib import Path

import pytest
from lvsd import severity

ROOT = Path(severity.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "severity.py")
NAMED = r"^(?:ERROR|WARNING|NOTICE|INFO|DEBUG)\b.*= *[0-7]\b"
NUMBER = re.compile(rf"[\"']<[0-7]>|{NAMED}|\bpriority: int = [3-7]\b", re.MULTILINE)


@pytest.mark.parametrize("name", ["ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"])
def test_the_numbers_are_those_of_syslog(name: str) -> None:
    numbers = {"ERROR": syslog.LOG_ERR}
    assert getattr(severity, name) == numbers.get(name, getattr(syslog, f"LOG_{name}", None))


def test_no_other_file_writes_one_as_a_number() -> None:
    assert {str(path.relative_to(ROOT)) for path in FILES if NUMBER.search(path.read_text())} == set()


@pytest.mark.parametrize(
    "text",
    ['print(f"<4>{message}")', "ERROR = 3  # syslog(3)", "ERROR, WARNING = 3, 4", "def say(text, priority: int = 6):"],
)
def test_what_counts_as_a_number(text: str) -> None:
    assert NUMBER.search(text)
