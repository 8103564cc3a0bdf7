# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draining, enabling and weighting one real server of one service."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import views
from .sockets import Failed, Silent, Sockets

Result = tuple[dict[str, Any], Callable[[], str]]
POLL = 0.5  # seconds between two looks at the connections that are left


def drain(options: Namespace) -> Result:
    """No new connections; with --wait until the last one has ended.  Raises `Failed` where some are left then."""
    sockets = Sockets(options.runtime_dir)
    service, server = _find(sockets, options)
    answer = sockets.ask("checker", "drain", service=service, server=server)
    if options.wait is not None:
        left = _wait(sockets, service, server, options.wait, quiet=options.json)
        answer = {**answer, "connections": left}
        if left:
            raise Failed(
                f"{server} is drained, but {left} connections are left after {options.wait:g} s", _failed(answer)
            )
    return answer, lambda: views.server(service, answer.get("server"), server)


def enable(options: Namespace) -> Result:
    """Take the drain of one server back: it is used again as its checks say."""
    sockets = Sockets(options.runtime_dir)
    service, server = _find(sockets, options)
    answer = sockets.ask("checker", "enable", service=service, server=server)
    return answer, lambda: views.server(service, answer.get("server"), server)


def weight(options: Namespace) -> Result:
    """Give one server a weight in the place of the configured one; None takes that back."""
    sockets = Sockets(options.runtime_dir)
    service, server = _find(sockets, options)
    answer = sockets.ask("checker", "weight", service=service, server=server, weight=options.weight)
    return answer, lambda: views.server(service, answer.get("server"), server)


def resolve(given: str, keys: Iterable[str]) -> str:
    """The key that `given` means: itself, or the only one that it begins (`192.0.2.10:80` for `192.0.2.10:80/TCP`).

    Pure.  Raises `Failed` with the keys to choose from.
    """
    known = sorted(set(keys))
    if given in known:
        return given
    meant = [key for key in known if key.partition("/")[0] == given or _without_port(key) == given]
    if len(meant) == 1:
        return meant[0]
    choice = ", ".join(meant or known) or "none is configured"
    raise Failed(f"{given!r} means several: {choice}" if meant else f"there is no {given!r}; there is: {choice}")


def _without_port(key: str) -> str:
    return key.partition("/")[0].rpartition(":")[0].strip("[]")


def _find(sockets: Sockets, options: Namespace) -> tuple[str, str]:
    services = sockets.ask("checker", "show")["services"]
    service = resolve(options.service, (service["key"] for service in services))
    (found,) = [one for one in services if one["key"] == service]
    return service, resolve(options.server, (server["key"] for server in found["servers"]))


def _wait(sockets: Sockets, service: str, server: str, seconds: float, *, quiet: bool) -> int:
    """How many connections are left: 0, or what there was when the time was over.

    A checker that restarts is waited for.  Raises `Silent` when it does not come back in time, `Failed` when the server
    is not configured any more, as the checker counts configured servers only.
    """
    until = time.monotonic() + seconds
    said = None
    while True:
        try:
            left = _connections(sockets.ask("checker", "show"), service, server)
        except Silent:
            if time.monotonic() >= until:
                raise
        else:
            if left != said and not quiet:
                print(f"{server}: {left} connections left", file=sys.stderr, flush=True)
                said = left
            if not left or time.monotonic() >= until:
                return left
        time.sleep(max(0.0, min(POLL, until - time.monotonic())))


def _connections(shown: Mapping[str, Any], service: str, server: str) -> int:
    """Active connections: inactive ones have ended and only wait for their timer in the kernel.

    Raises `Failed` for a server that is not there.
    """
    for one in shown["services"]:
        for candidate in one["servers"]:
            if (one["key"], candidate["key"]) == (service, server):
                return candidate.get("active_connections") or 0
    raise Failed(f"{server} of {service} is not configured any more; the checker does not count what it had left")


def _failed(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "ok": False, "error": "connections are left"}
