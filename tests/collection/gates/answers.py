# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a gate says that it does not open: what it raises instead of coming to its end."""

from __future__ import annotations


class Refused(Exception):
    """A gate does not open; the message says why."""


class NotRun(Exception):
    """This machine lacks what the gate needs; the message says what."""
