# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP_GET and SSL_GET: the pages, what they must look like, and what is refused with which text."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.conf.grammar.entry import Ignored
from lvsd.conf.grammar.http_check import PCRE_OPTIONS, URL, http, read_codes, read_options, write_codes
from lvsd.model import HttpCheck, Url

from tests.support.language import kept, read, refused, words, written

PLAIN, TLS = http("HTTP_GET", tls=False), http("SSL_GET", tls=True)
DIGEST = "9b3a0c85a887a256d6939da88aabd8cd"
LINES: list[tuple[str, dict[str, Any]]] = [
    ("status_code 100", {"status_codes": ((100, 100),)}),
    ("status_code 200 301-399 599", {"status_codes": ((200, 200), (301, 399), (599, 599))}),
    (f"digest {DIGEST}", {"digest": DIGEST}),
    ("virtualhost www.example.org", {"virtualhost": "www.example.org"}),
    ("regex ^ok[0-9]+", {"regex": "^ok[0-9]+"}),
    ("regex_no_match", {"regex_no_match": True}),
    ("regex_options caseless dotall", {"regex_options": ("caseless", "dotall")}),
]


def test_the_words_of_a_page() -> None:
    assert words(URL) == {"path", *(line.split()[0] for line, _fields in LINES)}
    assert list(kept(URL.entries)) == ["regex_stack", "regex_min_offset", "regex_max_offset", "tls_compliant"]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_a_word_sets_its_field(line: str, fields: dict[str, Any]) -> None:
    value, said = read(URL, "path /health", line)
    assert (value, said) == (Url(path="/health", **fields), [])
    assert written(URL, value) == ["path /health", line]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("status_code 99", "error 2: status_code '99' is outside 100 to 599"),
        ("status_code 600", "error 2: status_code '600' is outside 100 to 599"),
        ("status_code 200-100", "fatal 2: status_code '200-100' runs backwards"),
        ("status_code 200-", "error 2: status_code '' is not a whole number from 100 to 599"),
        (
            "digest abc",
            "fatal 2: digest 'abc' is not an MD5 sum: 32 hexadecimal digits, as lvsctl genhash prints them",
        ),
        ("path", "fatal 2: 'path' needs a value: path PATH"),
        ("regex ''", "fatal 2: regex is empty"),
    ],
)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    assert read(URL, line) == (Url(), [said])


def test_a_digest_is_in_lower_case() -> None:
    assert read(URL, f"digest {DIGEST.upper()}") == (Url(digest=DIGEST), [])


def test_an_unknown_option_leaves_the_others() -> None:
    assert refused(read_options, "caseless global") == "ignored: 'global' is not an option of PCRE2"
    with pytest.raises(Ignored) as error:
        read_options(("caseless", "global", "dotall"))
    assert error.value.value == ("caseless", "dotall")
    assert read_options(tuple(sorted(PCRE_OPTIONS))) == tuple(sorted(PCRE_OPTIONS))


def test_codes_are_ranges_with_both_ends() -> None:
    assert read_codes(("200", "200-299")) == ((200, 200), (200, 299))
    assert write_codes(((200, 200), (200, 299)), None) == ("200", "200-299")


def test_only_a_check_over_tls_names_the_host_in_the_handshake() -> None:
    assert words(TLS) - words(PLAIN) == {"enable_sni"}
    assert set(kept(TLS.entries)) - set(kept(PLAIN.entries)) == {"sni_name", "tls_compliant"}
    assert {"url", "http_protocol", "virtualhost", "fast_recovery", "connect_port", "alpha"} <= words(PLAIN)
    lines = ["http_protocol 1.0C", "virtualhost a.example", "fast_recovery", "enable_sni"]
    value, said = read(TLS, *lines)
    fields: dict[str, Any] = {"http_protocol": "1.0C", "virtualhost": "a.example", "fast_recovery": True}
    assert (value, said) == (HttpCheck(tls=True, enable_sni=True, **fields), [])
    assert written(TLS, value) == lines
    value, said = read(PLAIN, "enable_sni")
    assert value == HttpCheck()
    assert said[0].startswith("error 2: unknown keyword 'enable_sni' in this place; it belongs in SSL_GET")


def test_the_version_of_the_protocol_in_any_case() -> None:
    assert read(PLAIN, "http_protocol 1.0c") == (HttpCheck(http_protocol="1.0C"), [])
    assert read(PLAIN, "http_protocol 2") == (
        HttpCheck(),
        ["error 2: http_protocol '2' is none of 1.0, 1.0C, 1.1"],
    )


def test_pages_are_in_their_order() -> None:
    value, said = read(PLAIN, "url {", "path /a", "}", "url {", "path /b", "}")
    assert (value.urls, said) == ((Url(path="/a"), Url(path="/b")), [])
    assert written(PLAIN, value) == ["url {", "    path /a", "}", "url {", "    path /b", "}"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("enable_sni maybe", "enable_sni 'maybe' is none of on, off, true, false, yes, no"),
        ("fast_recovery maybe", "fast_recovery 'maybe' is none of on, off, true, false, yes, no"),
        ("http_protocol 1.1C", "http_protocol '1.1C' is none of 1.0, 1.0C, 1.1"),
    ],
)
def test_a_word_of_a_check_that_keepalived_refuses_is_refused(line: str, said: str) -> None:
    assert read(TLS, line) == (HttpCheck(tls=True), [f"error 2: {said}"])


@pytest.mark.parametrize(("word", "held"), [("true", True), ("false", False), ("off", False)])
def test_switches_take_a_value(word: str, held: bool) -> None:
    value, said = read(TLS, f"enable_sni {word}", f"fast_recovery {word}")
    assert (value.enable_sni, value.fast_recovery, said) == (held, held, [])


def test_a_host_name_may_lack_its_value() -> None:
    assert read(PLAIN, "virtualhost") == (HttpCheck(), ["error 2: 'virtualhost' needs a value: virtualhost NAME"])
    assert read(URL, "virtualhost") == (Url(), ["error 2: 'virtualhost' needs a value: virtualhost NAME"])
