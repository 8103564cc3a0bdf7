# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of a worker to its process at work: read the configuration, take the predecessor's place, run.

A worker that begins as root has a starter beside it, where it needs one, which is forked before anything is open.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from functools import partial
from socket import socket as Socket

from lvsd import conf, log, regular_files
from lvsd.control.control_socket import bind
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration

from . import own_files
from .handover import end_predecessor
from .lifecycle import WorkerLifecycle
from .registry import WORKERS
from .system_user import SystemUser, on_this_host, runs_as_it

RUN_FAILED, READ_ERROR, CONFIGURATION_ERROR = 2, 4, 5  # exit codes, as keepalived and `lvsd -t`


def run(kind: type[WorkerLifecycle], options: WorkerOptions) -> int:
    """Be a worker of this `kind` until it is told to stop; the exit code.

    2: it cannot start, 4: the configuration cannot be read, 5: it is wrong.
    """
    try:
        loaded = conf.load(options.config)
    except OSError as error:
        log.log(f"{options.config}: {error.strerror}", log.ERROR)
        return READ_ERROR
    for finding in loaded.findings:
        if finding.severity is conf.Severity.ERROR or options.log_detail:
            log.log(str(finding), log.ERROR if finding.severity is conf.Severity.ERROR else log.WARNING)
    if loaded.refused:
        return CONFIGURATION_ERROR
    with ExitStack() as ends:
        try:
            worker = _started(kind, options, loaded.configuration, ends)
        except kind.trouble as error:
            log.log(f"{kind.name}: {_why(error)}", log.ERROR)
            return RUN_FAILED
        worker.loop.run()
    if worker.left:  # the successor waits: no time for the interpreter to tidy up
        sys.stderr.flush()
        os._exit(0)
    return 0


def _started(
    kind: type[WorkerLifecycle], options: WorkerOptions, wanted: Configuration, ends: ExitStack
) -> WorkerLifecycle:
    """A worker that has taken the place of its predecessor; `ends` closes it.  Raises `kind.trouble`."""
    regular_files.make_folder(options.runtime_dir)
    without_root = runs_as_it()
    forked = None
    if not without_root and _needs_starter(options, wanted):
        forked = _fork_starter(kind.name, options)  # nothing is open yet
        ends.callback(forked[0].close)
    worker = kind(options, Loop())
    ends.callback(worker.close)
    if forked is not None:
        worker.use_starter(*forked)
    elif without_root:
        worker.look_for_starter()
    else:
        worker.do_without_starter()
    worker.prepare(wanted)
    gc.collect()
    gc.freeze()  # what exists now stays: full collections need not look at it
    end_predecessor(worker.socket)
    worker.settle(wanted)
    worker.start(wanted)
    return worker


def _needs_starter(options: WorkerOptions, wanted: Configuration) -> bool:
    """Whether a worker that begins as root has something for a starter to do.

    It has none where it starts no program, stays root, so that it can make its control socket again itself, and has a
    parent, which replaces it when a reload names the first program; there a starter would cost 2.4 MB, and 0.1 s of an
    emulated processor at the start.  A checker that checks is not replaced for that: its successor would begin the
    servers that are new in that reload as down.
    """
    alone = options.parent is None or isinstance(on_this_host(), SystemUser)
    checks = (server.checks for service in wanted.virtual_servers for server in service.real_servers)
    return alone or conf.needs_starter(wanted) or any(checks)


def _fork_starter(name: str, options: WorkerOptions) -> tuple[Socket, int]:
    """Start a starter for the programs of the worker `name`; see `starter.fork`.  Raises OSError."""
    from lvsd.programs import starter  # with what starts programs, which most workers never need

    from .starter_service import load_part

    load = conf.load if options.parent is None else load_part
    return starter.fork(options.config, partial(_bind_again, name, options), load)


def _bind_again(name: str, options: WorkerOptions) -> Socket:
    """In the starter, which is root: the control socket, where it was removed, and the folder.  Raises OSError."""
    worker = WORKERS[name]
    regular_files.make_folder(options.runtime_dir)
    own_files.folder(worker, options.runtime_dir, on_this_host())
    return bind(options.runtime_dir / worker.socket, viewers=True)


def _why(error: Exception) -> str:
    """Why it is not started; what is no OSError says by itself what is missing."""
    if not isinstance(error, OSError):
        return str(error)
    path = "" if error.filename is None else f"{error.filename}: "
    return f"not started: {path}{regular_files.reason(error)}"
