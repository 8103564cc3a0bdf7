# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps RUNTIME_DIR/checker/checker.state up to date, before the kernel's table changes.

A change costs one appended line, and all changes of one wake-up one write, however many checks there are.  Once
the file holds more history than present (twice its lines and `SLACK` more), it is written anew: each line pays for one
more at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from lvsd import regular_files
from lvsd.loop import Loop, Timer

from . import state_codec
from .health import Health
from .state_codec import NO_RESULTS, Results

SLACK = 1000  # lines
LARGEST = 64 << 20  # bytes
WRITE_AGAIN = 2.0  # seconds


class CheckStateFile:
    """The file `checker.state`. One that cannot be written costs the next process its knowledge only."""

    def __init__(self, loop: Loop, path: Path, boot: str, warn: Callable[[str], None]) -> None:
        self.path = path
        self.written = 0  # lines since the start: what keeping the file costs
        self._loop = loop
        self._boot = boot
        self._warn = warn
        self._present: dict[str, str] = {}  # what a line is about -> the line
        self._new: dict[str, str] = {}
        self._lines = 0  # in the file
        self._due: Timer | None = None
        self._broken = False
        self._again: Timer | None = None  # there was no room for it
        self._removed = False

    def read(self) -> Results:
        """What a predecessor left; nothing, with a warning, when it cannot be used."""
        try:
            content = regular_files.read(self.path, LARGEST)
            if len(content) > LARGEST:
                raise ValueError(f"it has more than {LARGEST} bytes")
            return state_codec.parse(content.decode("utf-8"), self._boot)
        except FileNotFoundError:
            return NO_RESULTS
        except (OSError, ValueError) as error:
            self._warn(f"{self.path}: ignored: {regular_files.reason(error)}")
            return NO_RESULTS

    def check(self, name: str, health: Health) -> None:
        """Keep what a check has found."""
        self._note(f"check {name}", state_codec.check(name, health))

    def quorum(self, service: str, up: bool) -> None:
        """Keep whether a service has its quorum."""
        self._note(f"quorum {service}", state_codec.quorum(service, up))

    def restart(self, checks: dict[str, Health], quorums: dict[str, bool]) -> None:
        """Forget all but these, and write the file anew."""
        self._present = {f"check {name}": state_codec.check(name, health) for name, health in checks.items()}
        self._present |= {f"quorum {service}": state_codec.quorum(service, up) for service, up in quorums.items()}
        self._new = {}
        self._rewrite()

    def flush(self) -> None:
        """What was noted is in the file when this returns."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self._new:
            return
        new, self._new = self._new, {}
        self._present.update(new)
        if self._lines + len(new) > 2 * len(self._present) + SLACK or not self._append(new.values()):
            self._rewrite()

    def write_again(self) -> None:
        """Write the file anew, as it was removed from outside."""
        if not self._removed:
            self.flush()
            self._rewrite()

    def remove(self) -> None:
        """Nothing is left to adopt."""
        self._removed = True
        self._new = {}
        try:
            regular_files.check(self.path)
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self._warn(f"{self.path}: not removed: {regular_files.reason(error)}")

    def _note(self, subject: str, line: str) -> None:
        if self._new.get(subject, self._present.get(subject)) == line:
            return
        self._new[subject] = line
        if self._due is None:
            self._due = self._loop.call_at(self._loop.now, self.flush)

    def _append(self, lines: Collection[str]) -> bool:
        """False when the file has to be written anew."""
        try:
            with regular_files.appending(self.path) as file:
                if self._broken or file.tell() == 0:
                    return False
                file.write("".join(lines))
        except OSError:
            return False
        self._lines += len(lines)
        self.written += len(lines)
        return True

    def _rewrite(self) -> None:
        """Whole or not at all.  A file that cannot be kept up to date is worse than none."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._removed:
            return
        text = state_codec.header(self._boot) + "".join(self._present.values())
        try:
            regular_files.make_folder(self.path.parent)
            regular_files.place(self.path, text.encode("utf-8"), regular_files.SHARED)
        except OSError as error:
            if not self._broken:
                self._warn(f"{self.path}: not written, a successor would begin anew: {regular_files.reason(error)}")
            self._broken = True
            self._forget()
            self._again = self._loop.call_later(WRITE_AGAIN, self._rewrite)
            return
        if self._broken:
            self._broken = False
            self._warn(f"{self.path}: written again")
        self._lines = 1 + len(self._present)
        self.written += self._lines

    def _forget(self) -> None:
        try:
            regular_files.check(self.path)  # what is no file of ours stays
            self.path.unlink(missing_ok=True)
        except OSError:
            pass  # the warning above is what there is to say
