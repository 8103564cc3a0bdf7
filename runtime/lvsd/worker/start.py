# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a command line to a worker, be it a fork of the parent or a process that was started by hand."""

from __future__ import annotations

import os
from pathlib import Path

from lvsd import log
from lvsd.forked import set_name
from lvsd.loop import ScriptLimits, WorkerOptions
from lvsd.options import Options

from .registry import WORKERS


def become_worker(options: Options) -> WorkerOptions:
    """Make this process the worker that the options name; what to give to its `main`."""
    assert options.worker is not None
    worker = WORKERS[options.worker]
    set_name(worker.process_name)
    if options.umask is not None:
        os.umask(options.umask)
    open_log(options, f"lvsd_{worker.name}", options.log_file and worker.log_file(options.log_file))
    return WorkerOptions(
        config=options.config,
        runtime_dir=options.runtime_dir,
        state_dir=options.state_dir,
        release=options.release(options.worker),
        log_detail=options.log_detail,
        parent=options.parent,
        scripts=ScriptLimits(timeout=options.script_timeout, wait=options.script_wait),
    )


def open_log(options: Options, name: str, file: Path | None) -> None:
    """In the foreground to standard error, in the background to syslog, and wherever the options say."""
    by_hand = options.worker is not None and options.parent is None
    background = options.fork and not by_hand
    console = options.log_console or not background
    use_syslog = options.syslog and background
    log.open_log(
        name,
        console=console,
        use_syslog=use_syslog,
        facility=options.log_facility,
        file=file,
        detail=options.log_detail,
    )
