# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-test` of each Ansible that is supported, where nothing but a package index can be reached."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.collection.gates import collection
from tests.collection.gates.answers import NotRun, Refused
from tests.collection.gates.environment import CACHE, environment, home, pythons, venv
from tests.collection.gates.interpreters import VERSIONS, interpreters
from tests.side_by_side import NOTE

FEWEST = 25  # sanity tests that apply to this collection; fewer mean that its files were not found
PASSED = re.compile(r"=+ (\d+) passed")


@dataclass(frozen=True)
class Core:
    """One ansible-core.

    controllers: the Pythons that it runs on, best first
    units: the Pythons with which it runs the unit tests, and which tests; the others are the other Ansible's
    pip: what its ansible-test starts an environment with
    """

    version: str
    controllers: tuple[str, ...]
    units: dict[str, tuple[str, ...]]
    pip: str

    def programs(self) -> Path:
        """The environment in which it runs here.  Raises `NotRun`."""
        here = interpreters()
        version = next((version for version in self.controllers if version in here), None)
        if version is None:
            raise NotRun(f"no python{min(self.controllers, key=VERSIONS.index)} or newer here, which Ansible needs")
        return venv(f"core-{self.version}", here[version])


ALL: tuple[str, ...] = ()
MODULES = ("tests/unit/plugins/modules/", "tests/unit/plugins/module_utils/")
PLUGINS = ("tests/unit/plugins/",)

CORES = {
    core.version: core
    for core in (
        Core("2.19", ("3.11", "3.13", "3.12"), {"3.9": MODULES, "3.10": MODULES, "3.11": ALL}, "24.2"),
        Core("2.21", ("3.13", "3.12"), {"3.12": MODULES, "3.13": PLUGINS}, "25.2"),
    )
}


def sanity(core: Core) -> None:
    """All of `ansible-test sanity`, without a single ignored finding.

    It judges what is shipped, the daemon included, and the unit tests.  The rest of the repository is no part of the
    collection: ruff and mypy judge that.
    """
    programs = core.programs()
    where = _home(core)
    names = [
        "galaxy.yml",
        *collection.shipped(),
        *(name for name in collection.files() if name.startswith("tests/unit/")),
    ]
    root = collection.tree(CACHE / "trees" / f"sanity-{core.version}", names)
    said = _ansible_test(root, where, programs, "sanity", "--color", "no", "--local")
    if said.count("Running sanity test") < FEWEST:
        raise Refused(f"fewer than {FEWEST} sanity tests ran")
    _say_missing()


def units(core: Core) -> None:
    """`ansible-test units`: a Python of modules only runs the tests of modules, a controller's Python runs all."""
    here = interpreters()
    missing = [version for version in core.units if version not in here]
    for version in missing:
        print(f"{NOTE}not run: no python{version} here")
    if len(missing) == len(core.units):
        raise NotRun("none of its Pythons is here")
    programs = core.programs()
    where = _home(core)
    root = collection.tree(CACHE / "trees" / f"units-{core.version}", collection.files())
    for version in core.units:
        if version in here:
            _units(core, version, root, where, programs, here[version])


def _units(core: Core, version: str, root: Path, where: Path, programs: Path, python: Path) -> None:
    chosen = ["--local", "--python", version]
    if version in core.controllers:
        programs = venv(f"core-{core.version}", python)
    else:
        chosen += ["--python-interpreter", str(venv("modules", python) / "python")]
    print(f"\n=== Python {version}", flush=True)
    said = _ansible_test(root, where, programs, "units", "--color", "no", *chosen, *core.units[version])
    print(f"{NOTE}Python {version}: {sum(map(int, PASSED.findall(said)))} tests")


def _ansible_test(root: Path, where: Path, programs: Path, *arguments: str) -> str:
    """Run it, show what it says, and hand that back.  Raises `Refused`, also when it found nothing to test."""
    variables = environment(where, programs, pythons(interpreters()))
    process = subprocess.Popen(
        [programs / "ansible-test", *arguments], cwd=root, env=variables, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        said.append(line)
    if process.wait() or any("All targets skipped" in line for line in said):
        raise Refused(f"ansible-test {' '.join(arguments)}: exit {process.returncode}")
    return "".join(said)


def _home(core: Core) -> Path:
    """A home in whose cache ansible-test finds the pip that it would download from elsewhere."""
    where = home(f"core-{core.version}")
    cache = where / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    if not list(cache.glob(f"pip-{core.pip}-*.whl")):
        fetch = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*fetch, "--dest", cache, f"pip=={core.pip}"], check=True, timeout=300)
    shutil.copy2(Path(__file__).with_name("get_pip.py"), cache / f"get_pip_{core.pip.replace('.', '_')}.py")
    return where


def _say_missing() -> None:
    here = interpreters()
    for version in VERSIONS:
        if version not in here:
            print(f"{NOTE}not run: no python{version} here (tests that compile and import)")
