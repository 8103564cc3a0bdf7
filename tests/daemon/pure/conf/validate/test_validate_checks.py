# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in checks: a port, a source of the right family, a page, and an expression that compiles."""

from __future__ import annotations

import pytest
from conf_texts import R, check, service
from lvsd.conf.validate.checks import REGEX_OPTIONS, check_check

from tests.support.language import located, named

MARK = "virtual_server fwmark 7: real_server 192.0.2.9: TCP_CHECK: "


def checked(text: str) -> list[str]:
    """What was found of the only check of the only server."""
    whole, findings = located(text)
    [one] = whole.children["virtual_servers"]
    [server] = one.children["real_servers"]
    [found] = server.children["checks"]
    check_check(one.value, server.value, found, f"{one.label}: {server.label}: {found.label}", findings)
    return named(findings.result())


def page(*lines: str) -> str:
    """A check of one page; its words begin on line 7."""
    return service(servers=check("url {\n" + "\n".join(lines) + "\n}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            service(servers=check("", "TCP_CHECK", "192.0.2.9"), key="fwmark 7"),
            [f"fatal 5: {MARK}it needs a connect_port: the real server has no port"],
        ),
        (service(servers=check("connect_port 9", "TCP_CHECK", "192.0.2.9"), key="fwmark 7"), []),
        (service(servers=check("", "TCP_CHECK", "192.0.2.9")), []),  # the port of the service
        (
            service(servers=check("bindto 2001:db8::1", "TCP_CHECK")),
            [f"fatal 6: {R}TCP_CHECK: bindto 2001:db8::1 cannot reach 192.0.2.9: another family"],
        ),
        (service(servers=check("bindto 2001:db8::1\nconnect_ip 2001:db8::2", "TCP_CHECK")), []),
        (service(servers=check("")), [f"fatal 5: {R}HTTP_GET: it has no url: write url {{ path / }}"]),
        (service(servers=check("misc_path /bin/true", "MISC_CHECK")), []),
    ],
)
def test_a_check_can_run(text: str, said: list[str]) -> None:
    assert checked(text) == said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["path /", "regex ok"], []),
        ([], [f"6: {R}HTTP_GET: a url without a path: '/' is asked for, keepalived would ignore it"]),
        (["path /", "regex_no_match"], [f"8: {R}HTTP_GET: regex_no_match has no effect without a regex"]),
        (["path /", "regex_options utf"], [f"8: {R}HTTP_GET: regex_options has no effect without a regex"]),
        (
            ["path /", "regex a(?i", "regex_options utf"],
            [
                f"9: {R}HTTP_GET: the option 'utf' is known but not implemented yet",
                f"fatal 8: {R}HTTP_GET: the regex cannot be compiled: missing -, : or ) at position 4",
            ],
        ),
        (
            ["path /", "regex [[:digit:]]+"],
            [f"fatal 8: {R}HTTP_GET: the regex cannot be used: [:digit:] is unknown here"],
        ),
        (["path /", "regex a(", "regex_options extended"], [f"fatal 8: {R}HTTP_GET: the regex cannot be compiled: "]),
        (
            ["path /", f"regex {'(' * 5000}{')' * 5000}"],
            [f"fatal 8: {R}HTTP_GET: the regex cannot be compiled: maximum recursion depth exceeded"],
        ),
    ],
)
def test_a_page_can_be_compared(lines: list[str], said: list[str]) -> None:
    found = checked(page(*lines))
    assert len(found) == len(said)
    assert [line[: len(start)] for line, start in zip(found, said, strict=True)] == said


@pytest.mark.parametrize("option", REGEX_OPTIONS)
def test_options_that_are_carried_out_need_no_warning(option: str) -> None:
    assert checked(page("path /", "regex a b", f"regex_options {option}")) == [
        f"8: {R}HTTP_GET: url: 'b' after 'regex' has no meaning and is ignored"
    ]


def test_the_flags_are_python_s() -> None:
    assert set(REGEX_OPTIONS) == {"caseless", "multiline", "dotall", "extended"}
    assert all(int(flag) for flag in REGEX_OPTIONS.values())
