# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps its things, the error it raises, and how it reports progress.

CACHE/images/DIGEST/   kernel, initial RAM disk, disk, ssh key: built once
CACHE/accelerator.json what a probe boot found out about KVM on this host
CACHE/run/NAME/        one lab: state.json, logs, disk overlays
/run/lvs-NAME/         its sockets (a socket's path must be short)
"""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
NAME = re.compile(r"[a-z][a-z0-9]{0,7}")


class LabError(Exception):
    """The lab cannot do what was asked; the message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class Paths:
    """One lab's places. `name` (at most 8 letters and digits) lets several labs run beside each other."""

    cache: Path
    name: str = "lab"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise LabError(f"lab name {self.name!r}: up to 8 lower-case letters and digits, a letter first")

    @property
    def images(self) -> Path:
        return self.cache / "images"

    @property
    def run(self) -> Path:
        return self.cache / "run" / self.name

    @property
    def state(self) -> Path:
        return self.run / "state.json"

    @property
    def logs(self) -> Path:
        return self.run / "logs"

    @property
    def disks(self) -> Path:
        return self.run / "disks"

    @property
    def sockets(self) -> Path:
        return Path("/run") / f"lvs-{self.name}"

    @property
    def namespace(self) -> str:
        """The network namespace that holds the bridges and taps."""
        return f"lvs-{self.name}"

    @property
    def host_link(self) -> str:
        """The host's end of the management link."""
        return f"lvs-{self.name}"

    def client_namespace(self, client: str) -> str:
        return f"lvs-{self.name}-{client}"


def paths() -> Paths:
    """From the environment: LVS_LAB_CACHE (default: .cache/lab in the repository), LVS_LAB_NAME (default: lab)."""
    cache = os.environ.get("LVS_LAB_CACHE") or REPOSITORY / ".cache" / "lab"
    return Paths(Path(cache).resolve(), os.environ.get("LVS_LAB_NAME") or "lab")


def require_root() -> None:
    if os.geteuid() != 0:
        raise LabError("root is needed: the lab makes network namespaces, taps and a disk image. Run it with sudo.")


class Progress:
    """Lines on standard error, each with the seconds since the start."""

    def __init__(self, title: str, quiet: bool = False) -> None:
        self.title = title
        self.quiet = quiet
        self.started = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def __call__(self, message: str) -> None:
        if not self.quiet:
            print(f"{self.title} {self.elapsed:6.1f} s  {message}", file=sys.stderr, flush=True)
