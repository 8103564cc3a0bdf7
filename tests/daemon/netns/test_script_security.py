# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""enable_script_security, in the whole daemon, with real files: notify scripts.

Those of services and the checks are in tests/daemon/kernel/test_script_security.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from directors import ONE, Director
from network import Network, eventually, lines
from routers import RUNTIME

from tests.support.scripts import UNSAFE, Make, safe, spoil

GLOBALS = "global_defs {\n  enable_script_security\n  script_user root\n}\n"
KINDS = pytest.mark.parametrize("make", UNSAFE.values(), ids=UNSAFE)


class Scene:
    """A router with `notify_master`, which is under test, and `notify`, which runs behind it and is safe."""

    def __init__(self, network: Network, make: Make) -> None:
        self.folder = network.folder
        for name in ("first", "second"):
            (self.folder / name).mkdir()
        self.path = make(self.folder / "first", f"echo master >> {self.folder}/notes")
        behind = safe(self.folder / "second", f"echo $3 >> {self.folder}/notes")
        text = GLOBALS + ONE.replace(
            "interface eth0", f"interface eth0\n  notify_master {self.path}\n  notify {behind}"
        )
        self.director = Director(network, "a", "192.0.2.11/24", text)

    def notes(self) -> list[str]:
        return list(lines(self.folder / "notes"))

    def told(self) -> list[str]:
        return [line for line in lines(self.director.log) if f"{self.path} is not run" in line]

    def refused(self) -> list[dict[str, str]]:
        code, out, _ = self.director.lvsctl("status", "--json")
        assert code == 0
        return json.loads(out)["vrrp"]["refused_programs"]


def check(config: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "lvsd", "-t", "-f", str(config)]
    environment = {**os.environ, "PYTHONPATH": str(RUNTIME)}
    return subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=False)


@KINDS
@pytest.mark.beside
def test_a_script_that_others_can_change_is_not_run_and_told(network: Network, make: Make) -> None:
    scene = Scene(network, make)
    eventually(lambda: "MASTER" in scene.notes(), within=10)
    assert "master" not in scene.notes()
    assert len(scene.told()) == 1
    (refused,) = scene.refused()
    assert (refused["program"], refused["user"]) == (str(scene.path), "root")
    assert refused["reason"].endswith("and it would run as root")
    out = scene.director.lvsctl("status")[1]
    assert "PROGRAM NOT RUN" in out
    assert str(scene.path) in out


@KINDS
@pytest.mark.beside
def test_it_is_a_finding_of_the_check_and_of_a_reload(network: Network, make: Make) -> None:
    scene = Scene(network, make)
    done = check(scene.director.config)
    assert done.returncode == 6
    assert f"{scene.path} is not run" in done.stderr
    code, out, _ = scene.director.lvsctl("reload", "--json")
    assert code == 0
    written = scene.director.config.read_text().splitlines()
    line = next(n for n, text in enumerate(written, 1) if "notify_master" in text)
    findings = json.loads(out)["findings"]
    assert [finding["line"] for finding in findings if f"{scene.path} is not run" in finding["message"]] == [line]


@pytest.mark.beside
def test_a_script_that_is_changed_after_the_start_is_not_run_and_told_once(network: Network) -> None:
    scene = Scene(network, safe)
    eventually(lambda: scene.notes()[-1:] == ["MASTER"], within=10)
    assert scene.notes().count("master") == 1
    assert scene.told() == []
    assert scene.refused() == []
    assert check(scene.director.config).returncode == 0
    spoil(scene.path)
    for turn in (2, 3):
        assert scene.director.lvsctl("failover")[0] == 0
        eventually(lambda turn=turn: scene.notes().count("MASTER") == turn, within=10)
    assert scene.notes().count("master") == 1
    assert len(scene.told()) == 1
    assert [refused["program"] for refused in scene.refused()] == [str(scene.path)]
    scene.path.chmod(0o755)
    assert scene.director.lvsctl("failover")[0] == 0
    eventually(lambda: scene.notes().count("master") == 2, within=10)
    assert scene.refused() == []


@pytest.mark.beside
def test_a_script_without_execute_permission_is_not_run_without_enable_script_security(network: Network) -> None:
    scene = Scene(network, safe)
    eventually(lambda: scene.notes()[-1:] == ["MASTER"], within=10)
    scene.path.chmod(0o644)
    scene.director.config.write_text(scene.director.config.read_text().replace("  enable_script_security\n", ""))
    assert check(scene.director.config).returncode == 6
    assert scene.director.lvsctl("reload")[0] == 0
    (refused,) = scene.refused()
    assert refused["reason"].endswith("root has no execute permission (mode 0644)")


def test_the_check_needs_no_root_and_says_what_it_may_not_look_at(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    path = safe(hidden, "true")
    config = tmp_path / "lvsd.conf"
    config.write_text(GLOBALS + ONE.replace("interface eth0", f"interface eth0\n  notify {path}"))
    hidden.chmod(0o700)
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-m", "lvsd", "-t"]
    with config.open() as text:
        done = subprocess.run(
            [*words, "-f", "/dev/stdin"], stdin=text, capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "PYTHONPATH": str(RUNTIME), "PYTHONDONTWRITEBYTECODE": "1"}, cwd="/",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{path} cannot be looked at by this user" in done.stderr
