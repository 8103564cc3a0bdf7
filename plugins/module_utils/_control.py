# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The daemon's control sockets: one JSON object per line in, one out, over a Unix stream socket per worker."""

from __future__ import annotations

import errno
import json
import os
import socket
import typing as t

Answer = t.Dict[str, t.Any]

TIMEOUT = 30.0  # seconds; a reload parses, checks and applies a whole configuration
NOT_RUNNING = (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR)
LONGEST_ANSWER = 64 << 20


class ControlError(Exception):
    """A worker is there but does not answer as agreed."""


def request(
    runtime_dir: str, worker: str, verb: str, timeout: float = TIMEOUT, **arguments: t.Any
) -> t.Optional[Answer]:
    """The answer of `worker` (lvsd, vrrp or checker) to `verb`; None when it is not running.

    Raises `ControlError` when the worker neither answers within `timeout` seconds nor is absent.
    """
    path = os.path.join(runtime_dir, worker + ".sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(path)
            connection.sendall(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
            return _answer(connection, path)
        except OSError as error:
            if error.errno in NOT_RUNNING:
                return None
            raise ControlError(f"{path}: {error}") from error


def _answer(connection: socket.socket, path: str) -> Answer:
    with connection.makefile("rb") as stream:
        text = stream.readline(LONGEST_ANSWER)
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise ControlError(f"{path}: the answer is no JSON object: {error}") from error
    if not isinstance(answer, dict):
        raise ControlError(f"{path}: the answer is no JSON object")
    return answer


def state(runtime_dir: str, worker: str, timeout: float = TIMEOUT) -> t.Optional[Answer]:
    """What `show` answers; None when the worker is not running.  Raises `ControlError`."""
    answer = request(runtime_dir, worker, "show", timeout)
    if answer is not None and not answer.get("ok"):
        raise ControlError(f"{worker}: {answer.get('error', 'show was refused')}")
    return answer


def _named(shown: t.Optional[Answer], table: str, key: str, name: str) -> t.Optional[Answer]:
    return next((entry for entry in (shown or {}).get(table, []) if entry.get(key) == name), None)


def live_instance(runtime_dir: str, name: str) -> t.Optional[Answer]:
    """The running `vrrp_instance` of this name, None where there is none."""
    return _named(state(runtime_dir, "vrrp"), "instances", "name", name)


def live_group(runtime_dir: str, name: str) -> t.Optional[Answer]:
    """The running `vrrp_sync_group` of this name, None where there is none."""
    return _named(state(runtime_dir, "vrrp"), "groups", "name", name)


def live_service(runtime_dir: str, key: str) -> t.Optional[Answer]:
    """The running `virtual_server` with this key, None where there is none."""
    return _named(state(runtime_dir, "checker"), "services", "key", key)


def server_in(shown: t.Optional[Answer], service: str, server: str) -> t.Optional[Answer]:
    """The `real_server` of a service in what the checker shows, None where there is none."""
    return _named(_named(shown, "services", "key", service), "servers", "key", server)
