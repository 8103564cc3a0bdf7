# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as people write them, which once were refused or read in another way than keepalived 2.2.7 reads them."""

from __future__ import annotations

import pytest
from lvsd import conf
from lvsd.conf.findings import Loaded, Severity
from lvsd.conf.preprocess import Context

SERVICE = "virtual_server 192.0.2.1 80 {\nlb_kind NAT\nlb_algo rr\nprotocol TCP\n%s\n}\n"
SERVER = "real_server 10.0.0.1 80 {\n%s\n}"
INSTANCE = (
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\npriority 100\n%s\n"
    "virtual_ipaddress {\n192.0.2.1/24\n}\n}\n"
)


def said(loaded: Loaded) -> list[str]:
    """Severity, line and message of each finding."""
    return [f"{'fatal ' * f.fatal}{f.severity.value} {f.line}: {f.message}" for f in loaded.findings]


def servers(loaded: Loaded) -> list[tuple[str, int | None, int | None]]:
    (service,) = loaded.configuration.virtual_servers
    return [(str(server.address), server.port, server.weight) for server in service.real_servers]


# --- definitions of many lines -------------------------------------------------------------------


@pytest.mark.parametrize(
    "definition",
    [
        "$RS= \\\n real_server 10.0.0.1 80 { \\\n#  inhibit_on_failure \\\n  weight 7 \\\n }",
        "$RS= \\\n real_server 10.0.0.1 80 { \\\n#  inhibit_on_failure\n  weight 7 \\\n }",
        "$RS= \\\n ! a comment \\\n real_server 10.0.0.1 80 { # a comment \\\n  weight 7 \\ # a comment\n }",
        "$RS= \\\n real_server 10.0.0.1 80 { \\\n  weight 7 \\\n } # a comment",
        "$RS= # a comment \\\n real_server 10.0.0.1 80 { \\\n \\\n  weight 7 \\\n }",
        "$RS=real_server 10.0.0.1 80 { \\\n  weight 7 \\\n }",
        "$RS=real_server 10.0.0.1 80 {\\\nweight 7\\\n}",
        "$RS=real_server 10.0.0.1 80 { # a comment \\\n  weight 7 \\\n }",
        "@here $RS= \\\n real_server 10.0.0.1 80 { \\\n  weight 7 \\\n }",
        "$RS=real_server 10.0.0.1 80 { \\\n  weight 7 \\\n } \\\n",
    ],
)
def test_a_definition_of_many_lines(definition: str) -> None:
    loaded = conf.parse(f"{definition}\n" + SERVICE % "$RS", context=Context(config_id="here"))
    assert (said(loaded), servers(loaded)) == ([], [("10.0.0.1", 80, 7)])


def test_an_empty_line_ends_a_definition() -> None:
    """As it does in keepalived: what follows is no part of it, whatever backslash was left behind."""
    loaded = conf.parse("$RS= \\\n real_server 10.0.0.1 80 { \\\n } \\\n\n" + SERVICE % "$RS")
    assert (said(loaded), servers(loaded)) == ([], [("10.0.0.1", 80, None)])


# --- braces --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "server",
    [
        "real_server 10.0.0.1 80{\nweight 7\n}",
        "real_server 10.0.0.1 80{weight 7}",
        "real_server 10.0.0.1 80 {weight 7}",
        "real_server 10.0.0.1 80{ weight 7\n}",
        "real_server 10.0.0.1 80 {\nweight 7}",
        "real_server 10.0.0.1 80{\nweight 7\nTCP_CHECK{connect_port 80}}",
    ],
)
def test_a_brace_may_touch_any_word(server: str) -> None:
    assert servers(loaded := conf.parse(SERVICE % server)) == [("10.0.0.1", 80, 7)]
    assert not said(loaded)


@pytest.mark.parametrize(
    "text",
    [
        "virtual_server 192.0.2.1 80{\nprotocol TCP\nreal_server 10.0.0.1{}\n}",
        "virtual_server fwmark 5{\nreal_server 10.0.0.1 80{}\n}",
        "global_defs{router_id a}",
        'vrrp_instance "V 1"{\ninterface eth0\nvirtual_router_id 3\nvirtual_ipaddress{192.0.2.3\n192.0.2.4}\n}',
        "vrrp_instance V-1{\ninterface eth0\nvirtual_router_id 3\nvirtual_ipaddress{ 192.0.2.3 }}",
    ],
)
def test_a_brace_may_touch_every_name(text: str) -> None:
    loaded = conf.parse(text)
    assert not said(loaded)
    assert loaded.configuration != conf.parse("").configuration


