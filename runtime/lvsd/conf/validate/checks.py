# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in checks (keepalived: check_parser.c)."""

from __future__ import annotations

import re

from lvsd.model import CheckTarget, ConnectingCheck, HttpCheck, RealServer, Url, VirtualServer

from ..draft import Located
from ..findings import Findings

POSIX_CLASS = re.compile(r"\[[:.=]\^?\w+[:.=]\]")  # of PCRE; to Python it is a set of the characters in it
REGEX_OPTIONS = {"caseless": re.I, "multiline": re.M, "dotall": re.S, "extended": re.X}


def check_check(
    service: VirtualServer, server: RealServer, check: Located[object], label: str, findings: Findings
) -> None:
    """Report a check that cannot run: without a port, from an address of another family, or a page at fault."""
    value = check.value
    if isinstance(value, ConnectingCheck):
        connection(service, server, check, value.target, label, findings)
    if isinstance(value, HttpCheck):
        pages(check, value, label, findings)


def connection(
    service: VirtualServer,
    server: RealServer,
    check: Located[object],
    target: CheckTarget,
    label: str,
    findings: Findings,
) -> None:
    """Report a check without a port, or from an address of another family than it connects to."""
    if not (target.connect_port or (service.port if server.port is None else server.port)):
        findings.error(check.place, f"{label}: it needs a connect_port: the real server has no port", "connect_port")
    address = target.connect_ip or server.address
    if target.bindto is not None and target.bindto.version != address.version:
        findings.error(
            check.at("bindto"), f"{label}: bindto {target.bindto} cannot reach {address}: another family", "bindto"
        )


def pages(check: Located[object], value: HttpCheck, label: str, findings: Findings) -> None:
    """Report what is wrong with the pages that a check fetches."""
    if not value.urls and not findings.broken:
        findings.error(check.place, f"{label}: it has no url: write url {{ path / }}", "url")
    for url in check.children.get("urls", []):
        if "path" not in url.places:
            findings.warning(
                url.place, f"{label}: a url without a path: '/' is asked for, keepalived would ignore it", "path"
            )
        pattern(url, label, findings)


def pattern(url: Located[Url], label: str, findings: Findings) -> None:
    """Report a regular expression that does not compile or means something else to PCRE2."""
    value = url.value
    if value.regex is None:
        for word, held in (("regex_no_match", value.regex_no_match), ("regex_options", value.regex_options)):
            if held:
                findings.warning(url.at(word), f"{label}: {word} has no effect without a regex", word)
        return
    flags = re.RegexFlag(0)
    for name in value.regex_options:
        if name in REGEX_OPTIONS:
            flags |= REGEX_OPTIONS[name]
        else:
            findings.warning(
                url.at("regex_options"),
                f"{label}: the option '{name}' is known but not implemented yet",
                "regex_options",
            )
    if posix := POSIX_CLASS.search(value.regex):
        findings.error(url.at("regex"), f"{label}: the regex cannot be used: {posix[0]} is unknown here", "regex")
        return
    try:
        re.compile(value.regex.encode("utf-8", "surrogatepass"), flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        findings.error(url.at("regex"), f"{label}: the regex cannot be compiled: {error}", "regex")
