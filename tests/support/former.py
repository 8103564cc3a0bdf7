# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as it was at a commit before, which an upgrade begins with: also where no history is at hand.

The archive is made of `git archive 5ce2b7a galaxy.yml meta playbooks/site.yml plugins roles runtime/lvsd`, without the
pages and the argument specifications of the roles, which nothing that runs needs.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).parents[1] / "fixtures" / "former" / "collection.tar.xz"
PLACE = Path("ansible_collections", "lvs", "director")


def unpacked(folder: Path) -> Path:
    """Unpack the former collection below `folder`, which is to be used as ANSIBLE_COLLECTIONS_PATH."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python before 3.11.4 has none
        archive.extractall(folder / PLACE)
    return folder


def package(folder: Path) -> Path:
    """The package of the former daemon, unpacked below `folder`."""
    return unpacked(folder) / PLACE / "runtime" / "lvsd"
