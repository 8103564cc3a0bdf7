# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module over a daemon that runs: it becomes the new version in place, or the old one goes on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._control import request
from ansible_collections.lvs.director.plugins.module_utils._install import digest_of, packed
from ansible_collections.lvs.director.tests.unit.conftest import run_module

PYTHON = sys.executable if sys.version_info >= (3, 11) else "/usr/bin/python3"
PACKAGE = Path(__file__).parents[3] / "runtime" / "lvsd"

Bundle = dict[str, bytes]


def version(number: str) -> Bundle:
    """The daemon as it is, but of that version."""
    found = {f"lvsd/{path.relative_to(PACKAGE)}": path.read_bytes() for path in PACKAGE.rglob("*.py")}
    return {**found, "lvsd/__init__.py": f'__version__ = "{number}"\n'.encode()}


ONE, TWO = version("1.0.0"), version("2.0.0")
UNIMPORTABLE = {**TWO, "lvsd/vrrp/fsm.py": b"import no_such_module\n"}
STILLBORN = {
    **TWO,
    "lvsd/supervisor/parent.py": TWO["lvsd/supervisor/parent.py"].replace(
        b"        write_pid(self.pid_file, os.getpid())\n", b"        raise SystemExit(3)\n"
    ),
}


def eventually(condition: Callable[[], Any], within: float) -> Any:
    until = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {within} s"
        time.sleep(0.05)
    return found


class Host:
    """Version ONE, installed and running; it has nothing to do, so it needs no privilege."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.opt, self.sbin, self.runtime_dir = tmp_path / "opt", tmp_path / "sbin", tmp_path / "run"
        self.config = tmp_path / "lvsd.conf"
        self.config.write_text("global_defs {\n}\n")
        self.deploy(ONE)
        self.start()

    def start(self) -> None:
        where = ["--runtime-dir", str(self.runtime_dir), "--state-dir", str(self.tmp_path / "state")]
        words = [str(self.sbin / "lvsd"), "-n", "-f", str(self.config), *where]
        self.daemon = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        eventually(lambda: (self.answers() or {}).get("complete"), within=30)

    def answers(self) -> dict[str, Any] | None:
        return request(str(self.runtime_dir), "lvsd", "show")

    def show(self) -> dict[str, Any]:
        shown = self.answers()
        assert shown is not None
        return shown

    def run(self, *, check: bool = False, **options: Any) -> dict[str, Any]:
        folders = {"install_dir": self.opt, "program_dir": self.sbin, "runtime_dir": self.runtime_dir}
        fixed = {**{name: str(path) for name, path in folders.items()}, "python": PYTHON}
        return run_module("director_runtime", {**fixed, **options}, self.tmp_path, check=check)

    def deploy(self, bundle: Bundle, **options: Any) -> dict[str, Any]:
        archive = self.tmp_path / "lvsd.tar.gz"
        archive.write_bytes(packed(bundle))
        return self.run(digest=digest_of(bundle), archive=str(archive), **options)

    def current(self) -> str:
        return str((self.opt / "current").readlink())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.daemon.kill()
    host.daemon.wait()


def test_upgrade_and_rollback_reach_the_running_daemon_without_a_restart(host: Host) -> None:
    check = host.deploy(TWO, check=True)
    assert (check["changed"], check["reexecuted"], host.show()["release"]) == (True, True, "1.0.0")
    done = host.deploy(TWO)
    running = {"lvsd": {"release": "2.0.0", "digest": digest_of(TWO)}}
    assert (done["changed"], done["reexecuted"], done["restart_needed"]) == (True, True, False)
    assert (done["versions"], done["running"]) == (running, digest_of(TWO))
    assert host.show()["pid"] == host.daemon.pid
    again = host.deploy(TWO)
    assert (again["changed"], again["reexecuted"]) == (False, False)
    back = host.run(state="rolled_back")
    assert (back["changed"], back["versions"]["lvsd"]["release"]) == (True, "1.0.0")
    assert host.show()["pid"] == host.daemon.pid


def test_a_version_that_cannot_be_imported_is_refused_and_the_old_one_is_current_again(host: Host) -> None:
    started_at = host.show()["started_at"]
    failed = host.deploy(UNIMPORTABLE)
    assert failed["rc"] != 0
    assert "No module named 'no_such_module'" in failed["msg"]
    assert f"Version {digest_of(ONE)} is current again" in failed["msg"]
    assert host.current() == digest_of(ONE)
    assert (host.show()["started_at"], failed["versions"]["lvsd"]["release"]) == (started_at, "1.0.0")


def test_a_configuration_that_the_new_version_refuses_is_told_with_its_findings(host: Host) -> None:
    host.config.write_text("vrrp_instance A {\n    interface lo\n    virtual_router_id 999\n}\n")
    failed = host.deploy(TWO)
    assert f"{host.config}:3:" in failed["msg"]
    assert [finding["line"] for finding in failed["findings"]] == [3]
    assert host.show()["release"] == "1.0.0"


def test_after_a_version_that_dies_the_next_start_is_of_the_old_one(host: Host) -> None:
    failed = host.deploy(STILLBORN, wait=8)
    assert "did not answer within 8 s" in failed["msg"]
    assert host.daemon.wait(10) == 3
    host.start()  # as systemd does
    assert host.show()["release"] == "1.0.0"
