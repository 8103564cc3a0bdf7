# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's configuration language: text to model and back.

text -> preprocess.py (files, parameters) -> parser.py (braces) -> reader.py (by the tables in grammar/) -> validate/
"""

from .findings import Finding, Loaded, Script, Severity, Summary, exit_code, summary
from .load import foresee, load, parse
from .render import render
from .split import commands, needs_starter, parts

__all__ = [
    "Finding",
    "Loaded",
    "Script",
    "Severity",
    "Summary",
    "commands",
    "exit_code",
    "foresee",
    "load",
    "needs_starter",
    "parse",
    "parts",
    "render",
    "summary",
]
