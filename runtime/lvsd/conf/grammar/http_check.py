# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`HTTP_GET` and `SSL_GET`, and the pages that they fetch."""

from __future__ import annotations

import re
from typing import Any

from lvsd.model import HttpCheck, Url

from .check_target import GROUPS, NETWORK
from .entry import Block, Entry, Ignored, Keyword, Kind, Words, kept
from .number import whole
from .value import boolean, choice, flag, pattern, string, text

LOWEST, HIGHEST = 100, 599  # a status code of HTTP


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
