# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as Ansible runs them on a host: installed from the tarball, with each Python that a host may have."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.collection.gates import collection
from tests.collection.gates.ansible_tests import Core
from tests.collection.gates.environment import CACHE, environment, home
from tests.collection.gates.interpreters import VERSIONS, interpreters
from tests.side_by_side import NOTE

PLAYBOOK = Path(__file__).with_name("modules.yml")
ON_HOSTS = ("plugins/modules", "plugins/module_utils")
LONGEST = 300  # seconds for the playbook
COMPILE = "import sys; [compile(open(path, encoding='utf-8').read(), path, 'exec') for path in sys.argv[1:]]"


def modules(core: Core) -> None:
    """Compile what runs on hosts, and run a playbook whose hosts are this machine, each with a Python of its own."""
    here = interpreters()
    for version in VERSIONS:
        if version not in here:
            print(f"{NOTE}not run: no python{version} here")
    programs = core.programs()
    place = CACHE / f"modules-{core.version}"
    root = collection.install(collection.build(place / "build"), place / "installed")
    sources = [str(path) for folder in ON_HOSTS for path in sorted((root / folder).glob("*.py"))]
    for version, python in here.items():
        subprocess.run([python, "-I", "-c", COMPILE, *sources], check=True, timeout=60)
        print(f"Python {version}: {len(sources)} files compile")
    with tempfile.TemporaryDirectory(prefix="lvs-director-") as where:
        play(here, programs, place / "installed", Path(where))


def play(here: dict[str, Path], programs: Path, installed: Path, where: Path) -> None:
    """Run the playbook; `where` gets one folder for each host."""
    hosts = {
        f"python{version}": {"ansible_python_interpreter": str(python), "where": str(where / version)}
        for version, python in here.items()
    }
    inventory = where / "inventory.json"
    shared = {"ansible_connection": "local", "daemon_python": sys.executable}
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}))
    variables = environment(
        home("modules"), programs, ANSIBLE_COLLECTIONS_PATH=str(installed), ANSIBLE_INJECT_FACT_VARS="false"
    )
    command = ["ansible-playbook", "--forks", "2", "-i", str(inventory), str(PLAYBOOK)]
    subprocess.run(command, cwd=where, env=variables, check=True, timeout=LONGEST)
