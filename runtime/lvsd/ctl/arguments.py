# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of `lvsctl`.  Pure."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

EPILOG = "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 lvsd does not answer."
ENABLE = "undo drain; another weight that was ordered stays until `weight ... default`"
SHOWS = ("vrrp", "checks", "ipvs", "config")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The request in `argv`; a mistake prints the reason and exits with 2."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.verb == "explain" and (options.keyword is None) != options.unimplemented:
        parser.error("explain needs a KEYWORD, or --unimplemented")
    return options


def _parser() -> argparse.ArgumentParser:
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _add_everywhere(everywhere)  # behind the verb too, where it must not undo what stands before it
    parser = argparse.ArgumentParser(prog="lvsctl", description="Look at lvsd and direct it.", epilog=EPILOG)
    _add_everywhere(parser)
    parser.set_defaults(json=False, runtime_dir=Path("/run/lvsd"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, parents=[everywhere], epilog=EPILOG)

    verb("status", "routers, services and workers on one screen")
    show = verb("show", "one subject in detail")
    show.add_argument("what", choices=SHOWS)
    show.add_argument("--secrets", action="store_true", help="with config: passwords as they are")
    verb("reload", "read the configuration again; what is wrong is refused and nothing changes")
    reexec = verb("reexec", "become the version that is installed now, in place; nothing is restarted, nothing moves")
    reexec.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="until all is replaced (60)")
    failover = verb("failover", "hand virtual routers over to a peer, as a plan")
    failover.add_argument("name", nargs="?", metavar="INSTANCE|GROUP", help="default: every active one")
    for name, text in (
        ("drain", "give a server no new connections"),
        ("enable", ENABLE),
    ):
        _add_server(verb(name, text), wait=name == "drain")
    weight = verb("weight", "give a server another weight, until `weight ... default`")
    _add_server(weight, wait=False)
    weight.add_argument("weight", metavar="N|default", type=_weight)
    events = verb("events", "what happened, of all workers, by time")
    events.add_argument("--follow", "-f", action="store_true", help="and what happens from now on, until interrupted")
    events.add_argument("--lines", "-n", type=int, default=100, metavar="N", help="at most the last N (100)")
    explain = verb("explain", "what a keyword of the configuration means")
    explain.add_argument("keyword", nargs="?", metavar="KEYWORD")
    explain.add_argument("--unimplemented", action="store_true", help="list the keywords that have no effect yet")
    return parser


def _add_everywhere(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.add_argument("--runtime-dir", type=Path, metavar="DIR", help="where the sockets are (/run/lvsd)")


def _add_server(parser: argparse.ArgumentParser, *, wait: bool) -> None:
    parser.add_argument(
        "service", metavar="SERVICE", help="192.0.2.10:80/TCP, 192.0.2.10:80, [2001:db8::1]:80/TCP, ..."
    )
    parser.add_argument("server", metavar="SERVER", help="10.0.0.11:80")
    if wait:
        parser.add_argument(
            "--wait", type=float, metavar="SECONDS", help="until its last connection has ended, or so long"
        )


def _weight(text: str) -> int | None:
    """None gives the server the configured weight again."""
    if text in ("default", "null"):
        return None
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no weight (0 to 65535, or default)")
    return int(text)
