# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's half of the deployment: versions by digest, switched by a symlink, programs that start them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._install import (
    BadBundle,
    digest_of,
    packed,
    units_of,
    unpacked,
)
from ansible_collections.lvs.director.tests.unit.conftest import run_module, small_disk

# the daemon's; a module's may be older than the daemon accepts
PYTHON = sys.executable if sys.version_info >= (3, 11) else "/usr/bin/python3"
UNIT = "[Service]\nExecStart=/usr/local/sbin/lvsd\n"


def bundle(version: str) -> dict[str, bytes]:
    return {
        "lvsd/__init__.py": b"",
        "lvsd/__main__.py": f"import os, sys\nprint({version!r}, sys.path[0], os.environ['LVSD_PROGRAM'])\n".encode(),
        "lvsd/ctl/__init__.py": b"",
        "lvsd/ctl/__main__.py": b"import sys\nprint('ctl', sys.argv[1:])\n",
    }


class Host:
    """A host's folders, and the module run on it as the action plugin runs it."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.opt = tmp_path / "opt"
        self.options = {
            "install_dir": str(self.opt),
            "program_dir": str(tmp_path / "sbin"),
            "unit_dir": str(tmp_path / "units"),
            "runtime_dir": str(tmp_path / "run"),
            "python": PYTHON,
            "units": {"lvsd.service": UNIT},
        }

    def run(self, *, check: bool = False, before: Sequence[str] = (), **options: Any) -> dict[str, Any]:
        return run_module("director_runtime", {**self.options, **options}, self.tmp_path, check=check, before=before)

    def tree(self) -> dict[str, object]:
        """Everything that is installed: where symlinks point, how large the files are and what the texts say."""
        roots = [self.opt, self.tmp_path / "sbin", self.tmp_path / "units"]
        paths = [path for root in roots for path in root.rglob("*") if not path.is_dir() or path.is_symlink()]
        return {str(path): os.readlink(path) if path.is_symlink() else path.read_bytes() for path in paths}

    def deploy(self, version: str, **options: Any) -> dict[str, Any]:
        archive = self.tmp_path / "lvsd.tar.gz"
        archive.write_bytes(packed(bundle(version)))
        return self.run(digest=digest_of(bundle(version)), archive=str(archive), **options)

    def program(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [self.tmp_path / "sbin" / name, *arguments], capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_check_ask_bring_again(machine: Host) -> None:
    digest = digest_of(bundle("one"))
    check = machine.run(check=True, digest=digest)
    assert (check["changed"], check["unit_new"], machine.opt.exists()) == (True, True, False)
    asked = machine.run(digest=digest)
    assert (asked["changed"], asked["needs_archive"]) == (False, True)
    done = machine.deploy("one")
    assert (done["changed"], done["digest"], done["previous"], done["unit_changed"]) == (True, digest, None, True)
    assert machine.program("lvsd") == f"one {machine.opt / digest} {machine.tmp_path}/sbin/lvsd"
    assert machine.program("lvsctl", "a b") == "ctl ['a b']"
    assert list((machine.opt / digest / "lvsd" / "__pycache__").glob("*.pyc"))
    again = machine.run(digest=digest)
    assert (again["changed"], again["unit_changed"], again["unit_new"]) == (False, False, False)


def empty(version: Path, pattern: str) -> None:
    """As after a power loss."""
    for path in version.rglob(pattern):
        path.write_bytes(b"")


@pytest.mark.parametrize("pattern", ["__main__*", "__main__*.pyc", "SHA256SUMS"])
def test_a_damaged_version_is_deployed_anew(machine: Host, pattern: str) -> None:
    machine.deploy("one")
    before = machine.tree()
    version = machine.opt / digest_of(bundle("one"))
    empty(version, pattern)
    check = machine.run(check=True, digest=version.name)
    assert (check["changed"], check["diff"][0]["before"]) == (True, f"{version.name}, damaged\n")
    assert machine.run(digest=version.name)["needs_archive"] is True
    done = machine.deploy("one")
    assert (done["changed"], done["previous"]) == (True, None)
    assert "was damaged, and is deployed anew" in str(done["warnings"])
    assert machine.program("lvsd").startswith("one")
    assert machine.tree() == before
    assert machine.run(digest=version.name)["changed"] is False


def test_a_file_that_is_gone_is_brought_and_one_that_came_is_left(machine: Host) -> None:
    machine.deploy("one")
    version = machine.opt / digest_of(bundle("one"))
    (version / "lvsd" / "__pycache__" / "x.cpython-999.pyc").write_bytes(b"another interpreter's")
    assert machine.run(digest=version.name)["changed"] is False
    (version / "lvsd" / "__main__.py").unlink()
    assert machine.deploy("one")["changed"] is True
    assert machine.program("lvsd").startswith("one")


def test_there_is_no_way_back_to_a_damaged_version(machine: Host) -> None:
    machine.deploy("one")
    machine.deploy("two")
    empty(machine.opt / digest_of(bundle("one")), "__main__*")
    before = machine.tree()
    assert "is damaged: " in machine.run(check=True, state="rolled_back")["msg"]
    assert "the current version stays" in machine.run(state="rolled_back")["msg"]
    assert machine.tree() == before


def test_a_version_from_before_there_were_lists_is_known_by_its_sources(machine: Host) -> None:
    machine.deploy("one")
    version = machine.opt / digest_of(bundle("one"))
    (version / "SHA256SUMS").unlink()
    assert machine.run(digest=version.name)["changed"] is False
    empty(version, "__main__.py")
    assert machine.deploy("one")["changed"] is True
    assert (version / "SHA256SUMS").exists()


def test_no_room_for_the_unit_takes_no_version_away_that_was_mended(machine: Host) -> None:
    machine.deploy("one")
    before = machine.tree()
    empty(machine.opt / digest_of(bundle("one")), "__main__.py")
    with small_disk(machine.tmp_path / "units", 20) as words:
        failed = machine.deploy("one", before=words, units={"lvsd.service": UNIT + "#" * 50_000})
    assert "No space left on device; the current version stays" in failed["msg"]
    assert machine.tree() == before


def test_upgrade_and_roll_back(machine: Host) -> None:
    machine.deploy("one")
    done = machine.deploy("two")
    assert (done["changed"], done["previous"]) == (True, digest_of(bundle("one")))
    assert machine.program("lvsd").startswith("two")
    back = machine.run(state="rolled_back")
    assert (back["changed"], back["digest"]) == (True, digest_of(bundle("one")))
    assert machine.program("lvsd").startswith("one")


def test_each_version_brings_its_own_units_also_when_it_comes_back(machine: Host) -> None:
    """A unit that only the later version has stays; nothing asks for it any more."""
    units = machine.tmp_path / "units"
    for version, socket in (("one", None), ("two", b"[Socket]\n")):
        with_units = {**bundle(version), "lvsd/lvsd.service": f"[Service]\n# {version}\n".encode()}
        if socket is not None:
            with_units["lvsd/lvsd-starter.socket"] = socket
        archive = machine.tmp_path / "lvsd.tar.gz"
        archive.write_bytes(packed(with_units))
        done = machine.run(digest=digest_of(with_units), archive=str(archive), units=units_of(with_units))
        assert done["unit_changed"], done
    assert sorted(path.name for path in units.iterdir()) == ["lvsd-starter.socket", "lvsd.service"]
    back = machine.run(state="rolled_back", units=None)
    assert (back["changed"], back["unit_changed"]) == (True, True)
    assert (units / "lvsd.service").read_text() == "[Service]\n# one\n"
    assert machine.run(state="rolled_back", units=None)["unit_changed"]
    assert (units / "lvsd.service").read_text() == "[Service]\n# two\n"


def test_a_unit_whose_user_is_missing_is_warned_of(machine: Host) -> None:
    units = {"lvsd.service": "[Service]\nUser=no-such-user\n"}
    (warning,) = machine.deploy("one", units=units)["warnings"]
    assert "lvsd.service runs as the user no-such-user, which this host does not have" in str(warning)
    assert "warnings" not in machine.deploy("two", units={"lvsd.service": "[Service]\nUser=root\n"})


def test_there_is_nothing_to_roll_back_to(machine: Host) -> None:
    machine.deploy("one")
    assert "no version to go back to" in machine.run(state="rolled_back")["msg"]


def test_old_versions_go_but_never_the_one_before(machine: Host) -> None:
    for version in ("one", "two", "three", "four"):
        machine.deploy(version, keep=2)
    kept = sorted(path.name for path in machine.opt.iterdir() if not path.is_symlink())
    assert kept == sorted(digest_of(bundle(version)) for version in ("three", "four"))


def test_a_changed_program_is_put_right(machine: Host) -> None:
    machine.deploy("one")
    (machine.tmp_path / "sbin" / "lvsd").write_text("#!/bin/sh\n")
    done = machine.run(digest=digest_of(bundle("one")))
    assert (done["changed"], done["unit_changed"]) == (True, False)
    assert machine.program("lvsd").startswith("one")


def test_an_interpreter_that_is_none_is_refused(machine: Host) -> None:
    assert "no Python of version 3.11" in machine.deploy("one", python="/bin/false")["msg"]


def test_the_digest_is_that_of_the_contents(tmp_path: Path) -> None:
    whole = bundle("one")
    assert digest_of(dict(reversed(whole.items()))) == digest_of(whole)
    assert digest_of({**whole, "lvsd/__init__.py": b"x"}) != digest_of(whole)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(packed(whole))
    assert unpacked(str(path), digest_of(whole)) == whole
    with pytest.raises(BadBundle, match="digest"):
        unpacked(str(path), "0" * 16)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "lvsd/../../x"])
def test_an_archive_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(BadBundle, match="plain file"):
        unpacked(str(path), digest_of({name: b""}))


def test_an_archive_cannot_hold_links(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("lvsd/x")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(BadBundle, match="plain file"):
        unpacked(str(path), "0" * 16)


def test_a_broken_archive_says_so(machine: Host) -> None:
    archive = machine.tmp_path / "lvsd.tar.gz"
    archive.write_bytes(os.urandom(100))
    assert "damaged" in machine.run(digest="0" * 16, archive=str(archive))["msg"]


@pytest.mark.parametrize(("folder", "kib"), [("opt", 40), ("opt", 100), ("sbin", 8), ("units", 20)])
def test_a_full_disk_leaves_the_current_version_as_it_is(machine: Host, folder: str, kib: int) -> None:
    """Too small for the files, for their byte code, for the programs, for the unit."""
    machine.deploy("one")
    before = machine.tree()
    (machine.tmp_path / "python").symlink_to(PYTHON)  # the programs change with it
    machine.options["python"] = str(machine.tmp_path / "python")
    with small_disk(machine.tmp_path / folder, kib) as words:
        failed = machine.deploy("two" * 20_000, before=words, units={"lvsd.service": UNIT + "#" * 50_000})
    assert "No space left on device" in failed["msg"]
    assert "the current version stays" in failed["msg"]
    assert machine.tree() == before
