# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that a successor finds, vrrp/vrrp.state in RUNTIME_DIR, mapped into memory: keeping it costs nothing.

A new set of instances replaces the whole file; what happens to an instance only stores numbers.  A file for which there
was no room is written by the next `keep`; `failed` says that there should be one.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from pathlib import Path

from lvsd import regular_files

from . import state_codec
from .state_codec import LONGEST, NUMBERS, SLOT, Numbers, Remembered, Slot, Subject


class StateFile:
    """`boot` names this boot of the machine; a file that cannot be written costs the successor its knowledge only."""

    def __init__(self, path: Path, boot: str, warn: Callable[[str], None]) -> None:
        self.path = path
        self._boot = boot
        self._warn = warn
        self._subjects: tuple[Subject, ...] | None = None
        self._slots: list[Slot] = []
        self.failed = False  # what is known is in no file

    def recall(self) -> tuple[Remembered, ...]:
        """What a predecessor has left; nothing, with a warning, where that is not what it should be."""
        try:
            return state_codec.decode(regular_files.read(self.path, LONGEST), self._boot)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            self._warn(f"{self.path}: ignored: {regular_files.reason(error)}")
            return ()

    def keep(self, subjects: Sequence[Subject], every: Sequence[Numbers]) -> list[Slot]:
        """Where to store what becomes of each of these, with what is known of them now."""
        if tuple(subjects) == self._subjects:
            for slot, numbers in zip(self._slots, every, strict=True):
                slot.write(numbers)
            return self._slots
        try:
            self._slots = self._replace(state_codec.encode(self._boot, subjects, every), len(subjects))
        except OSError as error:
            self._fail(error)
            self._slots = [Slot() for _unused in subjects]
            return self._slots
        self._subjects = tuple(subjects)
        if self.failed:
            self.failed = False
            self._warn(f"{self.path}: written again")
        return self._slots

    def _fail(self, error: OSError) -> None:
        """Said once.  Better no file than one that is not true any more."""
        if not self.failed:
            self._warn(f"{self.path}: not written, a successor would begin anew: {regular_files.reason(error)}")
        self.failed = True
        self._subjects, self._slots = None, []
        try:
            regular_files.check(self.path)  # what is no file of ours stays
            self.path.unlink(missing_ok=True)
        except OSError:
            pass  # the line above is what there is to say

    def _replace(self, content: bytes, count: int) -> list[Slot]:
        """Written before it is mapped: a store into a page for which there is no room would end the process."""
        if not count:
            self.forget()
            return []
        regular_files.place(self.path, content, regular_files.SHARED)
        with regular_files.changing(self.path) as file:
            mapped = memoryview(mmap.mmap(file.fileno(), len(content)))
        start = len(content) - count * SLOT.size
        stored = mapped[start:].cast("d")
        return [Slot(stored[at : at + NUMBERS]) for at in range(0, count * NUMBERS, NUMBERS)]

    def forget(self) -> None:
        """Nothing is left to a successor: everything was given up in order."""
        self._subjects, self._slots = None, []
        self.failed = False
        try:
            regular_files.check(self.path)
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self._warn(f"{self.path}: not removed: {regular_files.reason(error)}")
