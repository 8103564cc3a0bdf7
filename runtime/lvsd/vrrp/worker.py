# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP worker: a process of its own that holds the sockets, the clock and the addresses.

Every wake-up is the same: drain the sockets and the kernel's events, expire the timers, then carry out what the
election decided, in this order:

    advertisements -> addresses (one batch) -> announcements (first frames first) -> log, events, scripts

SIGTERM and SIGINT release and end, SIGHUP reads the configuration again, the verb `leave` ends and releases nothing.
A start takes the place of whoever serves the control socket, or did until it crashed, and goes on where that was.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from lvsd import conf, regular_files
from lvsd.conf import Loaded
from lvsd.control.peer import asked_by, ordered
from lvsd.control.server import Answer, ControlServer, EventLog, Handler, Later, Refused
from lvsd.kernel.netlink_socket import EventSocket, route_netlink
from lvsd.kernel.rtnetlink import Route
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration, GlobalDefs
from lvsd.programs.notifier import Notifier
from lvsd.programs.run import Programs
from lvsd.signals import Coalesced, IgnoredSignals
from lvsd.worker import handover
from lvsd.worker.parent_watch import ParentWatch

from . import show
from .instance import Instance
from .router import VrrpRouter
from .state_file import StateFile

RUN_FAILED, READ_ERROR, CONFIGURATION_ERROR = 2, 4, 5  # exit codes, as keepalived and `lvsd -t`
ERROR, INFO = 3, 6  # syslog(3)
MCL_CURRENT, MCL_FUTURE = 1, 2  # asm-generic/mman.h
FIRST_OWN = 3  # descriptors below it are the standard streams
SCRIPTS_AT_STOP = 1.0  # seconds that the scripts of STOP may take (keepalived)


