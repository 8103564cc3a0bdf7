# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which daemon this is: its version number, and the digest of the files it runs from."""

from __future__ import annotations

import re
from pathlib import Path

from . import __version__

_DIGEST = re.compile(r"[0-9a-f]{16}")  # as `director_runtime` names the folders below its install_dir


def digest(package: Path = Path(__file__).parent) -> str | None:
    """The version's folder that holds `package`, as `8c1f0d7e3b5a4921`; None in a checkout."""
    name = package.resolve().parent.name
    return name if _DIGEST.fullmatch(name) else None


DIGEST = digest()  # found once: later the folder may have been removed


def described() -> dict[str, str | None]:
    """What every `ping` answers: {"release": "0.1.0", "digest": "8c1f0d7e3b5a4921" or None}."""
    return {"release": __version__, "digest": DIGEST}
