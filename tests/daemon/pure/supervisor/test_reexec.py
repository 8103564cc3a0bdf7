# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent becomes another version of itself, in the same process, and its workers follow."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from daemons import BROKEN, CHECKER, VRRP, Daemon, alive, eventually
from lvsd.ctl.__main__ import main as lvsctl

OLD, NEW = "1" * 16, "2" * 16


class Installed:
    """A program beside the daemon, as `director_runtime` installs it, whose version is what `version` says."""

    def __init__(self, daemon: Daemon, tmp_path: Path) -> None:
        self.daemon = daemon
        self.program = tmp_path / "lvsd"
        self.version = tmp_path / "version"
        self.write(f'DIGEST="$(cat {self.version})" exec {sys.executable} {Path(__file__).parent}/quick_parent.py "$@"')
        daemon.environment |= {"LVSD_PROGRAM": str(self.program), "DIGEST": OLD}
        self.version.write_text(NEW)

    def write(self, line: str) -> None:
        self.program.write_text(f"#!/bin/sh\n{line}\n")
        self.program.chmod(0o755)

    def complete(self) -> dict[str, Any]:
        """`show` of the image that came after."""
        return eventually(lambda: self._complete(), within=10)

    def _complete(self) -> dict[str, Any] | None:
        shown = self.daemon.ask("show")
        return shown if shown["complete"] and shown["digest"] == NEW else None


@pytest.fixture
def installed(daemon: Daemon, tmp_path: Path) -> Installed:
    return Installed(daemon, tmp_path)


def test_parent_and_workers_become_the_new_version(daemon: Daemon, installed: Installed) -> None:
    daemon.environment["WATCHDOG_USEC"] = "600000000"
    daemon.start(VRRP + CHECKER)
    parent, before = daemon.process.pid, (daemon.pid("vrrp"), daemon.pid("checker"))
    answer = daemon.ask("reexec")
    assert f"(pid {os.getpid()}) to become the installed version" in daemon.log.read_text()
    assert (answer["ok"], answer["pid"], answer["digest"]) == (True, parent, OLD)
    said = [daemon.notified.recv(4096).decode() for _ in range(4)]
    assert [line.split("\n")[0] for line in said] == ["RELOADING=1", "WATCHDOG=1", "WATCHDOG=1", "READY=1"]
    shown = installed.complete()
    assert shown["pid"] == parent
    assert {worker["digest"] for worker in shown["workers"]} == {NEW}
    assert shown["takeover"]["replaced"] == ["checker", "vrrp"]
    assert daemon.lines("ended") == []
    eventually(lambda: not any(map(alive, before)), within=5)
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert daemon.lines("ended") == ["vrrp", "checker"]


def test_the_workers_of_the_same_version_are_kept(daemon: Daemon, installed: Installed) -> None:
    installed.version.write_text(OLD)
    daemon.start(VRRP + CHECKER)
    before, started_at = (daemon.pid("vrrp"), daemon.pid("checker")), daemon.ask("show")["started_at"]
    assert daemon.ask("reexec")["ok"] is True
    eventually(lambda: daemon.ask("show")["started_at"] > started_at and daemon.ask("show")["complete"], within=10)
    assert (daemon.pid("vrrp"), daemon.pid("checker")) == before
    os.kill(before[0], signal.SIGKILL)  # still a child: its exit code is known
    eventually(lambda: daemon.pid("vrrp") != before[0], within=5)
    assert any("vrrp: ended with signal SIGKILL" in message for message in daemon.messages())


def test_in_a_checkout_it_starts_again_as_it_was_typed(daemon: Daemon) -> None:
    daemon.start(VRRP)
    vrrp, started_at = daemon.pid("vrrp"), daemon.ask("show")["started_at"]
    assert daemon.ask("reexec")["ok"] is True
    eventually(lambda: daemon.ask("show")["started_at"] > started_at, within=10)
    assert daemon.pid("vrrp") == vrrp


def open_files(pid: int) -> set[str]:
    found = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.add(fd.readlink().name)
    return found


