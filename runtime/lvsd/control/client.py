# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other end of a control socket: ask, and wait for the answer."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


class Unreachable(Exception):
    """The worker does not answer on its control socket."""


def request(path: Path, verb: str, /, *, timeout: float = 10.0, **arguments: Any) -> Answer:
    """Ask the worker behind `path`.  Raises `Unreachable` when it does not answer within `timeout` seconds."""
    lines = stream(path, verb, timeout=timeout, **arguments)
    try:
        return next(lines)
    except StopIteration:
        raise Unreachable(f"{path}: closed without an answer") from None
    finally:
        lines.close()


def stream(path: Path, verb: str, /, *, timeout: float | None = None, **arguments: Any) -> Generator[Answer]:
    """The answer, then every line that follows it, until the worker closes.  Raises `Unreachable`."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        _connect(connection, path, timeout)
        connection.sendall(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError, RecursionError) as error:
        raise Unreachable(f"{path}: {error}") from error
    finally:
        connection.close()


def _connect(connection: socket.socket, path: Path, timeout: float | None) -> None:
    """A Unix socket with a timeout does not wait for room in the backlog: EAGAIN says that there is none."""
    until = time.monotonic() + (10.0 if timeout is None else timeout)
    while True:
        try:
            return connection.connect(os.fspath(path))
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
