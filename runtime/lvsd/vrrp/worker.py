# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP worker: a process of its own that holds the sockets, the clock and the addresses.

Every wake-up is the same: drain the sockets and the kernel's events, expire the timers, then carry out what the
election decided, in this order:

    advertisements -> addresses (one batch) -> announcements (first frames first) -> log, events, scripts

A start goes on where the router was that served the control socket before it, or did until it crashed.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from lvsd.control.peer import asked_by, ordered
from lvsd.control.server import Answer, Handler, Later, Refused
from lvsd.kernel.netlink_socket import EventSocket, route_netlink
from lvsd.kernel.rtnetlink import Route
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration, GlobalDefs
from lvsd.programs.notifier import Notifier
from lvsd.worker.handover import this_boot
from lvsd.worker.lifecycle import WorkerLifecycle
from lvsd.worker.registry import WORKERS
from lvsd.worker.run import run

from . import show
from .instance import Instance
from .router import VrrpRouter
from .state_file import StateFile

MCL_CURRENT, MCL_FUTURE = 1, 2  # asm-generic/mman.h


class VrrpWorker(WorkerLifecycle):
    """The process around the VRRP router: its sockets, its verbs, what a reload changes, its end."""

    name = "vrrp"
    scripts_at_stop = 1.0  # seconds, as keepalived

    def __init__(self, options: WorkerOptions, loop: Loop) -> None:
        super().__init__(options, loop)
        say = self.reporter.say
        self.notifier = Notifier(loop, say, self.programs, options.scripts)
        remembered = options.runtime_dir / WORKERS[self.name].state
        self.state_file = StateFile(remembered, this_boot(), lambda text: say("memory", self.name, text))
        netlink = route_netlink()
        events = EventSocket(besides=netlink.port)
        self.router = VrrpRouter(loop, Route(netlink), events, self.notifier, self.state_file, say, time.time)

    def prepare(self, wanted: Configuration) -> None:
        """Open the sockets of every instance, and hear what comes from now on."""
        self._prefer(wanted)
        self.router.prepare(wanted)

    def begin(self, wanted: Configuration) -> None:
        """From here on this process is the router; no other one is."""
        self.router.drain()
        self.loop.now = time.monotonic()  # behind it: what arrives from here on is heard before a timer is believed
        self.router.begin()

    def _prefer(self, wanted: Configuration) -> None:
        self.programs.take(wanted)
        prefer(wanted.global_defs, self.reporter.say)

    def take(self, wanted: Configuration) -> Answer:
        """Reconfigure the router; instances that are the same go on undisturbed."""
        self._prefer(wanted)
        changes = self.router.configure(wanted)
        counts = ", ".join(f"{len(names)} {kind}" for kind, names in changes.items() if names)
        self.reporter.say("reload", self.name, f"reloaded: {counts or 'nothing'}", changes=changes)
        return {"changes": changes}

    # --- verbs ---

    def verbs(self) -> Mapping[str, Handler]:
        """`show` and `failover`."""
        return {"show": self.show, "failover": self.failover}

    def show(self, _unused: Mapping[str, Any]) -> Later:
        """The verb `show`, answered when the starter has said which programs are not run."""
        later = Later()
        self.programs.refused(lambda refused: later.answer(self._all_shown(refused)))
        return later

    def _all_shown(self, refused: list[dict[str, Any]]) -> Answer:
        """Every instance and sync group, the counters of what was received, the refused programs."""
        instances = self.router.election.instances
        return {
            "instances": [self._shown(instance) for instance in instances],
            "groups": [show.group_object(group, instances) for group in self.router.groups],
            "counters": dict(self.router.rx.counters),
            "refused_programs": refused,
        }

    def _shown(self, instance: Instance) -> dict[str, Any]:
        return show.instance_object(instance, self.loop.now, self.router.addresses.absent(instance))

    def failover(self, request: Mapping[str, Any]) -> Answer:
        """Hand over what is Active here: an instance with its sync group, a sync group, or everything."""
        name = request.get("name")
        instances = self.router.election.instances
        named = [i for i in instances if name in (None, i.name, i.group and i.group.name)]
        if not named:
            raise Refused(f"no instance or sync group {name!r}")
        if not any(instance.active for instance in named):
            raise Refused(f"{name} is not Active here" if name else "nothing is Active here")
        by, details = ordered([asked_by(request)])
        self.reporter.say("operator", name or "vrrp", f"{name or 'vrrp'}: handed over by {by}", **details)
        released = [instance.name for instance in instances if instance.active]
        self.router.hand_over(named)
        return {"released": [name for name in released if not self._active(name)]}

    def _active(self, name: str) -> bool:
        return any(instance.active for instance in self.router.election.instances if instance.name == name)

    # --- end ---

    def release(self) -> None:
        """Hand every instance over and remove its addresses, unless they stay (-V)."""
        if self.options.release:
            self.router.release()

    def depart(self) -> None:
        """Speak to the peers once more: the successor has the whole interval to begin in."""
        self.router.greet()

    def write_again(self) -> None:
        """Note again how each instance stands, for a successor."""
        self.state_file.forget()
        self.router.assess()

    def dispose(self) -> None:
        """Close the sockets; what was noted for a successor goes where none is to go on from here."""
        self.router.close()
        if self.stopping and self.options.release:
            self.state_file.forget()


def prefer(defs: GlobalDefs, say: Callable[..., object]) -> None:
    """vrrp_rt_priority and vrrp_no_swap; scripts inherit neither.  A refusal is said, not fatal."""
    if defs.vrrp_rt_priority is not None:
        try:
            os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(defs.vrrp_rt_priority))
        except OSError as error:
            say("configuration", "vrrp", f"vrrp_rt_priority {defs.vrrp_rt_priority}: {error.strerror}")
    if defs.vrrp_no_swap:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mlockall(MCL_CURRENT | MCL_FUTURE):
            say("configuration", "vrrp", f"vrrp_no_swap: {os.strerror(ctypes.get_errno())}")


def main(options: WorkerOptions) -> int:
    """Run until told to stop; the exit code, as `worker/run.py`."""
    return run(VrrpWorker, options)
