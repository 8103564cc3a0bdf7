# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine, as real programs: a version manager's stand-ins answer for versions that are not there.

Looked for on PATH, in the distribution's folders, and where pyenv keeps what it installs (`$PYENV_ROOT/versions`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
# a virtual environment is none: what it is made from is
QUESTION = (
    "import ensurepip, ssl, sys, venv; sys.exit(sys.prefix != sys.base_prefix or '%d.%d' % sys.version_info[:2] != "
)


def folders() -> list[Path]:
    """Where interpreters may be, the distribution's own first."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    path = [Path(folder) for folder in os.get_exec_path() if Path(folder).name != "shims"]
    return [Path("/usr/bin"), Path("/usr/local/bin"), *sorted(pyenv.glob("versions/*/bin"), reverse=True), *path]


def usable(python: Path, version: str) -> bool:
    """Whether `python` is a whole interpreter of that version."""
    if not os.access(python, os.X_OK):
        return False
    try:
        asked = subprocess.run(
            [python, "-I", "-c", f"{QUESTION}{version!r})"], capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def interpreter(version: str) -> Path | None:
    """The first interpreter of that version, None where there is none."""
    candidates = (folder / f"python{version}" for folder in folders())
    return next((python for python in candidates if usable(python, version)), None)


@cache
def interpreters() -> dict[str, Path]:
    """Version to program, for each of `VERSIONS` that is here."""
    found = {version: interpreter(version) for version in VERSIONS}
    return {version: python for version, python in found.items() if python}


def own() -> Path:
    """The interpreter that this process's environment was made from."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
