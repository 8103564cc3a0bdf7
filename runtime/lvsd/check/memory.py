# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives the process, in STATE_DIR: the operator's orders, and which services of the kernel are ours.

A file that cannot be read, or is not what it should be, is named in a warning and counts as empty.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lvsd import regular_files

from . import overrides, ownership
from .overrides import Orders

T = TypeVar("T")
LARGEST = 64 << 20  # bytes


class Memory:
    """`write(path, text)` replaces a file whole or not at all; `boot` names this boot of the machine."""

    def __init__(
        self, folder: Path, boot: str, write: Callable[[Path, str], None], warn: Callable[[str], None]
    ) -> None:
        self._orders = folder / "servers.json"
        self._owned = folder / "services.json"
        self._boot = boot
        self._write = write
        self._warn = warn
        self._failed = False  # and that was said

    def read_orders(self) -> Orders:
        """Read the operator's orders; none, with a warning, where the file is not what it should be."""
        return self._read(self._orders, overrides.parse, {})

    def keep_orders(self, said: Orders) -> None:
        """Raises OSError."""
        self._write(self._orders, overrides.render(said))

    def read_owned(self) -> frozenset[str]:
        """Read which services are ours; none, with a warning, where the file is not what it should be."""
        return self._read(self._owned, lambda text: ownership.parse(text, self._boot), frozenset())

    def keep_owned(self, services: frozenset[str]) -> bool:
        """Whether they are stored.  A full disk must not keep the kernel's table from being right: it is warned of."""
        try:
            self._write(self._owned, ownership.render(services, self._boot))
        except OSError as error:
            if not self._failed:
                self._warn(f"{self._owned}: not written: {regular_files.reason(error)}")
            self._failed = True
            return False
        self._failed = False
        return True

    def _read(self, path: Path, parse: Callable[[str], T], nothing: T) -> T:
        try:
            return parse(regular_files.read(path, LARGEST).decode("utf-8"))
        except FileNotFoundError:
            return nothing
        except (OSError, ValueError) as error:
            self._warn(f"{path}: ignored: {regular_files.reason(error)}")
            return nothing
