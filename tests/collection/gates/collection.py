# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as others get it: copied where ansible-test wants it, built, installed."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.collection.gates.environment import DEVELOPER, ROOT, environment, home

NAME = "lvs.director"
# what Galaxy gets; the rest of the repository is there to build and to test it
SHIPPED = (
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "COPYING",
    "LICENSES/",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs/",
    "docs/",
    "examples/",
    "meta/",
    "playbooks/",
    "plugins/",
    "roles/",
    "runtime/lvsd/",
    "tests/config.yml",
)
MADE_BY_THE_BUILD = {"MANIFEST.json", "FILES.json"}


def files() -> list[str]:
    """What git knows or would not ignore, of what is there."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def shipped() -> list[str]:
    """The files that the tarball has to hold."""
    return [name for name in files() if name.startswith(SHIPPED)]


def tree(below: Path, names: list[str]) -> Path:
    """A copy of these files below `below`, at the path that ansible-test demands.

    It is a repository of its own: ansible-test asks git which files there are, and ours ignores this place.
    """
    root = below / "ansible_collections" / "lvs" / "director"
    shutil.rmtree(root, ignore_errors=True)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def build(below: Path) -> Path:
    """`ansible-galaxy collection build` of this checkout; the tarball."""
    shutil.rmtree(below, ignore_errors=True)
    below.mkdir(parents=True)
    _galaxy("build", "--output-path", str(below), str(ROOT))
    (tarball,) = below.glob("*.tar.gz")
    return tarball


def install(tarball: Path, below: Path) -> Path:
    """`ansible-galaxy collection install` into a path that is emptied before; the collection's root there."""
    shutil.rmtree(below, ignore_errors=True)
    below.mkdir(parents=True)
    _galaxy("install", "--offline", "--collections-path", str(below), str(tarball))
    return below / "ansible_collections" / "lvs" / "director"


def contents(tarball: Path) -> list[str]:
    """The files in the tarball, without those that the build itself makes."""
    with tarfile.open(tarball) as archive:
        return sorted(member.name for member in archive if member.isfile() and member.name not in MADE_BY_THE_BUILD)


def _galaxy(*arguments: str) -> None:
    command: list[str | Path] = [DEVELOPER / "ansible-galaxy", "collection", *arguments]
    subprocess.run(command, env=environment(home("galaxy"), DEVELOPER), check=True, timeout=120)
