# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's tarball, the same bytes whenever and wherever it is built from one commit.

`ansible-galaxy collection build` decides what is in it.  It takes the order of files from the disk, and times from the
clock; so its tarball is packed again: sorted, with one time, one owner, and modes 0644 and 0755.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import yaml

from tests.collection.gates.environment import DEVELOPER

LEVEL = 9  # of gzip; another zlib may still pack in another way, so compare the sums of what is inside then


class NotClean(Exception):
    """The checkout holds what no commit has."""


def refuse_changes(root: Path) -> None:
    """Raises `NotClean`."""
    changed = git(root, "status", "--porcelain").splitlines()
    if changed:
        raise NotClean("commit or remove these first, a release is made from a commit:\n" + "\n".join(changed[:10]))


def epoch(root: Path) -> int:
    """SOURCE_DATE_EPOCH, or the time of the last commit, in seconds since 1970."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git(root, "log", "-1", "--format=%ct"))


def git(root: Path, *words: str) -> str:
    command = ["git", "-c", f"safe.directory={root}", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def version(root: Path) -> str:
    return str(yaml.safe_load((root / "galaxy.yml").read_text())["version"])


def build(root: Path, folder: Path, epoch: int) -> Path:
    """Build the tarball of the collection in `root` into `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        command: list[str | Path] = [
            DEVELOPER / "ansible-galaxy",
            "collection",
            "build",
            "--output-path",
            scratch,
            root,
        ]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ANSIBLE_HOME": f"{scratch}/home"})
        (made,) = Path(scratch).glob("*.tar.gz")
        entries = read(made)
    path = folder / made.name
    path.write_bytes(packed(settled(entries), epoch))
    return path


def read(path: Path) -> dict[str, tuple[bytes | None, bool]]:
    """Name -> (content, None for a folder; whether it can be executed)."""
    found: dict[str, tuple[bytes | None, bool]] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            found[member.name] = (stream.read() if stream else None, bool(member.mode & 0o111))
    return found


def settled(entries: dict[str, tuple[bytes | None, bool]]) -> dict[str, tuple[bytes | None, bool]]:
    """With the list of files sorted, and its sum in the manifest."""
    files = json.loads(entries["FILES.json"][0] or b"")
    files["files"].sort(key=lambda entry: entry["name"])
    listing = as_json(files)
    manifest = json.loads(entries["MANIFEST.json"][0] or b"")
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listing).hexdigest()
    return {**entries, "FILES.json": (listing, False), "MANIFEST.json": (as_json(manifest), False)}


def as_json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def packed(entries: dict[str, tuple[bytes | None, bool]], epoch: int) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(entries, key=lambda name: (name not in ("MANIFEST.json", "FILES.json"), name)):
            content, executable = entries[name]
            member = tarfile.TarInfo(name)
            member.mtime, member.mode = epoch, 0o755 if executable or content is None else 0o644
            member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            member.size = len(content or b"")
            archive.addfile(member, io.BytesIO(content or b""))
    return gzip.compress(plain.getvalue(), compresslevel=LEVEL, mtime=0)


def members(path: Path) -> dict[str, bytes]:
    """The files in the tarball."""
    return {name: content for name, (content, _executable) in read(path).items() if content is not None}
