# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab, from nothing to nothing: `up`, `attach`, `down`, and `leftovers` that proves it.

state.json is written before anything is built, so whatever a crash leaves is found at the next start.
"""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from . import image, network, process
from .accelerator import choose
from .client import Client
from .machine import Machine
from .paths import LabError, Paths, Progress, paths, require_root
from .prepare import saved_boots
from .remains import lock, read_state, remove
from .topology import PAIR, Topology
from .warm import Warm


class Lab:
    """The machines and clients of one topology. A context manager: up on entry, down on exit."""

    def __init__(self, topology: Topology = PAIR, *, where: Paths | None = None, quiet: bool = False) -> None:
        self.topology = topology
        self.where = where or paths()
        self.say = Progress("lab", quiet)
        self.machines: dict[str, Machine] = {}
        self.clients = {c.name: Client(c.name, topology, self.where) for c in topology.clients}

    def machine(self, name: str) -> Machine:
        """LabError when there is none of that name."""
        if name not in self.machines:
            raise LabError(f"no machine {name!r}; there are: {', '.join(self.machines) or 'none, the lab is not up'}")
        return self.machines[name]

    def client(self, name: str = "client") -> Client:
        """LabError when there is none of that name."""
        if name not in self.clients:
            raise LabError(f"no client {name!r}; there are: {', '.join(self.clients) or 'none'}")
        return self.clients[name]

    # --- life -----------------------------------------------------------------------------------

    @classmethod
    def attach(cls, where: Paths | None = None) -> Lab:
        """The lab that another process has brought up. LabError when there is none."""
        where = where or paths()
        state = read_state(where)
        if state is None or where.namespace not in network.namespaces(where):
            raise LabError("the lab is not up: python3 -m tests.lab up")
        lab = cls(Topology.from_dict(state["topology"]), where=where)
        lab.furnish(image.Image(where.images / state["image"]), state["accelerator"], state["cores"])
        return lab

    def up(self) -> Lab:
        """Build the image if needed, the networks and all machines; machines boot side by side.

        A lab of the same topology that is up already stays, and machines that are off are powered on. Anything else
        that an earlier lab left is removed first. A failure takes everything down again and keeps the logs.
        """
        require_root()
        with lock(self.where):
            self.refuse_foreign()
            built = image.ensure(self.where, self.say)
            accelerator = choose(self.where, built, self.say)
            cores = assign_cores(self.topology, accelerator)
            wanted = {"topology": self.topology.as_dict(), "image": built.digest, "accelerator": accelerator}
            wanted = json.loads(json.dumps(wanted | {"cores": cores}))
            self.furnish(built, accelerator, cores)
            try:
                if read_state(self.where) != wanted or self.where.namespace not in network.namespaces(self.where):
                    remove(self.where)
                    self.build(wanted)
                    self.wake(saved_boots(self.where, built, self.topology, self.say) if accelerator == "tcg" else {})
                self.boot()
            except BaseException:
                self.say(f"failed; logs are kept in {self.where.logs}")
                remove(self.where)
                raise
        return self

    def build(self, state: dict[str, Any]) -> None:
        shutil.rmtree(self.where.logs, ignore_errors=True)
        for folder in (self.where.logs, self.where.disks, self.where.sockets):
            folder.mkdir(parents=True, exist_ok=True)
        self.where.sockets.chmod(0o700)
        (self.where.sockets / "owner").write_text(f"{self.where.run}\n")
        self.where.state.write_text(json.dumps(state, indent=1) + "\n")
        network.build(self.where, self.topology)
        self.say(f"networks ready in the namespace {self.where.namespace}")

    def boot(self) -> None:
        off = [machine for machine in self.machines.values() if machine.pid is None]
        if off:
            self.say(f"starting {', '.join(machine.name for machine in off)} ({off[0].accelerator})")

        def bring_up(machine: Machine) -> None:
            machine.start()
            machine.wait()
            self.say(f"{machine.name} answers at {machine.address}")

        # One per core at a time: emulated machines that share a core while they boot slow each other down, by more than
        # the waiting costs, with the timer ticks that each must handle.
        with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
            list(pool.map(bring_up, off))

    def furnish(self, built: image.Image, accelerator: str, cores: dict[str, int | None]) -> None:
        self.machines = {
            spec.name: Machine(spec.name, self.topology, self.where, built, accelerator, cores[spec.name])
            for spec in self.topology.machines
        }

    def wake(self, boots: dict[str, Warm]) -> None:
        """First starts wake these saved boots."""
        self.machines = {name: replace(machine, warm=boots.get(name)) for name, machine in self.machines.items()}

    def refuse_foreign(self) -> None:
        """Another checkout's lab of the same name is not ours to remove."""
        owner = self.where.sockets / "owner"
        if not owner.exists() or owner.read_text().strip() == str(self.where.run):
            return
        records = Path(owner.read_text().strip()) / "processes"
        if any(process.find(records, name) for name in process.recorded(records)):
            raise LabError(
                f"a lab named {self.where.name!r} is up from another place ({records.parent}): "
                "bring it down there, or set LVS_LAB_NAME to another name here"
            )

    def down(self) -> None:
        """Stop and remove everything of this lab; logs stay. Nothing to do is no error."""
        require_root()
        with lock(self.where):
            remove(self.where)

    def copy_logs(self, folder: Path) -> None:
        """Consoles and journals of all machines."""
        for machine in self.machines.values():
            machine.copy_logs(folder)

    def __enter__(self) -> Lab:
        return self.up()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()


def assign_cores(topology: Topology, accelerator: str) -> dict[str, int | None]:
    """Emulated machines are pinned to the host's cores in turn; under KVM the host's scheduler does better."""
    cores = sorted(os.sched_getaffinity(0))
    pinned = accelerator == "tcg"
    return {m.name: cores[n % len(cores)] if pinned else None for n, m in enumerate(topology.machines)}
