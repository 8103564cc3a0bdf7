# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments below .cache, one for each set of pinned requirements and interpreter; homes of their own."""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".cache" / "gates"
REQUIREMENTS = ROOT / "tests" / "requirements"
DEVELOPER = Path(sys.executable).parent  # the programs of the contributor's own environment
PIP_SETTING = re.compile(r"^(?::env:|[\w-]+)\.([\w-]+)=(.*)$")


def venv(requirements: str, python: Path) -> Path:
    """The programs of an environment with `tests/requirements/REQUIREMENTS.txt`, made unless it is there."""
    pinned = REQUIREMENTS / f"{requirements}.txt"
    version = python.name.removeprefix("python")
    kind = f"{requirements}-on-{version}"
    key = hashlib.sha256(pinned.read_bytes() + os.fsencode(python.resolve())).hexdigest()[:12]
    folder = CACHE / "venvs" / f"{kind}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            for older in folder.parent.glob(f"{kind}-*"):
                shutil.rmtree(older)
            subprocess.run([python, "-m", "venv", folder], check=True)
            pip: list[str | Path] = [folder / "bin" / "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*pip, "--require-hashes", "-r", pinned], check=True)
            (folder / "made").touch()
    return folder / "bin"


def pip_settings() -> str:
    """What this user's pip is told by files and by its environment, as one file.

    ansible-test gives its own pip neither the environment nor, here, the user's home.
    """
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings = {}
    for line in sorted(listed.splitlines(), reverse=True):  # ":env:" sorts first and so is set last
        if setting := PIP_SETTING.match(line):
            value = str(ast.literal_eval(setting[2]))
            settings[setting[1]] = " ".join(value.split())
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())


def home(name: str) -> Path:
    """A home directory that belongs to one gate."""
    folder = CACHE / "homes" / name
    settings = folder / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(pip_settings())
    return folder


def pythons(found: dict[str, Path]) -> Path:
    """A folder with these interpreters and nothing else, by the names that ansible-test looks for."""
    folder = CACHE / "pythons"
    folder.mkdir(parents=True, exist_ok=True)
    for version, python in found.items():
        link, beside = folder / f"python{version}", folder / f".{version}-{os.getpid()}"
        beside.symlink_to(python)
        os.replace(beside, link)
    for stale in folder.glob("python*"):
        if stale.name.removeprefix("python") not in found:
            stale.unlink()
    return folder


def environment(where: Path, *programs: Path, **more: str) -> dict[str, str]:
    """Variables for a gate: `where` is its home, `programs` come first on PATH; Ansible's and Python's own are gone."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "MAKE", "MFLAGS", "PYTHON", "MOLECULE_", "PYENV_"))
        and name != "VIRTUAL_ENV"
    }
    path = [folder for folder in os.get_exec_path() if Path(folder).name != "shims" and Path(folder) != DEVELOPER]
    return kept | {
        "HOME": str(where),
        "PATH": os.pathsep.join([*map(str, programs), *path]),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "COLUMNS": "160",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
