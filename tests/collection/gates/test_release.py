# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release consists of: the same bytes each time, listed, summed, and signed as the page says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collection.gates import collection
from tests.collection.gates.environment import ROOT
from tests.release import sbom, tarball
from tests.release.files import make

EPOCH = 1_700_000_000
USER = "Release <release@example.org>"
PAGE = ROOT / "docs" / "release.md"


def copy(into: Path, *, umask: int, backwards: bool) -> Path:
    """The files of this checkout elsewhere, made in another order, with other modes and times."""
    before = os.umask(umask)
    try:
        for name in sorted(collection.files(), reverse=backwards):
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, into / name)
            if os.access(ROOT / name, os.X_OK):
                (into / name).chmod(0o777 & ~umask)
            os.utime(into / name, (EPOCH + umask, EPOCH + umask))
    finally:
        os.umask(before)
    return into


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases of one checkout, from different places."""
    base = tmp_path_factory.mktemp("release")
    roots = (
        copy(base / "one", umask=0o022, backwards=False),
        copy(base / "another" / "place", umask=0o077, backwards=True),
    )
    folders = (base / "first", base / "second")
    for root, folder in zip(roots, folders, strict=True):
        make(root, folder, EPOCH)
    return folders


def test_two_builds_are_the_same_bytes(built: tuple[Path, Path]) -> None:
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in built)
    assert sorted(first) == ["SHA256SUMS", "lvs-director-0.1.0.cdx.json", "lvs-director-0.1.0.tar.gz"]
    assert first == second


def test_the_tarball_is_what_ansible_would_install(built: tuple[Path, Path], tmp_path: Path) -> None:
    (path,) = built[0].glob("*.tar.gz")
    assert collection.contents(path) == collection.shipped()
    root = collection.install(path, tmp_path / "installed")  # compares the sums of the manifest
    assert (root / "runtime" / "lvsd" / "__main__.py").exists()


def test_the_list_names_every_file_and_every_pinned_package(built: tuple[Path, Path]) -> None:
    (path,), (listed,) = (built[0].glob(kind) for kind in ("*.tar.gz", "*.cdx.json"))
    document = json.loads(listed.read_text())
    inside = {name: hashlib.sha256(content).hexdigest() for name, content in tarball.members(path).items()}
    parts = {part["bom-ref"]: part for part in document["components"]}
    assert len(parts) == len(document["components"])
    files = {ref.removeprefix("file:"): part for ref, part in parts.items() if part["type"] == "file"}
    assert {name: part["hashes"][0]["content"] for name, part in files.items()} == inside
    libraries = [part for part in parts.values() if part["type"] == "library"]
    assert len(libraries) == len(sbom.pinned(ROOT)) > 50
    assert {part["scope"] for part in libraries} == {"excluded"}
    assert document["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An environment with a key that nobody else has and that ends with the test."""
    home = tmp_path_factory.mktemp("gpg")  # short: the agent's socket is in there
    home.chmod(0o700)
    environment = {**os.environ, "GNUPGHOME": str(home)}
    words = [
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        USER,
        "ed25519",
        "sign",
        "1d",
    ]
    try:
        subprocess.run(words, check=True, capture_output=True, env=environment, timeout=60)
        yield environment
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False, env=environment, timeout=20)


def commands(heading: str) -> list[str]:
    part = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [row for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL) for row in block.splitlines()]


def run(command: str, where: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = ["bash", "-c", command]
    return subprocess.run(words, cwd=where, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_steps_of_the_page_sign_and_verify(key: dict[str, str], tmp_path: Path) -> None:
    """In a repository with the files of this one."""
    checkout = copy(tmp_path / "checkout", umask=0o022, backwards=False)
    name, email = USER.rstrip(">").split(" <")
    author = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email))
    }
    environment = {**key, **author, "PYTHONPATH": str(checkout), "HOME": str(tmp_path)}
    start = "git init -q . && git add -A && git commit -q -m start"
    assert run(start, checkout, environment).returncode == 0
    for command in commands("Make a release"):
        step = f"{sys.executable} -m tests.release" if command == "make package" else command
        done = run(step, checkout, environment)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    released = checkout / ".cache" / "release"
    assert len(list(released.iterdir())) == 4
    verify = commands("Verify a release")
    assert [command.split()[0] for command in verify] == ["gpg", "sha256sum", "git"]
    for command in verify:
        done = run(command, checkout if command.startswith("git") else released, environment)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    (path,) = released.glob("*.tar.gz")
    path.write_bytes(path.read_bytes() + b"\0")
    assert run(verify[1], released, environment).returncode != 0
    (released / "SHA256SUMS").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    assert run(verify[0], released, environment).returncode != 0

    (checkout / "README.md").write_text("changed\n")
    done = run(f"{sys.executable} -m tests.release", checkout, environment)
    assert done.returncode == 1
    assert "commit or remove these first" in done.stderr
