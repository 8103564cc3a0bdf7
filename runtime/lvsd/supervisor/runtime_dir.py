# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RUNTIME_DIR while a parent runs: what was removed from it is put back, before a worker misses it.

The sockets come back by themselves (control/server.py), and each process writes its pid file again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lvsd import regular_files
from lvsd.worker import own_files
from lvsd.worker.registry import WORKERS
from lvsd.worker.system_user import on_this_host

from . import daemonize, worker_config
from .last_good import RunningConfiguration, keep_good


class RuntimeDirectory:
    """The lock, each worker's part, and the folder that is its own.  `say` gets a line for the log."""

    def __init__(self, path: Path, lock: int, say: Callable[[str], None]) -> None:
        self.path = path
        self.lock = lock
        self.say = say
        self._said = ""  # why it cannot be put right

    def put_right(self, running: RunningConfiguration) -> bool:
        """Whether something was missing, and is back."""
        missing = [name for name in running.parts.texts if not worker_config.file_of(self.path, name).exists()]
        folders = [name for name in running.parts.needed if not (self.path / name).is_dir()]
        locked = self._locked()
        if locked and not (missing or folders):
            self._said = ""
            return False
        try:
            regular_files.make_folder(self.path)
            if not (locked or self._take_lock()):
                self._complain(f"lvsd: another lvsd has begun to use {self.path}")
                return False
            worker_config.write(self.path, {name: running.parts.texts[name] for name in missing})
            for name in folders:
                own_files.folder(WORKERS[name], self.path, on_this_host())
        except OSError as error:
            then = "lvsd tries again" if self.path.is_dir() else "systemctl restart lvsd"
            self._complain(f"lvsd: files have gone from {self.path} and cannot be put back: {error.strerror}; {then}")
            return False
        if not running.fallback:
            keep_good(self.path, running.loaded)
        self._said = ""
        self.say(f"lvsd: another program has removed files from {self.path}; lvsd has put them back")
        return True

    def _locked(self) -> bool:
        try:
            return os.path.samestat(os.stat(lock_file(self.path)), os.fstat(self.lock))
        except OSError:
            return False

    def _take_lock(self) -> bool:
        """The file that was locked has no name any more, so that another parent would lock a new one."""
        lock = daemonize.lock(lock_file(self.path))
        if lock is None:
            return False
        os.close(self.lock)
        self.lock = lock
        return True

    def _complain(self, why: str) -> None:
        if why != self._said:
            self._said = why
            self.say(why)


def lock_file(runtime_dir: Path) -> Path:
    """Return the path of the file that the one parent of a RUNTIME_DIR holds locked."""
    return runtime_dir / "lvsd.lock"
