# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that a successor finds, `vrrp.state` in RUNTIME_DIR, mapped into memory so that keeping it costs nothing.

A new set of instances replaces the whole file; what happens to an instance only stores numbers.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from pathlib import Path

from . import remembered
from .remembered import LONGEST, NUMBERS, SLOT, Numbers, Remembered, Slot, Subject


class Memory:
    """`boot` names this boot of the machine; a file that cannot be written costs the successor its knowledge only."""

    def __init__(self, path: Path, boot: str, warn: Callable[[str], None]) -> None:
        self.path = path
        self._boot = boot
        self._warn = warn
        self._subjects: tuple[Subject, ...] | None = None
        self._slots: list[Slot] = []

    def recall(self) -> tuple[Remembered, ...]:
        """What a predecessor has left; nothing, with a warning, where that is not what it should be."""
        try:
            with self.path.open("rb") as file:
                return remembered.decode(file.read(LONGEST + 1), self._boot)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            self._warn(f"{self.path}: ignored: {error}")
            return ()

    def keep(self, subjects: Sequence[Subject], every: Sequence[Numbers]) -> list[Slot]:
        """Where to store what becomes of each of these, with what is known of them now."""
        if tuple(subjects) == self._subjects:
            for slot, numbers in zip(self._slots, every, strict=True):
                slot.write(numbers)
            return self._slots
        try:
            self._slots = self._replace(remembered.encode(self._boot, subjects, every), len(subjects))
            self._subjects = tuple(subjects)
        except OSError as error:
            self._warn(f"{self.path}: not written: {error}")
            self.forget()  # better nothing than what is not true any more
            self._slots = [Slot() for _unused in subjects]
        return self._slots

    def _replace(self, content: bytes, count: int) -> list[Slot]:
        """Written before it is mapped: a store into a page for which there is no room would end the process."""
        if not count:
            self.forget()
            return []
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_bytes(content)
        with new.open("r+b") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), len(content)))
        new.replace(self.path)
        start = len(content) - count * SLOT.size
        stored = mapped[start:].cast("d")
        return [Slot(stored[at : at + NUMBERS]) for at in range(0, count * NUMBERS, NUMBERS)]

    def forget(self) -> None:
        """Nothing is left to a successor: everything was given up in order."""
        self._subjects, self._slots = None, []
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self._warn(f"{self.path}: not removed: {error}")
