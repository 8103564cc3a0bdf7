# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mypy is asked, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
HERE = "tests/mypy"


class Question(NamedTuple):
    """One run: mypy's configuration, the files or folders it is asked about, and the folders imports start from."""

    configuration: str
    files: tuple[str, ...] = ()
    imports_from: tuple[str, ...] = ()


QUESTIONS = {
    "lvsd": Question("runtime/pyproject.toml", ("runtime/lvsd",)),
    "plugins": Question(f"{HERE}/plugins.ini"),
}
