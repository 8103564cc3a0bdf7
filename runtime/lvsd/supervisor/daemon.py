# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a command line to a running parent."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TextIO

from lvsd import conf, log, regular_files
from lvsd.conf import Loaded
from lvsd.forked import set_name
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.options import Options, parse, worker_arguments
from lvsd.worker.handover import unoccupied
from lvsd.worker.registry import sockets
from lvsd.worker.start import become_worker, open_log
from lvsd.worker.system_user import runs_as_it

from . import daemonize, worker_config
from .file_findings import with_unreadable
from .fork import CannotStart, fork
from .last_good import RunningConfiguration, last_good
from .left_workers import serving, something_is_left
from .parent import Parent, Starter
from .passwords import without_secrets
from .program_findings import judged
from .reexec import HELD, Inheritance, Program
from .reload import grounds, refusal
from .reload_queue import log_findings
from .runtime_dir import lock_file
from .worker_config import Parts

Job = Callable[[str], Callable[[WorkerOptions], int]]  # a worker's `main`, imported when it is asked for
FAILED, MISCONFIGURED = 1, 2  # exit codes, as keepalived's
WRONG_PATH = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP}
WRONG_PATH |= {errno.EEXIST, errno.ENAMETOOLONG, errno.EADDRINUSE}  # would be wrong again; a full disk may not be
STARTERS = ("lvsd.programs.starter", "lvsd.worker.starter_service")  # of a worker of root's that starts programs
SOCKET_PATH = 107  # bytes; unix(7)


def run(options: Options, job: Job) -> int:
    """Run the parent until it is stopped; the exit code.  Its workers do what `job` tells of them.

    Signals wait until it listens to them: a program that reads its pid file may send one.
    """
    try:
        absolute = _absolute(options)
    except OSError as error:
        return _cannot(error, sys.stderr)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    try:
        return _run(absolute, job)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _run(options: Options, job: Job) -> int:
    program, before = Program.running(), Inheritance.taken()
    try:
        _prepare(options)
        lock = daemonize.lock(lock_file(options.runtime_dir), before.lock if before else None)
        if lock is not None and not before:
            for name in sockets():
                unoccupied(options.runtime_dir / f"{name}.sock")
    except OSError as error:
        return _cannot(error, sys.stderr)
    running = _running(options, fall_back=lock is not None)
    if running is None:
        return MISCONFIGURED
    if lock is None:
        pid = serving(options.runtime_dir / "lvsd.sock")
        print(f"lvsd: already running as pid {pid or 'unknown'} (lvsctl status)", file=sys.stderr)
        return FAILED
    launcher = daemonize.Launcher() if options.fork and not before else None

    def parent(loop: Loop) -> Parent:
        return Parent(
            loop,
            options,
            running,
            lambda: load(options),
            _starter(options, job),
            lambda parts: _prepare_jobs(job, parts),
            program=program,
            lock=lock,
            before=before,
        )

    return _supervise(options, running, parent, launcher)


def _supervise(
    options: Options, running: RunningConfiguration, make: Callable[[Loop], Parent], launcher: daemonize.Launcher | None
) -> int:
    """What can be wrong with a path shows before the launcher ends."""
    set_name("lvsd")
    reader = sys.stderr  # the process that has started us reads it; from now on there is a log
    with contextlib.ExitStack() as ends:
        loop = Loop()
        ends.callback(loop.close)
        code = 0
        try:
            open_log(options, "lvsd", options.log_file)
            _log(options, running)
            parent = make(loop)
            ends.callback(parent.close)
            parent.start()
        except OSError as error:
            code = _cannot(error, reader)
            ends.close()  # what was begun has gone by the time that this is known
        if launcher:
            launcher.tell(code)
            log.reopen()
        if code:
            return code
        loop.run()
    return _cannot(parent.failure, sys.stderr) if parent.failure else parent.exit_code


