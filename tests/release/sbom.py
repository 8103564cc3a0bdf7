# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of what a release consists of and of what it was built and tested with, as CycloneDX 1.6.

The collection ships no code of others: its components are its own files.  Pinned requirements are there with the scope
`excluded`: they are needed to build and to test, not to run.  Pure.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAME = "lvs.director"
LICENCE = "GPL-3.0-or-later"
REQUIREMENT = re.compile(r"^([\w.-]+)==([\w.+!-]+)((?:\s*\\?\n?\s*--hash=sha256:[0-9a-f]{64})*)", re.MULTILINE)
SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, NAME)

Pinned = dict[tuple[str, str], set[str]]
"""(name, version) -> the SHA-256 sums of its distributions."""


def pinned(root: Path) -> Pinned:
    """What the files below tests/requirements pin."""
    found: Pinned = {}
    for path in sorted((root / "tests" / "requirements").glob("*.txt")):
        for name, version, hashes in REQUIREMENT.findall(path.read_text()):
            found.setdefault((normal(name), version), set()).update(re.findall(r"sha256:([0-9a-f]{64})", hashes))
    return found


def normal(name: str) -> str:
    """A name of a Python package as all tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def document(version: str, archive: bytes, files: dict[str, bytes], pinned: Pinned, epoch: int) -> dict[str, Any]:
    """The list for the tarball `archive`, which holds `files`; `epoch` is its date in seconds since 1970."""
    sum_ = hashlib.sha256(archive).hexdigest()
    collection = {
        "type": "application",
        "bom-ref": NAME,
        "name": NAME,
        "version": version,
        "licenses": [{"license": {"id": LICENCE}}],
        "hashes": [sha256(sum_)],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(SPACE, sum_)}",
        "metadata": {"timestamp": datetime.fromtimestamp(epoch, UTC).isoformat(), "component": collection},
        "components": [*map(file, sorted(files.items())), *map(library, sorted(pinned.items()))],
        "dependencies": [{"ref": NAME, "dependsOn": sorted(f"file:{name}" for name in files)}],
    }


def file(item: tuple[str, bytes]) -> dict[str, Any]:
    name, content = item
    return {
        "type": "file",
        "bom-ref": f"file:{name}",
        "name": name,
        "hashes": [sha256(hashlib.sha256(content).hexdigest())],
    }


def library(item: tuple[tuple[str, str], set[str]]) -> dict[str, Any]:
    (name, version), hashes = item
    purl = f"pkg:pypi/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "scope": "excluded",
        "hashes": [sha256(one) for one in sorted(hashes)],
    }


def sha256(content: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": content}
