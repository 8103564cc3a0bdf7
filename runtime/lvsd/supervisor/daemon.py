# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a command line to a running parent."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from .. import conf, journal
from ..conf import Loaded
from ..control import Unreachable, request
from ..loop import Loop
from ..options import WORKERS, Options, worker_arguments
from . import process
from .become import open_log
from .parent import Parent, log_findings, without_secrets
from .reload import refusal

FAILED, MISCONFIGURED = 1, 2  # exit codes, as keepalived's


def run(options: Options) -> int:
    """Run the parent until it is stopped; the exit code."""
    try:
        _prepare(options)
        loaded = load(options)
        locked = process.lock(options.runtime_dir / "lvsd.lock")
    except OSError as error:  # names the file and what is wrong with it
        print(f"lvsd: {error}", file=sys.stderr)
        return MISCONFIGURED
    if loaded.refused:
        print("\n".join(map(str, loaded.findings)), file=sys.stderr)
        print(f"lvsd: not started: {refusal(loaded)[0]}", file=sys.stderr)
        return MISCONFIGURED
    if not locked:
        pid = _already_running(options.runtime_dir)
        print(f"lvsd: already running as pid {pid or 'unknown'} (lvsctl status)", file=sys.stderr)
        return FAILED
    options = _absolute(options)
    if options.fork:
        process.go_to_background()
    process.set_name("lvsd")
    open_log(options, "lvsd", options.log_file)
    return _supervise(options, loaded)


def load(options: Options) -> Loaded:
    """The configuration that the options name; `@ID` lines follow the host's name unless -i says otherwise."""
    return conf.load(options.config, config_id=options.config_id, all_config=options.all_config)


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


def _supervise(options: Options, loaded: Loaded) -> int:
    def command(worker: str, part: Path) -> list[str]:
        return ["-m", "lvsd", *worker_arguments(options, worker, part, os.getpid())]

    log_findings(loaded)
    for unused in options.unused:
        journal.log(f"option without effect: {unused}", journal.WARNING)
    if options.dump:
        journal.log(conf.render(without_secrets(loaded.configuration)))
    _replace_orphans(options.runtime_dir)
    loop = Loop()
    parent = Parent(loop, options, loaded, lambda: load(options), command)
    try:
        parent.start()
        loop.run()
    finally:
        parent.close()
        loop.close()
    return parent.exit_code


def _already_running(runtime_dir: Path) -> int | None:
    try:
        return int(request(runtime_dir / "lvsd.sock", "ping", timeout=2)["pid"])
    except (Unreachable, KeyError, TypeError):
        return None


def _replace_orphans(runtime_dir: Path) -> None:
    """Workers without a parent are killed, so that they release nothing; ours adopt what they left in the kernel."""
    for name in WORKERS:
        try:
            pid = int(request(runtime_dir / f"{name}.sock", "ping", timeout=2)["pid"])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (Unreachable, KeyError, TypeError, OSError):
            continue
        if b"--worker" in command:
            journal.log(f"{name}: pid {pid} has lost its parent; it is replaced", journal.WARNING)
            os.kill(pid, signal.SIGKILL)