def _cannot(error: OSError, reader: TextIO) -> int:
    """Say what is wrong with which file; the exit code, by which systemd knows whether to try again."""
    why = f"{error.filename}: {error.strerror}" if error.filename is not None else str(error)
    print(f"lvsd: not started: {why}", file=reader, flush=True)
    return MISCONFIGURED if error.errno in WRONG_PATH else FAILED


def load(options: Options) -> Loaded:
    """The configuration that the options name, and which of its programs are not run.

    `@ID` lines follow the host's name unless -i says otherwise.  The system user cannot see all of a program's path: it
    leaves that to the starters, which are root, and the workers say what those find.
    """
    loaded = conf.load(options.config, config_id=options.config_id, all_config=options.all_config)
    return with_unreadable(loaded) if runs_as_it() else judged(loaded)


def _prepare(options: Options) -> None:
    if options.namespace:
        daemonize.enter_namespace(options.namespace)
    if options.umask is not None:
        os.umask(options.umask)
    longest = max((f"{name}.sock" for name in sockets()), key=len)
    if len(os.fsencode(options.runtime_dir / longest)) > SOCKET_PATH:
        room = SOCKET_PATH - len(longest) - 1
        why = f"{os.strerror(errno.ENAMETOOLONG)}: a runtime directory has at most {room} bytes"
        raise OSError(errno.ENAMETOOLONG, why, os.fspath(options.runtime_dir))
    regular_files.make_folder(options.runtime_dir)


def _absolute(options: Options) -> Options:
    """Paths that stay true after a change of directory.  Raises OSError where there is no working directory."""

    def absolute(path: Path | None) -> Path | None:
        return path.absolute() if path else None

    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise OSError(error.errno, "the working directory has gone: cd /", os.curdir) from error

    return replace(
        options,
        config=options.config.absolute(),
        runtime_dir=options.runtime_dir.absolute(),
        state_dir=options.state_dir.absolute(),
        log_file=absolute(options.log_file),
        pid_file=absolute(options.pid_file),
        worker_pid_files={name: path.absolute() for name, path in options.worker_pid_files.items()},
    )


def _running(options: Options, *, fall_back: bool) -> RunningConfiguration | None:
    """What to run; None, and said why, where that is nothing.

    A wrong configuration is a reason not to start, but none to leave workers that run without a parent, or what workers
    that were killed have left in the kernel: what ran before goes on then.
    """
    try:
        loaded = load(options)
        refused = refusal(loaded, grounds(loaded))[0] if loaded.refused else None
        lines = [str(finding) for finding in loaded.findings] if refused else []
    except OSError as error:
        loaded, refused, lines = Loaded(Configuration()), str(error), []
    if refused is None:
        return RunningConfiguration(loaded, worker_config.split(loaded.configuration, options))
    good = last_good(options.runtime_dir) if fall_back and something_is_left(options.runtime_dir) else None
    if good is None:
        print("\n".join([*lines, f"lvsd: not started: {refused}"]), file=sys.stderr)
        return None
    shown = Loaded(good.configuration, loaded.findings)
    return RunningConfiguration(shown, worker_config.split(good.configuration, options), refused)


def _log(options: Options, running: RunningConfiguration) -> None:
    log_findings(running.loaded)
    if running.fallback:
        message = f"lvsd: CONFIGURATION NOT TAKEN, the last good one goes on until a reload: {running.fallback}"
        log.log(message, log.ERROR)
    for unused in options.unused:
        log.log(f"option without effect: {unused}", log.WARNING)
    if options.dump:
        log.log(conf.render(without_secrets(running.loaded.configuration)))


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


def _prepare_jobs(job: Job, parts: Parts) -> None:
    """Import what the next start of each worker needs, so that one that has crashed is missed for no longer."""
    if parts.starts_programs and not runs_as_it():
        for module in STARTERS:
            import_module(module)
    for name in parts.needed:
        try:
            job(name)
        except Exception as error:
            log.log(f"{name}: its next start will fail: {type(error).__name__}: {error}", log.ERROR)
