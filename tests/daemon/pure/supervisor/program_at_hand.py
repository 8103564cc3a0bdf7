# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that a daemon may become: a line of shell."""

from __future__ import annotations

from pathlib import Path

from lvsd.supervisor.reexec import Program

OPTIONS = ("-n", "-f", "lvsd.conf")


def script(path: Path, text: str) -> Program:
    """Write the program, which is started with `OPTIONS` in the folder where it is."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Program((str(path),), OPTIONS, str(path.parent))
