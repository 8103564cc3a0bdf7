# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a real server, and the times that they inherit."""

from __future__ import annotations

import re
from typing import Any

from lvsd.model import CheckTarget, CheckTiming, Command, HttpCheck, MiscCheck, TcpCheck, Url

from .entry import Block, Entry, Ignored, Kept, Keyword, Kind, Words, kept
from .number import integer, seconds, whole, whole_seconds
from .value import address, boolean, choice, command_line, flag, interface, pattern, string, text, user_group

DAY = 86400
LOWEST, HIGHEST = 100, 599  # a status code of HTTP
PASSES = "the check counts as passed"


def timing(inherits: str, *, connect: bool = True, strict: bool = True) -> tuple[Entry, ...]:
    """The timing keywords, with where they are inherited from."""
    first: tuple[Entry, ...] = (
        Keyword(
            "connect_timeout",
            "timing.connect_timeout",
            seconds(0.000001, DAY),
            "Time for each step of a check: connection, TLS handshake, next piece of the answer; 5 times that for all.",
            inherits or "5",
        ),
    )
    return (
        *(first if connect else ()),
        Keyword(
            "retry",
            "timing.retry",
            integer(0, 2**31 - 1),
            "Failures forgiven before the server counts as down.",
            inherits or "1; MISC_CHECK 0",
            deprecated=("nb_get_retry",),
        ),
        Keyword(
            "delay_before_retry",
            "timing.delay_before_retry",
            seconds(0, DAY, limited=False),
            "Time before a failed check is tried again.",
            inherits or "1; HTTP_GET and SSL_GET 3",
        ),
        Keyword(
            "delay_loop",
            "timing.delay_loop",
            seconds(0.000001, 31 * DAY, limited=False),
            "Time between two checks.",
            inherits or "60",
        ),
        Keyword(
            "warmup",
            "timing.warmup",
            seconds(0, 31 * DAY, limited=False),
            "Spreads the first check over this time.",
            inherits or "delay_loop",
        ),
        Keyword(
            "alpha",
            "timing.alpha",
            boolean(strict=strict),
            "Counts as down until a check has passed.",
            inherits or "off",
        ),
    )


TARGET: tuple[Entry, ...] = (
    Keyword("connect_ip", "target.connect_ip", address(), "Connects there instead of to the real server."),
    Keyword("connect_port", "target.connect_port", integer(1, 65535), "Connects to this port.", "the real server's"),
    Keyword("bindto", "target.bindto", address(), "Connects from this address."),
    Keyword("bind_port", "target.bind_port", integer(1, 65535), "Connects from this port."),
    Keyword("bind_if", "target.bind_if", interface(), "Connects through this interface."),
    Keyword("fwmark", "target.fwmark", integer(0, 2**32 - 1), "Marks the packets of the check."),
)
LOG_ALL = kept("log_all_failures", "Logs every failure of this check.", "only changes are logged", "[on|off]")
NETWORK: tuple[Entry, ...] = (*timing("the real server's"), *TARGET, LOG_ALL)
GROUPS = {"timing": CheckTiming, "target": CheckTarget}

# --- url -----------------------------------------------------------------------------------------


def read_codes(words: Words) -> tuple[tuple[int, int], ...]:
    """Return status codes as inclusive ranges. Raises ValueError for a range that runs backwards."""
    ranges = []
    for word in words:
        first, dash, last = word.partition("-")
        low = whole(first, LOWEST, HIGHEST)
        ranges.append((low, whole(last, LOWEST, HIGHEST) if dash else low))
        if ranges[-1][0] > ranges[-1][1]:
            raise ValueError(f"'{word}' runs backwards")
    return tuple(ranges)


def write_codes(codes: tuple[tuple[int, int], ...], _unused: Any) -> Words:
    """Return status codes as words, a single code without a dash."""
    return tuple(str(low) if low == high else f"{low}-{high}" for low, high in codes)


def read_digest(word: str) -> str:
    """Return an MD5 sum as 32 lower-case digits. Raises ValueError."""
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", word):
        raise ValueError(f"'{word[:80]}' is not an MD5 sum: 32 hexadecimal digits, as lvsctl genhash prints them")
    return word.lower()


