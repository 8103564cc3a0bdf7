# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three files of a release: tarball, SBOM, SHA256SUMS."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.release import sbom, tarball


def make(root: Path, folder: Path, epoch: int) -> list[Path]:
    """Build them in `folder` from the checkout `root`; the same checkout and `epoch` give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    built = tarball.build(root, folder, epoch)
    listed = built.with_name(built.name.removesuffix(".tar.gz") + ".cdx.json")
    document = sbom.document(
        tarball.version(root), built.read_bytes(), tarball.members(built), sbom.pinned(root), epoch
    )
    listed.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    sums = folder / "SHA256SUMS"
    sums.write_text("".join(f"{digest(path)}  {path.name}\n" for path in (built, listed)))
    return [built, listed, sums]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
