# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director that is Active becomes another version of itself, while keepalived listens to every advertisement."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from directors import ONE, Director, gone
from network import Network, eventually, lines
from routers import RUNTIME, Keepalived

from tests.support import former

pytestmark = pytest.mark.beside

OLD, NEW = "0" * 15 + "1", "0" * 15 + "2"
UNIMPORTABLE = "import no_such_module\n"
DYING = "\n\ndef main(options: WorkerOptions) -> int:\n    return 3\n"


class Installed(Director):
    """Versions below a folder, a symlink to the current one, a program that runs it: as on a host."""

    def version(self, digest: str, source: Path = RUNTIME / "lvsd", **appended: str) -> None:
        """Lay down the package, with text behind the modules that are named, and make it the current one."""
        package = self.opt / digest / "lvsd"
        shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
        for module, text in appended.items():
            path = package / f"{module.replace('__', '/')}.py"
            path.write_text(path.read_text() + text)
        self.switch(digest)

    def switch(self, digest: str) -> None:
        (self.opt / ".new").symlink_to(digest)
        (self.opt / ".new").replace(self.opt / "current")

    def start(self) -> None:
        self.opt = self.folder / "opt"
        self.program = self.folder / "lvsd"
        self.addresses_seen = self.folder / "monitor"
        if not self.program.exists():
            self.version(OLD, self.first())
            self.program.write_text(
                f"#!{sys.executable} -IS\n"
                "import os, runpy, sys\n"
                f"sys.path.insert(0, os.path.realpath({str(self.opt / 'current')!r}))\n"
                'os.environ["LVSD_PROGRAM"] = os.path.abspath(__file__)\n'
                'runpy.run_module("lvsd", run_name="__main__", alter_sys=True)\n'
            )
            self.program.chmod(0o755)
        super().start()

    def first(self) -> Path:
        """The package that it begins with."""
        return RUNTIME / "lvsd"

    def words(self) -> list[str]:
        return [str(self.program), *super().words()[3:]]

    def watch(self) -> None:
        """From now on the addresses must not change."""
        self.host.start("ip", "-o", "monitor", "address", log=self.addresses_seen)

    def address_events(self) -> list[str]:
        return [line for line in lines(self.addresses_seen) if "eth0" in line]

    def digest(self) -> str | None:
        worker: str | None = self.worker("vrrp")["digest"]
        return worker


class FormerInstalled(Installed):
    """It begins with the daemon of a commit before."""

    def first(self) -> Path:
        return former.package(self.folder / "former")


def pair(network: Network, kind: type[Installed] = Installed) -> tuple[Installed, Keepalived]:
    director = kind(network, "a", "192.0.2.11/24", ONE)
    eventually(director.active, within=8)
    host = network.host("b", eth0="lan")
    host.ip("addr add 192.0.2.12/24 dev eth0")
    peer = Keepalived(host, ONE.replace("priority 150", "priority 100"))
    peer.reaches("BACKUP")
    director.watch()
    return director, peer


def undisturbed(director: Installed, peer: Keepalived) -> None:
    assert director.active()
    assert director.holds()
    assert peer.entered("MASTER") == 0
    assert director.address_events() == []


@pytest.mark.parametrize("kind", [Installed, FormerInstalled])
def test_upgrade_and_back(network: Network, kind: type[Installed]) -> None:
    director, peer = pair(network, kind)
    parent = director.pid("lvsd")
    assert director.digest() == OLD
    director.version(NEW)
    for digest in (NEW, OLD):
        director.switch(digest)
        before = director.pid("vrrp")
        code, out, err = director.lvsctl("reexec", "--json")
        assert (code, err) == (0, "")
        after = json.loads(out)["after"]
        assert {name: version["digest"] for name, version in after.items()} == {"lvsd": digest, "vrrp": digest}
        assert after["lvsd"]["pid"] == parent
        assert gone(before)
        undisturbed(director, peer)


def test_a_version_that_cannot_be_imported(network: Network) -> None:
    director, peer = pair(network)
    before = director.pid("vrrp")
    director.version(NEW, vrrp__fsm=UNIMPORTABLE)
    code, _, err = director.lvsctl("reexec")
    assert code == 1
    assert "No module named 'no_such_module'" in err
    assert (director.digest(), director.pid("vrrp")) == (OLD, before)
    undisturbed(director, peer)


def test_a_version_whose_worker_dies_and_the_way_back(network: Network) -> None:
    """The worker of before goes on beneath the new parent, and is adopted by the next one."""
    director, peer = pair(network)
    before = director.pid("vrrp")
    director.version(NEW, vrrp__worker=DYING)
    code, _, err = director.lvsctl("reexec")
    assert code == 1
    assert "vrrp: ended with exit code 3 before it took over" in err
    assert (director.digest(), director.pid("vrrp")) == (OLD, before)
    director.switch(OLD)
    assert director.lvsctl("reexec")[0] == 0
    assert director.pid("vrrp") == before
    undisturbed(director, peer)


def test_crashes_of_worker_and_parent(network: Network) -> None:
    director, peer = pair(network)
    worker = director.pid("vrrp")
    director.crash()
    director.start()
    eventually(lambda: director.worker("vrrp")["pid"] == worker, within=5)
    undisturbed(director, peer)
