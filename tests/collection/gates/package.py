# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball: what is in it, that it installs where nothing is, and that Ansible finds everything in it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.collection.gates import collection
from tests.collection.gates.answers import Refused
from tests.collection.gates.environment import CACHE, DEVELOPER, ROOT, environment, home

# plugin folders, and what ansible-doc calls them
DOCUMENTED = {"modules": "module", "filter": "filter", "callback": "callback"}
INVENTORY = ROOT / "examples" / "pair" / "inventory.yml"


def package() -> None:
    """Build, compare with the list, install into an empty path, verify, and read everything back from there."""
    tarball = collection.build(CACHE / "package" / "build")
    compare(collection.contents(tarball), collection.shipped())
    below = CACHE / "package" / "installed"
    root = collection.install(tarball, below)
    verify(below)
    read_documentation(root, below)
    for playbook in sorted((root / "playbooks").glob("*.yml")):
        read_playbook(playbook.stem, below)


def compare(there: list[str], wanted: list[str]) -> None:
    """Raises `Refused` unless the tarball holds what it has to and nothing else."""
    missing, more = sorted(set(wanted) - set(there)), sorted(set(there) - set(wanted))
    if missing or more:
        raise Refused(
            "\n".join(
                [f"not in the tarball: {name}" for name in missing] + [f"in the tarball: {name}" for name in more]
            )
        )
    print(f"{len(there)} files, as listed")


def verify(below: Path) -> None:
    """Ansible compares the installed files with the manifest's checksums."""
    said = ansible(below, "ansible-galaxy", "collection", "verify", "--offline", collection.NAME)
    if "matching" not in said and "Successfully verified" not in said:
        raise Refused(f"verified nothing: {said}")


def read_documentation(root: Path, below: Path) -> None:
    """Every module, filter and role has documentation that `ansible-doc` can show."""
    for folder, kind in DOCUMENTED.items():
        names = sorted({path.stem for path in (root / "plugins" / folder).glob("*.*") if path.stem[0] != "_"})
        found = json.loads(
            ansible(below, "ansible-doc", "--json", "-t", kind, *(f"{collection.NAME}.{name}" for name in names))
        )
        undocumented = [name for name in names if not found.get(f"{collection.NAME}.{name}", {}).get("doc")]
        if undocumented:
            raise Refused(f"no documentation of {kind} {', '.join(undocumented)}")
        print(f"ansible-doc: {len(names)} x {kind}")
    roles = sorted(path.name for path in (root / "roles").iterdir())
    found = json.loads(
        ansible(below, "ansible-doc", "--json", "-t", "role", *(f"{collection.NAME}.{role}" for role in roles))
    )
    if set(found) != {f"{collection.NAME}.{role}" for role in roles}:
        raise Refused(f"ansible-doc knows the roles {', '.join(found)} of {', '.join(roles)}")
    print(f"ansible-doc: {len(roles)} x role")


def read_playbook(name: str, below: Path) -> None:
    """The playbook parses by its name, and its tasks and roles are found."""
    playbook = ("ansible-playbook", "-i", str(INVENTORY), f"{collection.NAME}.{name}")
    ansible(below, *playbook, "--syntax-check")
    tasks = ansible(below, *playbook, "--list-tasks").count("TAGS:")
    print(f"{collection.NAME}.{name}: {tasks} plays and tasks")


def ansible(below: Path, *command: str) -> str:
    """What one of Ansible's programs says, with `below` as the only place for collections."""
    variables = environment(home("package"), DEVELOPER, ANSIBLE_COLLECTIONS_PATH=str(below))
    done = subprocess.run(
        command,
        cwd=below,
        env=variables,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if done.returncode:
        raise Refused(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
