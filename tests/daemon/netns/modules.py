# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of the collection, each run by a Python of its own, as on a host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def run_module(folder: Path, name: str, /, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """What the module answers; `folder` holds what it needs meanwhile."""
    lvs = folder / "collections" / "ansible_collections" / "lvs"
    lvs.mkdir(parents=True, exist_ok=True)
    if not (lvs / "director").exists():
        (lvs / "director").symlink_to(ROOT)
    internal = {"_ansible_check_mode": check, "_ansible_remote_tmp": str(folder / "remote")}
    done = subprocess.run(
        [sys.executable, "-m", f"ansible_collections.lvs.director.plugins.modules.{name}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {**options, **internal}}),
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, "PYTHONPATH": str(folder / "collections")},
    )
    assert done.stdout.strip(), done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result
