# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the saved boots (warm.py) that a topology's machines wake up from, in a small lab of its own."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from . import network, remains
from .image import Image
from .image import lock as image_lock
from .machine import BOOT_TIMEOUT, Machine
from .paths import Paths, Progress
from .topology import Link, MachineSpec, Network, Topology
from .warm import Warm, folder_name, save

Kind = tuple[int, int]  # links beside the management link, MiB of memory


def saved_boots(where: Paths, image: Image, topology: Topology, say: Progress) -> dict[str, Warm]:
    """Machine name -> the boot it wakes up from; those that are missing are made. LVS_LAB_COLD=1: none."""
    if os.environ.get("LVS_LAB_COLD"):
        return {}
    kinds = {machine.name: (len(machine.links), machine.memory) for machine in topology.machines}
    if missing(image, kinds.values()):
        with image_lock(where.images / "lock", say):
            wanted = missing(image, kinds.values())  # another process may have made some meanwhile
            if wanted:
                make(where, image, wanted, say)
    return {name: Warm(image.folder / folder_name(*kind)) for name, kind in kinds.items()}


def missing(image: Image, kinds: Iterable[Kind]) -> list[Kind]:
    return sorted(kind for kind in set(kinds) if not (image.folder / folder_name(*kind)).exists())


def make(where: Paths, image: Image, kinds: list[Kind], say: Progress) -> None:
    """Boot one machine of each kind to its last step and keep it. Leaves nothing else, also when it fails."""
    own = Paths(where.cache, f"w{zlib.crc32(str(where.cache).encode()):07x}"[:8])
    machines = [MachineSpec(f"kind-{n}", (Link("wire"),) * kind[0], (), kind[1]) for n, kind in enumerate(kinds)]
    topology = Topology("warm", (Network("wire"),), tuple(machines))
    say(f"booting {len(kinds)} machine(s) once, to wake copies of them from now on")
    remains.remove(own)
    try:
        for folder in (own.logs, own.disks, own.sockets):
            folder.mkdir(parents=True, exist_ok=True)
        network.build(own, topology)
        cores = sorted(os.sched_getaffinity(0))

        def boot(number: int) -> None:
            machine = Machine(f"kind-{number}", topology, own, image, "tcg", cores[number % len(cores)])
            machine.serial.unlink(missing_ok=True)
            machine.make_disk()
            machine.launch(machine.qemu(("lab.warm",)))
            save(machine, image.folder / folder_name(*kinds[number]), BOOT_TIMEOUT)

        with ThreadPoolExecutor(max_workers=len(kinds)) as pool:
            list(pool.map(boot, range(len(kinds))))
        say("saved")
    finally:
        remains.remove(own)