@pytest.mark.parametrize("word", ["a{2}", "a{2,}b{3,4}", "x{1}y", "/{name}", "/a/{b}c"])
def test_a_brace_inside_a_value_is_told(word: str) -> None:
    """keepalived ends the word there, and reports the rest; in quotes both read it alike."""
    text = SERVICE % (SERVER % "HTTP_GET {\nurl {\npath /\nregex %s\n}\n}")
    (url,) = conf.parse(text % f'"{word}"').configuration.virtual_servers[0].real_servers[0].checks[0].urls  # type: ignore[union-attr]
    loaded = conf.parse(text % word)
    assert said(loaded) == [
        f"warning 9: the brace in '{word}' is read as part of it, but ends the word for keepalived: write \"{word}\""
    ]
    assert loaded.configuration.virtual_servers[0].real_servers[0].checks[0].urls == (url,)  # type: ignore[union-attr]


# --- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "name"), [("$IF", "IF"), ("${IF}", "IF"), ("${IF}.5", "IF"), ("${_ENV NOT_SET}", "_ENV")]
)
def test_a_parameter_that_is_not_defined(word: str, name: str) -> None:
    loaded = conf.parse(INSTANCE.replace("eth0", word) % "")
    assert loaded.findings[0].severity is Severity.WARNING
    assert loaded.findings[0].line == 2
    assert f"the parameter '{name}' is not defined" in loaded.findings[0].message


@pytest.mark.parametrize("word", ['"$IF x"', "a$b", "$", "$1"])
def test_a_dollar_that_is_none(word: str) -> None:
    assert said(conf.parse(f"global_defs {{\nrouter_id {word}\n}}\n")) == []


def test_a_line_that_is_a_parameter_nobody_defined() -> None:
    assert said(conf.parse("$INSTANCE\n")) == [
        "error 1: unknown keyword '$INSTANCE'; no parameter of this name is defined before this line"
    ]


# --- characters ----------------------------------------------------------------------------------

NAMES = {"\xa0": "NO-BREAK SPACE", "\u2003": "EM SPACE", "\u3000": "IDEOGRAPHIC SPACE", "\u200b": "ZERO WIDTH SPACE"}


@pytest.mark.parametrize("character", NAMES)
def test_a_space_that_is_none_for_keepalived(character: str) -> None:
    lines = f"{character}{character}weight 7", f"weight 7{character}", f"weight {character}7", f"{character} weight\t7"
    for line in lines:
        loaded = conf.parse(SERVICE % (SERVER % line))
        assert servers(loaded) == [("10.0.0.1", 80, 7)]
        assert said(loaded) == [
            f"warning 6: U+{ord(character):04X} ({NAMES[character]}) is read as a space, but keepalived takes it for a "
            "letter: write a plain space"
        ]


def test_inside_a_word_it_is_a_letter_and_told() -> None:
    loaded = conf.parse(SERVICE % (SERVER % "weight\xa07\nweight 8"))
    assert servers(loaded) == [("10.0.0.1", 80, 8)]
    assert [line.partition(": ")[0] for line in said(loaded)] == ["warning 6", "error 6"]
    assert said(loaded)[0].startswith(
        "warning 6: U+00A0 (NO-BREAK SPACE) stands in a word and is taken, as by keepalived, for a letter"
    )


def test_a_file_full_of_them_is_told_once() -> None:
    loaded = conf.parse("\ufeff" + (SERVICE % (SERVER % "weight 7")).replace("\n", "\n\xa0"))
    assert servers(loaded) == [("10.0.0.1", 80, 7)]
    assert [line[:17] for line in said(loaded)] == ["warning 1: U+FEFF", "warning 2: U+00A0"]
    assert said(loaded)[1].endswith(": write a plain space (also in 7 more lines)")


def test_in_quotes_and_in_comments_it_is_what_it_is() -> None:
    loaded = conf.parse('global_defs {\nrouter_id "a\xa0 \xa0b" # \xa0\n# \xa0\n}\n')
    assert loaded.configuration.global_defs.router_id == "a\xa0 \xa0b"
    assert said(loaded) == []
