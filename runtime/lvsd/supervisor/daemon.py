# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a command line to a running parent."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from .. import conf, journal
from ..conf import Loaded
from ..control import Unreachable, request
from ..loop import Loop, WorkerOptions
from ..model import Configuration
from ..options import WORKERS, Options, parse, worker_arguments
from ..succession import is_worker
from . import parts, process
from .become import become_worker, open_log
from .fork import CannotStart, fork
from .parent import Parent, Starter, without_secrets
from .reexec import Inheritance, Program
from .reload import refusal
from .reloads import log_findings
from .running import Running, last_good

Job = Callable[[str], Callable[[WorkerOptions], int]]  # a worker's `main`, imported when it is asked for
FAILED, MISCONFIGURED = 1, 2  # exit codes, as keepalived's


def run(options: Options, job: Job) -> int:
    """Run the parent until it is stopped; the exit code.  Its workers do what `job` tells of them."""
    program, before = Program.running(), Inheritance.taken()
    try:
        _prepare(options)
        lock = process.lock(options.runtime_dir / "lvsd.lock", before.lock if before else None)
    except OSError as error:  # names the file and what is wrong with it
        print(f"lvsd: {error}", file=sys.stderr)
        return MISCONFIGURED
    running = _running(options, fall_back=lock is not None)
    if running is None:
        return MISCONFIGURED
    if lock is None:
        pid = _serving(options.runtime_dir / "lvsd.sock")
        print(f"lvsd: already running as pid {pid or 'unknown'} (lvsctl status)", file=sys.stderr)
        return FAILED
    if options.fork and not before:
        process.go_to_background()
    return _supervise(_absolute(options), running, job, program, lock, before)


def _supervise(
    options: Options, running: Running, job: Job, program: Program, lock: int, before: Inheritance | None
) -> int:
    process.set_name("lvsd")
    open_log(options, "lvsd", options.log_file)
    _log(options, running)
    loop = Loop()
    parent = Parent(
        loop,
        options,
        running,
        lambda: load(options),
        _starter(options, job),
        lambda names: _prepare_jobs(job, names),
        program=program,
        lock=lock,
        before=before,
    )
    try:
        parent.start()
        loop.run()
    finally:
        parent.close()
        loop.close()
    return parent.exit_code


def load(options: Options) -> Loaded:
    """The configuration that the options name; `@ID` lines follow the host's name unless -i says otherwise."""
    loaded = conf.load(options.config, config_id=options.config_id, all_config=options.all_config)
    if conf.runs_programs(loaded.configuration):
        import_module("subprocess")  # before the workers are forked, and not when one has to be quick
    return loaded


def _prepare(options: Options) -> None:
    if options.namespace:
        process.enter_namespace(options.namespace)
    if options.umask is not None:
        os.umask(options.umask)
    options.runtime_dir.mkdir(mode=0o755, parents=True, exist_ok=True)


def _absolute(options: Options) -> Options:
    """Paths that stay true after a change of directory."""

    def absolute(path: Path | None) -> Path | None:
        return path.absolute() if path else None

    return replace(
        options,
        config=options.config.absolute(),
        runtime_dir=options.runtime_dir.absolute(),
        state_dir=options.state_dir.absolute(),
        log_file=absolute(options.log_file),
        pid_file=absolute(options.pid_file),
        vrrp_pid_file=absolute(options.vrrp_pid_file),
        checker_pid_file=absolute(options.checker_pid_file),
    )


def _running(options: Options, *, fall_back: bool) -> Running | None:
    """What to run; None, and said why, where that is nothing.

    A wrong configuration is a reason not to start, but none to leave workers that run without a parent: what ran
    before goes on then.
    """
    try:
        loaded = load(options)
        refused = refusal(loaded)[0] if loaded.refused else None
        lines = [str(finding) for finding in loaded.findings] if refused else []
    except OSError as error:
        loaded, refused, lines = Loaded(Configuration()), str(error), []
    if refused is None:
        return Running(loaded, parts.split(loaded.configuration, options))
    good = last_good(options.runtime_dir) if fall_back and _workers_run(options.runtime_dir) else None
    if good is None:
        print("\n".join([*lines, f"lvsd: not started: {refused}"]), file=sys.stderr)
        return None
    shown = Loaded(good.configuration, loaded.findings)
    return Running(shown, parts.split(good.configuration, options), refused)


def _log(options: Options, running: Running) -> None:
    log_findings(running.loaded)
    if running.fallback:
        message = f"lvsd: WRONG CONFIGURATION, the last good one goes on until a reload: {running.fallback}"
        journal.log(message, journal.ERROR)
    for unused in options.unused:
        journal.log(f"option without effect: {unused}", journal.WARNING)
    if options.dump:
        journal.log(conf.render(without_secrets(running.loaded.configuration)))


def _starter(options: Options, job: Job) -> Starter:
    """Workers are forks: see fork.py.  Their modules are imported here, once, before the first start of each."""

    def starter(name: str, part: Path) -> Callable[[], int]:
        chosen = parse(worker_arguments(options, name, part, os.getpid()))

        def start() -> int:
            try:
                main = job(name)
            except Exception as error:
                raise CannotStart(f"{type(error).__name__}: {error}") from error
            return fork(lambda: main(become_worker(chosen)))

        return start

    return starter


def _prepare_jobs(job: Job, names: Collection[str]) -> None:
    """Import what the next start of each worker needs."""
    for name in names:
        try:
            job(name)
        except Exception as error:
            journal.log(f"{name}: its next start will fail: {type(error).__name__}: {error}", journal.ERROR)


def _workers_run(runtime_dir: Path) -> bool:
    found = (_serving(runtime_dir / f"{name}.sock") for name in WORKERS)
    return any(pid is not None and is_worker(pid) for pid in found)


def _serving(control: Path) -> int | None:
    """The process that answers at a control socket."""
    try:
        return int(request(control, "ping", timeout=2)["pid"])
    except (Unreachable, KeyError, TypeError, ValueError):
        return None
