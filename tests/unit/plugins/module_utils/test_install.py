# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A version gets its name when all of it is on the disk: what a power loss leaves is whole, or is not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._install import damage, digest_of, lay_down, point

BUNDLE = {"lvsd/__init__.py": b"", "lvsd/conf/__init__.py": b"x = 1\n"}
DIGEST = digest_of(BUNDLE)


class Disk:
    """What was seen onto the disk before each change of a name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.safe: set[int] = set()
        self.renamed: list[tuple[Path, set[int]]] = []
        self.fsync, self.replace = os.fsync, os.replace
        monkeypatch.setattr(os, "fsync", self.on_fsync)
        monkeypatch.setattr(os, "replace", self.on_replace)

    def on_fsync(self, descriptor: int) -> None:
        self.fsync(descriptor)
        self.safe.add(os.fstat(descriptor).st_ino)

    def on_replace(self, source: str, target: str) -> None:
        self.replace(source, target)
        self.renamed.append((Path(target), set(self.safe)))
        self.safe.discard(Path(target).parent.stat().st_ino)


def compiled(folder: str) -> None:
    cache = Path(folder) / "lvsd" / "__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_bytes(b"byte code")


def inodes(folder: Path) -> set[int]:
    return {path.stat().st_ino for path in (folder, *folder.rglob("*"))}


def test_a_version_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: Any) -> None:
    disk = Disk(monkeypatch)
    lay_down(str(tmp_path), DIGEST, BUNDLE, compiled)
    ((target, safe),) = disk.renamed
    assert target == tmp_path / DIGEST
    assert inodes(target) <= safe
    assert tmp_path.stat().st_ino in disk.safe
    point(str(tmp_path), "current", DIGEST)
    assert tmp_path.stat().st_ino in disk.safe


def test_every_user_can_read_a_version_whatever_the_umask_is(tmp_path: Path) -> None:
    """`lvsctl` is for members of the group lvsd, too, who are not root."""
    umask = os.umask(0o077)
    try:
        lay_down(str(tmp_path / "opt" / "lvsd"), DIGEST, BUNDLE, compiled)
    finally:
        os.umask(umask)
    place = tmp_path / "opt" / "lvsd"
    for path in (place, *place.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_a_version_is_mended_in_place_and_a_running_daemon_finds_its_files_meanwhile(
    tmp_path: Path, monkeypatch: Any
) -> None:
    lay_down(str(tmp_path), DIGEST, BUNDLE, compiled)
    version = tmp_path / DIGEST
    folder = version.stat().st_ino
    (version / "lvsd" / "__pycache__" / "x.pyc").write_bytes(b"")
    assert damage(str(tmp_path), DIGEST) == f"{version}/lvsd/__pycache__/x.pyc is not what was put there"
    disk = Disk(monkeypatch)
    lay_down(str(tmp_path), DIGEST, BUNDLE, compiled)
    assert damage(str(tmp_path), DIGEST) is None
    assert (version.stat().st_ino, disk.renamed[-1][0]) == (folder, version / "SHA256SUMS")
    assert all(target.stat().st_ino in safe for target, safe in disk.renamed)
    assert inodes(version) <= disk.safe
    assert [path.name for path in tmp_path.iterdir()] == [DIGEST]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_list_that_is_cut_off_vouches_for_nothing(tmp_path: Path, rows: int) -> None:
    lay_down(str(tmp_path), DIGEST, BUNDLE, compiled)
    sums = tmp_path / DIGEST / "SHA256SUMS"
    listed = sums.read_text().splitlines(keepends=True)
    assert len(listed) == 3
    sums.write_text("".join(listed[:rows]))
    assert damage(str(tmp_path), DIGEST) == f"{tmp_path}/{DIGEST} does not hold the files of this version"
