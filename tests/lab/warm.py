# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saved boots: what an emulated machine wakes up from instead of booting.

Under emulation a boot takes ten to twenty seconds of processor time, and all machines boot the same way. So one of
each kind (number of interfaces, memory) is booted up to its last step, guest/lab-warm, and its memory and disk are
kept beside the image. A machine's first start wakes a copy and tells it over a virtio serial port who it is; later
starts and reboots are real boots. Copies share the machine id and the first boot id; clock and random seed are set
when ssh answers (clock.py).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from . import qmp
from .paths import LabError

if TYPE_CHECKING:
    from .machine import Machine

MARK = "lab: warm"
WAKING = 60.0  # seconds until a copy runs; one or two on an idle host
ANSWER = 20.0  # seconds until a running copy has read its name
BANDWIDTH = 1 << 40  # bytes a second: no limit


@dataclass(frozen=True, slots=True)
class Warm:
    """A saved boot."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk.qcow2"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def options(self) -> tuple[str, ...]:
        """For QEMU's command line, beside those of the machine itself."""
        return ("-incoming", f"exec:cat {self.state}")

    def introduce(self, machine: Machine) -> None:
        """Wait until the copy runs and tell it its name and addresses. LabError, OSError when it does not wake."""
        await_status(machine, "running", WAKING)
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER)
            line.connect(str(machine.port))
            line.sendall((" ".join((machine.name, *machine.boot_words)) + "\n").encode())
            with line.makefile("rb") as answers:  # QEMU drops what is still under way when the socket closes
                if answers.readline().strip() != machine.name.encode():
                    raise LabError(f"{machine.name} woke up but did not take its name")


def folder_name(interfaces: int, memory: int) -> str:
    """Of the boot that such machines wake up from; another QEMU or other devices cannot read it and have their own."""
    return f"warm-{interfaces}-{memory}-{devices():08x}"


@cache
def devices() -> int:
    """A number for QEMU's version and for machine.py, where the devices are chosen."""
    version = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, check=True).stdout
    return zlib.crc32(version + Path(__file__).with_name("machine.py").read_bytes())


def save(machine: Machine, folder: Path, within: float) -> Warm:
    """Wait until `machine`, started with `lab.warm`, has reached its last step, and move its state into `folder`."""
    deadline = time.monotonic() + within
    while not (machine.serial.exists() and MARK in machine.serial.read_text(errors="replace")):
        if time.monotonic() > deadline or machine.pid is None:
            raise LabError(f"the machine to be saved did not boot; console: {machine.serial}")
        time.sleep(0.1)
    draft = folder.with_name(folder.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    qmp.execute(machine.control, "migrate-set-parameters", **{"max-bandwidth": BANDWIDTH})
    qmp.execute(machine.control, "migrate", uri=f"exec:cat > {draft / 'state'}")
    await_migration(machine, deadline)
    machine.stop()
    shutil.move(machine.disk, draft / "disk.qcow2")
    draft.rename(folder)
    return Warm(folder)


def await_migration(machine: Machine, deadline: float) -> None:
    while True:
        status = qmp.execute(machine.control, "query-migrate").get("status")
        if status == "completed":
            return
        if status in ("failed", "cancelled") or time.monotonic() > deadline:
            raise LabError(f"the state of {machine.name} was not saved: {status}")
        time.sleep(0.05)


def await_status(machine: Machine, wanted: str, within: float) -> None:
    deadline = time.monotonic() + within
    while (status := qmp.execute(machine.control, "query-status")["status"]) != wanted:
        if time.monotonic() > deadline:
            raise LabError(f"{machine.name} did not wake up: {status}")
        time.sleep(0.05)
