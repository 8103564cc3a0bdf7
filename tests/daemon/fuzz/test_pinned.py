# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fuzzing has found once: the inputs, and what is right."""

from __future__ import annotations

import time

from lvsd import conf
from lvsd.conf.glob import braces


def test_a_finding_quotes_nothing_that_a_terminal_obeys() -> None:
    found = conf.parse("\x1b[2Jword\x85\x0b\u2028 1\n")
    assert all(str(finding).isprintable() for finding in found.findings)
    assert [str(finding) for finding in found.errors] == [r"conf:1: unknown keyword '\x1b[2Jword\x85'"]


def test_braces_nested_without_end_cost_no_time() -> None:
    """It grew with the square of the length: a line of a megabyte took hours."""
    pattern = "{" * 400_000 + "a" + "}" * 400_000
    began = time.process_time()
    assert braces(pattern) == [pattern]
    assert time.process_time() - began < 1
