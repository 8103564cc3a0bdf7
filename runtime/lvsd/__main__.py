# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsd`: which of its jobs a command line asks for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import __version__
from .loop import WorkerOptions
from .options import SIGNALS, Options, parse
from .worker.registry import WORKERS

if TYPE_CHECKING:
    from .conf import Summary

CANNOT_RUN = 2
CANNOT_READ = 4  # keepalived -t: cannot be run


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    options = parse(sys.argv[1:] if argv is None else argv)
    if options.version:
        import platform

        print(f"lvsd {__version__} (Python {platform.python_version()}, {platform.platform()})", file=sys.stderr)
        return 0
    if options.signum:
        print(SIGNALS[options.signum])
        return 0
    if options.list_unimplemented:
        return list_unimplemented(options)
    if options.test:
        return test(options)
    if options.worker:
        return work(options)
    if options.starter:
        from .worker import starter_service

        return starter_service.run(options)
    from .supervisor import daemon

    return daemon.run(options, job)


def test(options: Options) -> int:
    """`lvsd -t`: one line per finding on standard error, then how many, or all as JSON.

    0 good, 4 unreadable, 5 errors, 6 insecure.  Where nothing was found, nothing is said.
    """
    from .conf import exit_code, summary
    from .conf.findings import Summary
    from .supervisor import daemon
    from .supervisor.reexec import REHEARSAL
    from .supervisor.reload import as_json

    try:
        loaded = daemon.load(options)
    except OSError as error:
        reason = f"{options.config}:0: error: cannot be read: {error.strerror}"
        found = Summary(errors=1, warnings=0, starts=False)
        return _report(options, CANNOT_READ, [reason, str(found)], {"error": reason, "findings": [], **counts(found)})
    code = exit_code(loaded.findings)
    if os.environ.get(REHEARSAL):
        for worker in WORKERS:
            job(worker)
        code = code if loaded.refused else 0
    found = summary(loaded)
    lines = [finding.reported for finding in loaded.findings]
    lines += [str(found)] if lines else []
    return _report(options, code, lines, {"findings": as_json(loaded), **counts(found)})


def counts(found: Summary) -> dict[str, object]:
    """The last line of `lvsd -t`, as JSON."""
    return {"errors": found.errors, "warnings": found.warnings, "starts": found.starts}


def list_unimplemented(options: Options) -> int:
    """The keywords that are known and have no effect yet, each with the warning that its use gives."""
    from .conf.manual import not_implemented

    keywords = not_implemented()
    if options.json:
        rows = [{"block": block, "keyword": keyword, "warning": warning} for block, keyword, warning in keywords]
        print(json.dumps({"version": 1, "keywords": rows}, indent=2))
    else:
        width = max(len(f"{block} {keyword}") for block, keyword, _unused in keywords)
        print("\n".join(f"{f'{block} {keyword}'.strip():{width}}  {warning}" for block, keyword, warning in keywords))
    return 0


def job(worker: str) -> Callable[[WorkerOptions], int]:
    """What a worker does; with all the modules that it needs."""
    return WORKERS[worker].main()


def work(options: Options) -> int:
    """Be the worker that was started by hand."""
    from .worker.start import become_worker

    assert options.worker is not None
    reader = sys.stderr
    try:
        chosen = become_worker(options)
    except OSError as error:
        print(f"lvsd: {error.filename}: {error.strerror}", file=reader)
        return CANNOT_RUN
    return job(options.worker)(chosen)


def _report(options: Options, code: int, lines: list[str], document: dict[str, object]) -> int:
    if options.json:
        print(json.dumps({"version": 1, "ok": code == 0, "exit_code": code, **document}, indent=2))
    text = "".join(f"{line}\n" for line in lines)
    if options.test_output:
        try:
            options.test_output.write_text(text)
        except OSError as error:
            print(f"lvsd: {options.test_output}: cannot be written: {error.strerror}", file=sys.stderr)
            return CANNOT_READ
    elif not options.json:
        sys.stderr.write(text)
    return code


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # `lvsd --list-unimplemented | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    sys.exit(code)
