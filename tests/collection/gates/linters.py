# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Galaxy, Automation Hub and Ansible's documentation demand of the collection's text."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.collection.gates import collection
from tests.collection.gates.answers import Refused
from tests.collection.gates.environment import CACHE, DEVELOPER, ROOT, environment, home, venv
from tests.collection.gates.interpreters import own

LINKED = ROOT / ".cache" / "collections"
LONGEST = 300  # seconds
# what Automation Hub demands beyond Galaxy; a version of 1 or more is a decision of the project
IMPORTER = {"GALAXY_IMPORTER_RUN_FLAKE8": "true", "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true"}


def lint() -> None:
    """ansible-lint's strictest profile."""
    _run(home("lint"), [DEVELOPER], "ansible-lint", "--offline", "--profile", "production")


def licences() -> None:
    """Every file says its licence and its authors (REUSE 3.3)."""
    _run(home("reuse"), [DEVELOPER], "reuse", "lint")


def changelog() -> None:
    """The fragments and the changelog are what antsibull-changelog takes."""
    _run(home("changelog"), [DEVELOPER], "antsibull-changelog", "lint")


def documentation() -> None:
    """Documentation of every plugin and role: schema, markup, and references that lead somewhere."""
    programs = venv("docs", own())
    options = ("--plugin-docs", "--validate-collection-refs", "all", "--disallow-unknown-collection-refs")
    root = collection.tree(CACHE / "trees" / "docs", [*collection.shipped(), "galaxy.yml"])
    _run(home("docs"), [programs], "antsibull-docs", "lint-collection-docs", *options, str(root))


def importer() -> None:
    """Galaxy's own importer, as Automation Hub sets it up; what it only warns of fails here."""
    programs = venv("importer", own())
    tarball = collection.build(CACHE / "importer" / "build")
    variables = environment(home("importer"), programs, **IMPORTER)
    command: list[str | Path] = [programs / "python", "-m", "galaxy_importer.main", tarball]
    done = subprocess.run(
        command, cwd=tarball.parent, env=variables, text=True, timeout=LONGEST, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    print(done.stdout)
    warnings = [line for line in done.stdout.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    if done.returncode or warnings:
        raise Refused(f"exit {done.returncode}, {len(warnings)} warnings")
    result = json.loads((tarball.parent / "importer_result.json").read_text())
    print(f"{len(result['contents'])} contents, Ansible {result['requires_ansible']}")


def _run(where: Path, programs: list[Path], *command: str) -> None:
    variables = environment(where, *programs, ANSIBLE_COLLECTIONS_PATH=str(LINKED))
    subprocess.run(command, cwd=ROOT, env=variables, check=True, timeout=LONGEST)
