# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's configuration language: text to model and back.

text -> preprocess.py (files, parameters) -> blocks.py (braces) -> codec.py (by the tables in grammar/) -> check.py
"""

from lvsd.conf.findings import ConfigurationError, Finding, Loaded, Script, Severity, Summary, exit_code, summary
from lvsd.conf.load import foresee, load, parse
from lvsd.conf.manual import explain, not_implemented
from lvsd.conf.parts import commands, parts
from lvsd.conf.render import render

__all__ = [
    "ConfigurationError",
    "Finding",
    "Loaded",
    "Script",
    "Severity",
    "Summary",
    "commands",
    "exit_code",
    "explain",
    "foresee",
    "load",
    "not_implemented",
    "parse",
    "parts",
    "render",
    "summary",
]
