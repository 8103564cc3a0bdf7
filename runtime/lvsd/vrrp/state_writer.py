# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every instance into the state file when the file does not fit the instances any more.

In between each instance stores its own numbers in its slot (`Instance.note`).
"""

from __future__ import annotations

from lvsd.loop import Loop, Timer

from .instance import Instance
from .state_file import StateFile

AGAIN = 2.0  # seconds until a file for which there was no room is tried again


class StateWriter:
    """`stale`: other instances, or other addresses of theirs, than the file has."""

    def __init__(self, loop: Loop, file: StateFile) -> None:
        self.stale = True
        self._loop = loop
        self._file = file
        self._instances: list[Instance] = []
        self._retry: Timer | None = None
        self._ended = False

    def write(self, instances: list[Instance]) -> None:
        """Write all of them, as they are now."""
        self.stale = False
        self._instances = instances
        self._write()

    def end(self) -> None:
        """Do not try again what had no room."""
        self._ended = True

    def _write(self) -> None:
        instances = self._instances
        slots = self._file.keep([i.subject for i in instances], [i.numbers() for i in instances])
        for instance, slot in zip(instances, slots, strict=True):
            instance.slot = slot
        if self._file.failed and self._retry is None and not self._ended:
            self._retry = self._loop.call_later(AGAIN, self._again)

    def _again(self) -> None:
        self._retry = None
        if self._file.failed and not self._ended:
            self._write()