def test_the_lock_is_never_free(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    held = threading.Event()
    lost: list[str] = []

    def look() -> None:
        command = ["flock", "--nonblock", str(daemon.run / "lvsd.lock"), "true"]
        while not held.is_set():
            if subprocess.run(command, check=False).returncode == 0:
                lost.append("free")
            time.sleep(0.005)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        assert daemon.ask("reexec")["ok"] is True
        installed.complete()
    finally:
        held.set()
        thread.join()
    assert lost == []
    assert "lvsd.lock" not in open_files(daemon.pid("vrrp"))


def test_it_can_be_done_again_and_leaves_nothing_to_the_workers(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    for digest in (NEW, OLD):
        installed.version.write_text(digest)
        assert daemon.ask("reexec")["ok"] is True
        eventually(lambda: daemon.ask("show")["complete"] and daemon.workers()["vrrp"]["digest"] == digest, within=10)  # noqa: B023
    assert "LVSD_INHERITANCE" not in Path(f"/proc/{daemon.pid('vrrp')}/environ").read_text()


def test_lvsctl_waits_and_prints_the_versions(
    daemon: Daemon, installed: Installed, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.start(VRRP)
    assert lvsctl(["--runtime-dir", str(daemon.run), "reexec"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[2], row[6]) for row in rows[1:]] == [("lvsd", OLD, NEW), ("vrrp", OLD, NEW)]
    daemon.behave(vrrp={"exit": 3})
    installed.version.write_text(OLD)
    assert lvsctl(["--runtime-dir", str(daemon.run), "reexec", "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["after"]["vrrp"]["digest"] == NEW
    assert "not all was replaced: vrrp: ended with exit code 3 before it took over" in err
    installed.write("exit 7")
    assert lvsctl(["--runtime-dir", str(daemon.run), "reexec"]) == 1
    assert "the new version cannot run: exit code 7" in capsys.readouterr().err


# --- refused ---


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("echo 'SyntaxError: invalid syntax' >&2; exit 1", "SyntaxError: invalid syntax"),
        ("kill -SEGV $$", "signal SIGSEGV"),
        ("exit 7", "exit code 7"),
    ],
)
def test_a_new_version_that_cannot_run_is_refused(daemon: Daemon, installed: Installed, line: str, reason: str) -> None:
    daemon.start(VRRP)
    before = daemon.pid("vrrp"), daemon.ask("show")["started_at"]
    installed.write(line)
    assert daemon.ask("reexec")["error"] == f"the new version cannot run: {reason}"
    assert (daemon.pid("vrrp"), daemon.ask("show")["started_at"]) == before
    assert daemon.ask("reload")["ok"] is True


def test_a_program_that_is_not_there_is_refused(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    installed.program.unlink()
    assert f"{installed.program} cannot be started" in daemon.ask("reexec")["error"]
    assert daemon.ask("show")["digest"] == OLD


def test_a_wrong_configuration_is_refused_with_its_findings(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    daemon.write(BROKEN)
    answer = daemon.ask("reexec")
    assert "lvsd.conf:3:" in answer["error"]
    assert [finding["line"] for finding in answer["findings"]] == [3]
    assert daemon.ask("show")["digest"] == OLD


def test_an_unknown_keyword_that_a_daemon_runs_with_is_no_reason_to_refuse(
    daemon: Daemon, installed: Installed
) -> None:
    daemon.start(VRRP.replace("    priority 100\n", "    priority 100\n    unheard_of 1\n"))
    assert daemon.ask("reexec")["ok"] is True
    installed.complete()


def asking(daemon: Daemon) -> tuple[threading.Thread, list[dict[str, Any]]]:
    """A request for another version whose answer comes later."""
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(daemon.ask("reexec")))
    thread.start()
    return thread, answers


def test_one_reexec_at_a_time(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    installed.write('touch "$0.began"; while [ ! -e "$0.go" ]; do sleep 0.02; done; exit 1')
    first, answers = asking(daemon)
    eventually(installed.program.with_suffix(".began").exists, within=5)
    assert daemon.ask("reexec")["error"] == "another version is being tried already"
    installed.program.with_suffix(".go").touch()
    first.join()
    assert "exit code 1" in answers[0]["error"]


def test_a_stop_does_not_wait_for_the_new_version(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    installed.write('echo $$ > "$0.new"; mv "$0.new" "$0.pid"; exec sleep 60')
    thread, _ = asking(daemon)
    pid = int(eventually(lambda: installed.program.with_suffix(".pid").read_text(), within=5))
    daemon.process.terminate()
    assert daemon.wait() == 0
    thread.join()
    eventually(lambda: not alive(pid), within=2)
    assert daemon.lines("ended") == ["vrrp"]


def test_a_new_version_waits_for_the_end_of_a_reload(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    daemon.behave(vrrp={"mute": True})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    answers: list[dict[str, Any]] = []
    reload = threading.Thread(target=lambda: answers.append(daemon.ask("reload")))
    reload.start()
    assert daemon.ask("reexec")["ok"] is True
    reload.join()
    assert answers[0]["error"] == "vrrp: no answer"
    daemon.behave()
    installed.complete()


def test_a_stop_between_the_images_is_heard(daemon: Daemon, installed: Installed) -> None:
    daemon.start(VRRP)
    vrrp = daemon.pid("vrrp")
    quick_parent = Path(__file__).parent / "quick_parent.py"
    installed.program.write_text(
        f"#!{sys.executable}\n"
        "import runpy, sys, time\n"
        'if "-t" not in sys.argv: open(__file__ + ".began", "w").close(); time.sleep(0.5)\n'
        f'runpy.run_path("{quick_parent}", run_name="__main__")\n'
    )
    assert daemon.ask("reexec")["ok"] is True
    eventually(installed.program.with_suffix(".began").exists, within=5)
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert daemon.lines("ended") == ["vrrp"]
    assert not alive(vrrp)
