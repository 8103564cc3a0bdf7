# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsctl reexec`: have the daemon become the installed version, and see that all of it did."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from lvsd.control.server import Answer

from .sockets import Failed, Silent, Sockets
from .table import table

ASK_EVERY = 0.1  # seconds

Versions = dict[str, dict[str, Any]]  # lvsd, vrrp, checker -> release, digest, pid


def reexec(options: Namespace) -> tuple[dict[str, Any], Callable[[], str]]:
    """The versions before and after.  Raises `Failed` when it was refused, or when something was not replaced."""
    sockets = Sockets(options.runtime_dir)
    until = time.monotonic() + options.wait
    shown = sockets.ask("lvsd", "show")
    before = versions(shown)
    sockets.ask("lvsd", "reexec")
    shown = _next_image(sockets, shown.get("started_at"), until)
    after = versions(shown)
    document = {"version": 1, "ok": True, "before": before, "after": after, "takeover": shown["takeover"]}
    if problems := shown["takeover"]["problems"]:
        reason = f"not all was replaced: {'; '.join(problems)}"
        raise Failed(reason, {**document, "ok": False, "error": reason})
    return document, lambda: text(before, after)


def versions(shown: Answer) -> Versions:
    """Return the release, the digest and the pid of the parent and of each worker, by name."""
    parts = [{**shown, "name": "lvsd"}, *shown["workers"]]
    return {part["name"]: {key: part.get(key) for key in ("release", "digest", "pid")} for part in parts}


def text(before: Versions, after: Versions) -> str:
    """One row for each process."""
    rows = [(name, _words(before.get(name)), _words(after.get(name))) for name in {**before, **after}]
    return table(("PROCESS", "BEFORE", "AFTER"), rows)


def _words(version: dict[str, Any] | None) -> str | None:
    if version is None or version["pid"] is None:
        return None
    digest = f" {version['digest']}" if version["digest"] else ""
    return f"{version['release']}{digest} (pid {version['pid']})"


def _next_image(sockets: Sockets, started_at: float | None, until: float) -> Answer:
    """What the parent shows when the image after the one of `started_at` has all its workers."""
    while time.monotonic() < until:
        try:
            shown = sockets.ask("lvsd", "show")
        except (Silent, Failed):  # between the images
            shown = {}
        if shown.get("complete") and shown.get("started_at") != started_at:
            return shown
        time.sleep(ASK_EVERY)
    raise Failed("the new version is not complete in time; look at `lvsctl status` and the log")