class VrrpWorker:
    """The shell around the VRRP Router: configuration, signals, control socket, end."""

    def __init__(self, options: WorkerOptions, loop: Loop, wanted: Configuration) -> None:
        self.options = options
        self.loop = loop
        self.events = EventLog("vrrp")
        self.programs = Programs(loop)
        self.notifier = Notifier(loop, self.say, self.programs, options.scripts)
        options.runtime_dir.mkdir(parents=True, exist_ok=True)
        boot = handover.this_boot()
        self.state_file = StateFile(
            options.runtime_dir / "vrrp.state", boot, lambda text: self.say("memory", "vrrp", text)
        )
        netlink = route_netlink()
        events = EventSocket(besides=netlink.port)
        self.router = VrrpRouter(loop, Route(netlink), events, self.notifier, self.state_file, self.say, time.time)
        self.stopping = False
        self.left = False  # a successor goes on from here
        self.reading: ReadConfiguration | None = None
        self.waiting: list[Later] = []  # for the next reading
        self.parent_watch = ParentWatch(loop, options.parent, self.stop, lambda text: self.say("worker", "vrrp", text))
        self.control: ControlServer | None = None
        self._prefer(wanted)
        self.router.prepare(wanted)

    def begin(self) -> None:
        """From here on this process is the router; no other one is."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.stop)
        self.loop.on_signal(signal.SIGHUP, Coalesced(self.loop, lambda: self.reload({})))
        IgnoredSignals(self.loop, lambda text: self.say("worker", "vrrp", f"vrrp: {text}"))
        self.router.drain()
        self.loop.now = time.monotonic()  # behind it: what arrives from here on is heard before a timer is believed
        self.router.begin()
        verbs: dict[str, Handler] = {
            "show": self.show,
            "failover": self.failover,
            "reload": self.reload,
            "leave": self.leave,
            "adopt": self.parent_watch.adopt,
        }
        socket = self.options.runtime_dir / "vrrp.sock"
        self.control = ControlServer(self.loop, socket, verbs, self.events, restored=self.remember)

    def remember(self) -> None:
        """Write down again what a successor has to know: somebody has removed it."""
        if not (self.stopping or self.left):
            self.state_file.forget()
            self.router.assess()

    def say(self, what: str, subject: str, message: str, priority: int = INFO, **details: Any) -> None:
        """An event, and a line of the log."""
        self.events.add(what, subject, message, **details)
        print(f"<{priority}>{message}" if priority != INFO else message, file=sys.stderr, flush=True)

    def _prefer(self, wanted: Configuration) -> None:
        refused = self.programs.configure(wanted.global_defs, conf.commands(wanted))
        if self.options.parent is None:  # else the parent has said it, with the line of the configuration
            for program in refused:
                self.say("script", program.program, str(program), priority=ERROR)
        prefer(wanted.global_defs, self.say)

    # --- verbs ---

    def show(self, _unused: Mapping[str, Any]) -> Answer:
        instances = self.router.election.instances
        return {
            "instances": [self._shown(instance) for instance in instances],
            "groups": [show.group_object(group, instances) for group in self.router.groups],
            "counters": dict(self.router.rx.counters),
            "refused_programs": self.programs.refused,
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
        self.say("operator", name or "vrrp", f"{name or 'vrrp'}: handed over by {by}", **details)
        released = [instance.name for instance in instances if instance.active]
        self.router.hand_over(named)
        return {"released": [name for name in released if not self._active(name)]}

    def _active(self, name: str) -> bool:
        return any(instance.active for instance in self.router.election.instances if instance.name == name)

    def reload(self, _unused: Mapping[str, Any]) -> Later:
        """Read the configuration again; a bad one is refused and nothing changes."""
        later = Later()
        self.waiting.append(later)
        if self.reading is None:
            self.read()
        return later

    def read(self) -> None:
        """For everybody who waits; who asks from now on gets the next reading, that sees what they have written."""
        asked, self.waiting = self.waiting, []
        self.reading = ReadConfiguration(self.loop, self.options.config, lambda found: self.have_read(found, asked))

    def have_read(self, found: Loaded | str, asked: list[Later]) -> None:
        self.reading = None
        reasons = [found] if isinstance(found, str) else errors(found)
        if self.stopping:
            reasons = ["stopping"]
        if reasons or isinstance(found, str):
            self.say("reload", "vrrp", f"reload refused: {reasons[0]}")
            for later in asked:
                later.refuse(reasons[0], findings=reasons)
        else:
            self._prefer(found.configuration)
            changes = self.router.configure(found.configuration)
            counts = ", ".join(f"{len(names)} {kind}" for kind, names in changes.items() if names)
            self.say("reload", "vrrp", f"reloaded: {counts or 'nothing'}", changes=changes)
            for later in asked:
                later.answer({"changes": changes})
        if self.waiting:
            self.read()

    # --- end ---

    def stop(self) -> None:
        """Release everything, remove the addresses, run the scripts of STOP; once."""
        if self.stopping:
            return
        self.stopping = True
        self.notifier.part(SCRIPTS_AT_STOP, self.loop.stop)
        if self.options.release:
            self.router.release()

    def leave(self, _unused: Mapping[str, Any]) -> Answer:
        """End at once and release nothing: a successor is ready.  The peers hear from us once more."""
        if not self.stopping:  # or it ends soon anyway, in order
            self.left = True
            self.router.greet()
            self.loop.call_at(self.loop.now, self.loop.stop)
        return {}

    def close(self) -> None:
        self.parent_watch.close()
        if self.control is not None:
            self.control.close()
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


class ReadConfiguration:
    """The configuration, read and parsed by a child, so that no advertisement waits for it; then `done` is called.

    `done` gets what `conf.load` returned, or why it did not.
    """

    def __init__(self, loop: Loop, path: Path, done: Callable[[Loaded | str], None]) -> None:
        self.loop = loop
        self.done = done
        self.received = bytearray()
        self.pipe, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.child = os.fork()
        if self.child == 0:
            signal.set_wakeup_fd(-1)
            os.closerange(FIRST_OWN, write)  # who waits for our parent's answer hears at once when it has ended
            os.closerange(write + 1, os.sysconf("SC_OPEN_MAX"))
            os.set_blocking(write, True)
            tell(write, path)
        os.close(write)
        loop.add_reader(self.pipe, self._read)
        loop.watch_child(self.child, lambda _: None)

    def _read(self) -> None:
        try:
            while data := os.read(self.pipe, 1 << 20):
                self.received += data
        except BlockingIOError:
            return
        self.loop.remove(self.pipe)
        os.close(self.pipe)
        import pickle

        self.done(pickle.loads(self.received) if self.received else "the reading of the configuration ended early")


def tell(pipe: int, path: Path) -> NoReturn:
    """In the child: write what `path` says, or why it cannot be read, and end at once."""
    import pickle

    try:
        try:
            found: Loaded | str = conf.load(path)
        except OSError as error:
            found = f"{path}: {error.strerror}"
        except Exception as error:  # whatever it is; a log of ours may have been closed
            found = f"{path}: {type(error).__name__}: {error}"
        with open(pipe, "wb") as out:
            out.write(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
    finally:  # the parent carries on from here, not the child
        os._exit(0)


def errors(loaded: Loaded) -> list[str]:
    return [str(finding) for finding in loaded.findings if finding.fatal]


def main(options: WorkerOptions) -> int:
    """Run until told to stop.  4: the configuration cannot be read, 5: it is wrong."""
    try:
        loaded = conf.load(options.config)
    except OSError as error:
        print(f"{options.config}: {error.strerror}", file=sys.stderr)
        return READ_ERROR
    for finding in loaded.findings:
        if finding.severity is conf.Severity.ERROR or options.log_detail:
            print(finding, file=sys.stderr)
    if errors(loaded):
        return CONFIGURATION_ERROR
    loop = Loop()
    worker = VrrpWorker(options, loop, loaded.configuration)
    gc.collect()
    gc.freeze()  # what exists now stays: full collections need not look at it
    try:
        try:
            handover.end_predecessor(options.runtime_dir / "vrrp.sock")
            worker.begin()
        except OSError as error:
            print(f"<3>vrrp: not started: {error.filename or ''}: {regular_files.reason(error)}", file=sys.stderr)
            return RUN_FAILED
        loop.run()
    finally:
        worker.close()
        loop.close()
    if worker.left:  # the successor waits: no time for the interpreter to tidy up
        sys.stderr.flush()
        os._exit(0)
    return 0
