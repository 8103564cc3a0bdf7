# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.release.changelog` writes CHANGELOG.md: what the next release would say, from the fragments.

The release itself is made in a copy, so that the fragments stay until `antsibull-changelog release` takes them.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.collection.gates import collection
from tests.collection.gates.environment import DEVELOPER, ROOT, environment, home
from tests.release.tarball import version

PAGE = ROOT / "CHANGELOG.md"


def rendered() -> str:
    """The text of CHANGELOG.md with all fragments in it.  Raises CalledProcessError, after the reason was printed."""
    with tempfile.TemporaryDirectory() as folder:
        root = collection.tree(Path(folder), [*collection.shipped(), "galaxy.yml"])
        step = (
            ("release", "--version", version(ROOT)) if any(root.glob("changelogs/fragments/*.yml")) else ("generate",)
        )
        variables = environment(home("changelog"), DEVELOPER, ANSIBLE_COLLECTIONS_PATH=folder)
        subprocess.run([DEVELOPER / "antsibull-changelog", *step], cwd=root, env=variables, check=True, timeout=120)
        return (root / PAGE.name).read_text()


if __name__ == "__main__":
    PAGE.write_text(rendered())
