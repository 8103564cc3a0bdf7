# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""KVM or emulation: found out by a probe boot of the machines' own kernel, and remembered.

/dev/kvm may be there and still not run a stock kernel (nested virtualisation without the feature): QEMU then aborts,
or the machine hangs at its first instruction. What counts is the mark that the initial RAM disk writes.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path

from .image import Image
from .paths import Paths, Progress

MARK = "lab: initial RAM disk"
PATIENCE = 6.0  # seconds; a kernel under KVM gets there in less than one
OPTIONS = {
    "kvm": ["-accel", "kvm", "-cpu", "host"],
    "tcg": ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max"],
}


def choose(where: Paths, image: Image, say: Progress) -> str:
    """ "kvm" or "tcg". LVS_LAB_ACCELERATOR in the environment decides without a probe."""
    forced = os.environ.get("LVS_LAB_ACCELERATOR")
    if forced in OPTIONS:
        return forced
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    memory = where.cache / "accelerator.json"
    host = f"{image.digest} {platform.release()} {processor()}"
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        known = {}
    if known.get("host") != host:
        say("probing KVM with the machines' kernel")
        known = {"host": host, "accelerator": "kvm" if probe(image) else "tcg"}
        memory.write_text(json.dumps(known) + "\n")
        say(f"accelerator: {known['accelerator']}")
    return str(known["accelerator"])


def processor() -> str:
    rows = Path("/proc/cpuinfo").read_text().splitlines()
    return next((row.partition(":")[2].strip() for row in rows if row.startswith("model name")), "unknown")


def probe(image: Image) -> bool:
    """Boot the kernel without a disk under KVM; whether its mark appears on the serial line in time."""
    with tempfile.TemporaryDirectory(prefix="lvs-lab-") as folder:
        serial = Path(folder) / "serial"
        process = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", "q35", *OPTIONS["kvm"], "-m", "256", "-nodefaults", "-display", "none",
             "-no-reboot", "-serial", f"file:{serial}", "-kernel", str(image.kernel), "-initrd", str(image.initrd),
             "-append", "console=ttyS0 quiet panic=-1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and process.poll() is None:
                if serial.exists() and MARK in serial.read_text(errors="replace"):
                    return True
                time.sleep(0.05)
            return False
        finally:
            process.kill()
            process.wait()
