# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as a host runs them, in a process of their own; a daemon that answers on real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ansible
import pytest
from ansible.module_utils.common.parameters import PASS_VARS

Answer = dict[str, Any]
Run = Callable[..., Answer]

MODULES = "ansible_collections.lvs.director.plugins.modules"
PLACES = [*map(Path, sys.path), *Path(__file__).parents]
COLLECTIONS = next(place for place in PLACES if (place / "ansible_collections" / "lvs" / "director").is_dir())
# where a process of its own finds the collection and Ansible, whatever loaded them here
PACKAGES = os.pathsep.join([str(COLLECTIONS), str(Path(ansible.__file__).parents[1])])


class Daemon:
    """Speaks the control sockets' protocol; each worker answers from a table of functions, one for each verb."""

    def __init__(self, runtime_dir: Path) -> None:
        self.runtime_dir = runtime_dir
        self.asked: list[tuple[str, str]] = []
        self.services: list[Answer] = []
        self.instances: list[Answer] = []
        self.loaded_at = 2e9
        self.pid = 0  # of no process, so the interfaces that it has are not known
        self.groups: list[Answer] = [{"name": "g", "state": "Backup", "members": ["a"]}]
        self.refused: list[str] = []  # by the kernel
        self.refusal: Answer | None = None
        self.connections: list[int] = []  # what `show` says one after the other; the last one stays
        self._sockets: list[socket.socket] = []
        runtime_dir.mkdir(parents=True, exist_ok=True)
        for worker in ("lvsd", "vrrp", "checker"):
            self._listen(worker)

    def _listen(self, worker: str) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(os.fspath(self.runtime_dir / f"{worker}.sock"))
        listener.listen(8)
        self._sockets.append(listener)
        threading.Thread(target=self._serve, args=(worker, listener), daemon=True).start()

    def _serve(self, worker: str, listener: socket.socket) -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    request = json.loads(line)
                    self.asked.append((worker, request["verb"]))
                    connection.sendall(json.dumps({"version": 1, **self.answer(worker, request)}).encode() + b"\n")

    def answer(self, worker: str, request: Answer) -> Answer:
        verb = request["verb"]
        if verb == "show":
            return {"ok": True, **self.show(worker)}
        if verb == "ping":
            return {"ok": True, "pid": os.getpid()}
        if verb == "reload":
            return self.refusal or {"ok": True, "changes": {}}
        if verb in ("drain", "enable", "weight"):
            return self._admin(verb, request)
        return {"ok": False, "error": f"no verb {verb!r}"}

    def show(self, worker: str) -> Answer:
        if worker == "lvsd":
            return {"pid": self.pid, "version": "test", "workers": [], "loaded_at": self.loaded_at}
        if worker == "vrrp":
            return {"instances": self.instances, "groups": self.groups}
        for service in self.services:
            for server in service["servers"]:
                server["active_connections"] = self.connections[0] if self.connections else 0
        self.connections = self.connections[1:] or self.connections
        return {"services": self.services, "refused": self.refused}

    def _admin(self, verb: str, request: Answer) -> Answer:
        for service in self.services:
            for server in service["servers"]:
                if (service["key"], server["key"]) == (request["service"], request["server"]):
                    if verb == "weight":
                        server["weight_override"] = request["weight"]
                    else:
                        server["admin"] = "drained" if verb == "drain" else "enabled"
                    return {"ok": True, "server": server}
        return {"ok": False, "error": "no such server"}

    def close(self) -> None:
        for listener in self._sockets:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@pytest.fixture
def host(tmp_path: Path) -> dict[str, str]:
    """The directories of a host, as module options."""
    return {
        "config_dir": str(tmp_path / "etc"),
        "runtime_dir": str(tmp_path / "run"),
        "lvsd_path": str(tmp_path / "sbin" / "lvsd"),
    }


@pytest.fixture
def daemon(host: dict[str, str]) -> Iterator[Daemon]:
    found = Daemon(Path(host["runtime_dir"]))
    yield found
    found.close()


def run_module(
    name: str, options: Answer, tmp_path: Path, *, check: bool = False, before: Sequence[str] = ()
) -> Answer:
    """Run a module with a Python of its own, `before` its command line; its result, with the exit code as `rc`."""
    ansible = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": str(tmp_path / "remote")}
    if "inject_invocation" in PASS_VARS:  # since ansible-core 2.20 a module tells its arguments when it is asked to
        ansible["_ansible_inject_invocation"] = True
    done = subprocess.run(
        [*before, sys.executable, "-m", f"{MODULES}.{name}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {**options, **ansible}}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": PACKAGES},
    )
    assert done.stdout.strip(), done.stderr
    result: Answer = json.loads(done.stdout)
    return {**result, "rc": done.returncode}


@pytest.fixture
def run(tmp_path: Path, host: dict[str, str]) -> Run:
    """`run(module, check=False, **options)` on the host of this test."""

    def go(module: str, /, *, check: bool = False, before: Sequence[str] = (), **options: Any) -> Answer:
        shared = {} if module == "director_info" else {"lvsd_path": host["lvsd_path"]}
        directories = {"config_dir": host["config_dir"], "runtime_dir": host["runtime_dir"]}
        return run_module(module, {**directories, **shared, **options}, tmp_path, check=check, before=before)

    return go


SMALL_DISK = """
mount -t tmpfs -o "size=$1k" tmpfs "$2" && cp -a "$3/." "$2/" || exit 99
folder=$2 outcome=$3; shift 3
"$@"; code=$?
rm -rf "$outcome"; cp -a "$folder" "$outcome"; exit $code
"""


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[list[str]]:
    """Words before a command, with which it finds `folder` on a disk of that size; then what it left is in `folder`."""
    outcome = folder.with_name(f"{folder.name}.outcome")
    folder.mkdir(parents=True, exist_ok=True)
    folder.rename(outcome)
    folder.mkdir()
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    try:
        yield [*unshare, "sh", "-c", SMALL_DISK, "sh", str(kib), str(folder), str(outcome)]
    finally:
        folder.rmdir()
        outcome.rename(folder)


def program(path: str, text: str) -> None:
    """Put an executable in place."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
    Path(path).chmod(0o755)