PCRE_OPTIONS = frozenset(
    [
        "allow_empty_class",
        "alt_bsux",
        "auto_callout",
        "caseless",
        "dollar_endonly",
        "dotall",
        "dupnames",
        "extended",
        "firstline",
        "match_unset_backref",
        "multiline",
        "never_ucp",
        "never_utf",
        "no_auto_capture",
        "no_auto_possess",
        "no_dotstar_anchor",
        "no_start_optimize",
        "ucp",
        "ungreedy",
        "utf",
        "never_backslash_c",
        "alt_circumflex",
        "alt_verbnames",
        "use_offset_limit",
    ]
)


def read_options(words: Words) -> tuple[str, ...]:
    """Return the options of a regular expression. Raises `Ignored`, with the ones that are known, for another word."""
    wrong = [word for word in words if word not in PCRE_OPTIONS]
    known = tuple(str(word) for word in words if word in PCRE_OPTIONS)
    if wrong:
        raise Ignored(f"'{wrong[0]}' is not an option of PCRE2", known)
    return known


URL = Block(
    "url",
    "urls",
    Url,
    (
        Keyword("path", "path", string("PATH"), "What is asked for; keepalived wants it said.", "/", always=True),
        Keyword(
            "status_code",
            "status_codes",
            Kind(
                "N|N-N ...",
                read_codes,
                write_codes,
                1,
                None,
                type="words",
                form="status_code",
                low=LOWEST,
                high=HIGHEST,
            ),
            "Status codes, or ranges of them, that count as good.",
            "200-299",
        ),
        Keyword("digest", "digest", text("MD5", "md5", read_digest), "MD5 sum that the body must have."),
        Keyword("virtualhost", "virtualhost", string("NAME"), "Host name in the request.", "the check's", bare=True),
        Keyword("regex", "regex", pattern(), "Pattern that the body must contain."),
        Keyword("regex_no_match", "regex_no_match", flag(), "The body must not contain the pattern."),
        Keyword(
            "regex_options",
            "regex_options",
            Kind(
                "OPTION ...",
                read_options,
                lambda value, _: value,
                1,
                None,
                type="words",
                form="regex_option",
                choices=tuple(sorted(PCRE_OPTIONS)),
            ),
            "Options of the pattern, such as caseless.",
        ),
        kept("regex_stack", "Memory of the pattern matcher.", None, "START MAX"),
        kept("regex_min_offset", "Where the search begins.", "the whole body is searched", "BYTES"),
        kept("regex_max_offset", "Where the search ends.", "the whole body is searched", "BYTES"),
        kept("tls_compliant", "Insists on an orderly end of TLS.", "an abrupt end is accepted", "[on|off]"),
    ),
    "A page to fetch; a check may have several.",
)

HTTP: tuple[Entry, ...] = (
    URL,
    Keyword(
        "http_protocol",
        "http_protocol",
        choice("1.0", "1.0C", "1.1", fold=True),
        "Version of the request; 1.0C adds the header Connection: close.",
        "1.0",
    ),
    Keyword("virtualhost", "virtualhost", string("NAME"), "Host name in the request.", "the real server's", bare=True),
    Keyword("fast_recovery", "fast_recovery", boolean(), "Fetches all pages without waiting after a failure.", "off"),
)
TLS: tuple[Entry, ...] = (
    Keyword("enable_sni", "enable_sni", boolean(), "Names the host of the page in the TLS handshake.", "off"),
    kept("sni_name", "The name in the TLS handshake.", "the virtual host's name is sent", "NAME"),
    kept("tls_compliant", "Insists on an orderly end of TLS.", "an abrupt end is accepted", "[on|off]"),
)

# --- the checks ----------------------------------------------------------------------------------


def http(name: str, *, tls: bool) -> Block:
    """Return the block of HTTP_GET or, with `tls`, of SSL_GET."""
    return Block(
        name,
        "checks",
        HttpCheck,
        (*HTTP, *(TLS if tls else ()), *NETWORK),
        "Fetches pages over " + ("TLS; certificates are not verified." if tls else "HTTP."),
        fixed={"tls": tls},
        groups=GROUPS,
    )


def unknown_check(name: str, text: str, *words: Kept, network: bool = True) -> Kept:
    """A check that keepalived has and we have not yet."""
    generic = tuple(
        kept(entry.name, entry.text, None, aliases=(*entry.aliases, *entry.deprecated))
        for entry in NETWORK
        if isinstance(entry, Keyword | Kept)
    )
    return kept(name, text, PASSES, body=(*words, *(generic if network else ())), field="checks")


def word(name: str, text: str, syntax: str = "", **more: Any) -> Kept:
    """A word inside a block that is kept as a whole: the block's warning is enough."""
    return kept(name, text, None, syntax, **more)


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
