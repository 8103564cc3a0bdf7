# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsctl`: ask, print, say how it went."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

from . import arguments, events, reexec, servers, views
from .sockets import Failed, Silent, Sockets

DONE, FAILED, USAGE, SILENT = 0, 1, 2, 3  # exit codes
INTERRUPTED = "interrupted; what was asked for goes on"

Document = dict[str, Any]
Result = tuple[Document, Callable[[], str]]  # for --json; for people, made only when wanted


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    options = arguments.parse(sys.argv[1:] if argv is None else argv)
    following = options.verb == "events" and options.follow
    try:
        if following:
            return follow(options)
        document, text = VERBS[options.verb](options)
        print(json.dumps(document, indent=2) if options.json else text(), flush=True)
    except Failed as failed:
        return _complain(options, FAILED, str(failed), failed.answer)
    except Silent as silent:
        return _complain(options, SILENT, str(silent), {"version": 1, "ok": False, "error": str(silent)})
    except BrokenPipeError:  # `lvsctl ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except KeyboardInterrupt:
        if not following:  # the only end that following has
            return _complain(options, FAILED, INTERRUPTED, {"version": 1, "ok": False, "error": INTERRUPTED})
    return DONE


def status(options: Namespace) -> Result:
    """Show the state of every process, router and service."""
    import time

    answers = Sockets(options.runtime_dir).show_all()
    return {"version": 1, "ok": True, **answers}, lambda: views.status(answers, time.time(), colour=_colour())


def show(options: Namespace) -> Result:
    """Show one part in full: the routers, the checks, the IPVS table, or the configuration that runs."""
    import time

    sockets = Sockets(options.runtime_dir)
    if options.what == "config":
        answer = sockets.ask("lvsd", "config", secrets=options.secrets)
        return answer, lambda: str(answer["text"]).rstrip("\n")
    answer = sockets.ask("vrrp" if options.what == "vrrp" else "checker", "show")
    if options.what == "vrrp":
        return answer, lambda: views.vrrp_in_full(answer, time.time(), colour=_colour())
    view = views.checks if options.what == "checks" else views.ipvs
    return answer, lambda: view(answer, colour=_colour())


def reload(options: Namespace) -> Result:
    """Have the daemon read its configuration again, and show what changed. Raises `Failed` where the kernel refuses."""
    answer = Sockets(options.runtime_dir).ask("lvsd", "reload")
    if refused := answer.get("refused"):
        reason = f"loaded, but the kernel does not take all of it: {'; '.join(refused)}"
        raise Failed(reason, {**answer, "ok": False, "error": reason, "findings": []})
    return answer, lambda: views.changes(answer)


def failover(options: Namespace) -> Result:
    """Have a router or a sync group give up its Active state, and show who should take over."""
    answer = Sockets(options.runtime_dir).ask("vrrp", "failover", name=options.name)
    return answer, lambda: views.failover(answer, options.name)


def list_events(options: Namespace) -> Result:
    """Show the last events of all processes, in the order of time."""
    found = events.collect(Sockets(options.runtime_dir), options.lines)
    document: Document = {"version": 1, "ok": True, "events": found}
    return (
        document,
        lambda: "\n".join(events.line(event, colour=_colour()) for event in found) or "nothing has happened yet",
    )


def explain(options: Namespace) -> Result:
    """Show what a keyword means, from the grammar."""
    from .explain import explain  # with the grammar, which no other verb needs to load

    return explain(options)


def follow(options: Namespace) -> int:
    """The last events, then every new one: lines, or with --json one object per line."""
    sockets = Sockets(options.runtime_dir)

    def print_event(event: events.Event) -> None:
        print(json.dumps(event) if options.json else events.line(event, colour=_colour()), flush=True)

    events.follow(sockets, options.lines, print_event)
    return DONE


VERBS: dict[str, Callable[[Namespace], Result]] = {
    "status": status,
    "show": show,
    "reload": reload,
    "reexec": reexec.reexec,
    "failover": failover,
    "drain": servers.drain,
    "enable": servers.enable,
    "weight": servers.weight,
    "events": list_events,
    "explain": explain,
}


def _complain(options: Namespace, code: int, reason: str, answer: Document) -> int:
    if options.json:
        print(json.dumps(answer, indent=2))
    print(f"lvsctl: {reason}", file=sys.stderr)
    for finding in answer.get("findings", ()):
        print(f"{finding['path']}:{finding['line']}: {finding['message']}", file=sys.stderr)
    return code


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


if __name__ == "__main__":
    sys.exit(main())
