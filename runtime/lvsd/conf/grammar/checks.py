# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a real server."""

from __future__ import annotations

from lvsd.model import Command, MiscCheck, TcpCheck

from .check_target import GROUPS, LOG_ALL, NETWORK, TARGET
from .entry import Block, Entry, Kept, Keyword, kept, word
from .http_check import http
from .number import whole_seconds
from .timing import DAY, timing
from .value import command_line, flag, user_group

PASSES = "the check counts as passed"


def unknown_check(name: str, text: str, *words: Kept, network: bool = True) -> Kept:
    """A check that keepalived has and we have not yet."""
    generic = tuple(
        kept(entry.name, entry.text, None, aliases=(*entry.aliases, *entry.deprecated))
        for entry in NETWORK
        if isinstance(entry, Keyword | Kept)
    )
    return kept(name, text, PASSES, body=(*words, *(generic if network else ())), field="checks")


MISC = Block(
    "MISC_CHECK",
    "checks",
    MiscCheck,
    (
        Keyword("misc_path", "command.words", command_line(), "The command; exit code 0 is good. Required."),
        Keyword(
            "user",
            ("command.user", "command.group"),
            user_group(),
            "The user, and where given the group, that the command runs as.",
            "script_user",
            bare=True,
        ),
        Keyword(
            "misc_timeout",
            "timeout",
            whole_seconds(1, 31 * DAY),
            "Time after which the command is killed.",
            "delay_loop",
        ),
        Keyword(
            "misc_dynamic", "dynamic", flag(), "Exit codes from 2 on are good and set the weight to the code less 2."
        ),
        *timing("the real server's", connect=False),
        LOG_ALL,
    ),
    "Runs a command, whose exit code 0 is good.",
    required={"command": "misc_path COMMAND"},
    groups={"command": Command, **GROUPS},
)

CHECKS: tuple[Entry, ...] = (
    Block("TCP_CHECK", "checks", TcpCheck, NETWORK, "Opens a TCP connection.", groups=GROUPS),
    http("HTTP_GET", tls=False),
    http("SSL_GET", tls=True),
    MISC,
    unknown_check(
        "SMTP_CHECK",
        "Greets a mail server.",
        word("helo_name", "Name in HELO.", "NAME"),
        word("host", "An older form of the target.", body=tuple(word(e.name, "Where to connect.") for e in TARGET)),
    ),
    unknown_check(
        "DNS_CHECK",
        "Asks a name server.",
        word("type", "Type of the question.", "A|NS|CNAME|SOA|MX|TXT|AAAA"),
        word("name", "Name that is asked for.", "NAME"),
    ),
    unknown_check(
        "UDP_CHECK",
        "Sends a datagram.",
        word("payload", "What is sent.", "HEX"),
        word("require_reply", "What must come back.", "[HEX]"),
        word("min_reply_length", "Shortest answer.", "BYTES"),
        word("max_reply_length", "Longest answer.", "BYTES"),
    ),
    unknown_check("PING_CHECK", "Sends an ICMP echo request."),
    unknown_check(
        "BFD_CHECK",
        "Follows a BFD session.",
        word("name", "The bfd_instance.", "NAME"),
        word("alpha", "Counts as down at first.", "[on|off]"),
        network=False,
    ),
    unknown_check(
        "FILE_CHECK",
        "Follows a track_file.",
        word("track_file", "The track_file.", "NAME"),
        word("weight", "Factor of the number in the file.", "N [reverse]"),
        network=False,
    ),
)
