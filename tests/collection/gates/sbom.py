# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SBOM of a release, judged by the schema of CycloneDX."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.collection.gates.answers import Refused
from tests.collection.gates.environment import CACHE, ROOT, environment, home, venv
from tests.release.files import make
from tests.release.tarball import epoch

JUDGE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(f"{sys.argv[1]}: {fault}" if fault else 0)
"""


def sbom() -> None:
    """Raises `Refused` with what the schema has against it."""
    folder = CACHE / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    _built, listed, _sums = make(ROOT, folder, epoch(ROOT))
    refuse_what_is_wrong(listed)
    print(f"{listed.name}: as CycloneDX 1.6 wants it")


def refuse_what_is_wrong(listed: Path) -> None:
    programs = venv("sbom", Path(sys.executable).resolve())
    command: list[str | Path] = [programs / "python", "-c", JUDGE, listed]
    done = subprocess.run(command, env=environment(home("sbom"), programs), text=True, capture_output=True, check=False)
    if done.returncode:
        raise Refused(done.stderr)
