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
MISC = "MISC_CHECK {\nmisc_path %s\n}"


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


# --- values that keepalived reports, and goes on with --------------------------------------------


def test_a_service_without_persistence() -> None:
    loaded = conf.parse(SERVICE % ("persistence_timeout 0\n" + SERVER % ""))
    assert said(loaded) == [
        "warning 5: virtual_server 192.0.2.1 80: persistence_timeout '0' is outside 1 to 2678400: "
        "there is no persistence"
    ]
    assert loaded.configuration.virtual_servers[0].persistence_timeout == 0


@pytest.mark.parametrize("state", ["SLAVE", "master", "FAULT"])
def test_any_other_state_is_backup(state: str) -> None:
    loaded = conf.parse(INSTANCE % f"state {state}")
    (line,) = said(loaded)
    assert line.startswith(f"warning 5: vrrp_instance V: state '{state}' is ")
    assert line.endswith(": it is BACKUP")
    assert loaded.configuration.routers[0].initial_state == "BACKUP"


@pytest.mark.parametrize(
    ("key", "server"),
    [
        ("192.0.2.1 80 dev eth0", "10.0.0.1 80 x"),
        ("192.0.2.1/24 80", "10.0.0.1/8 80"),
        ("192.0.2.1/24 80 x", "10.0.0.1/64 80"),
    ],
)
def test_words_and_lengths_that_mean_nothing(key: str, server: str) -> None:
    loaded = conf.parse((SERVICE % (SERVER % "weight 7")).replace("192.0.2.1 80", key).replace("10.0.0.1 80", server))
    assert servers(loaded) == [("10.0.0.1", 80, 7)]
    assert {line.split()[0] for line in said(loaded)} == {"warning"}


def test_what_keepalived_takes_for_a_weight_and_for_on() -> None:
    loaded = conf.parse(SERVICE % ("alpha 1\ninhibit_on_failure maybe\n" + SERVER % "weight 65536"))
    (service,) = loaded.configuration.virtual_servers
    assert (service.timing.alpha, service.inhibit_on_failure, service.real_servers[0].weight) == (True, True, 65536)
    assert [line.split(":")[0] for line in said(loaded)] == ["warning 5", "warning 6", "warning 8"]


def test_the_own_address_among_the_peers_is_left_out() -> None:
    peers = "unicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.1\n10.0.0.2/24\n}"
    loaded = conf.parse(INSTANCE % peers)
    assert [str(peer.address) for peer in loaded.configuration.routers[0].unicast_peers] == ["10.0.0.2"]
    assert [line.split(":")[0] for line in said(loaded)] == ["warning 7", "warning 8"]
    assert not loaded.refused
    assert conf.parse(INSTANCE % peers.replace("10.0.0.2/24", "")).refused, "it must not become multicast"


GROUP = "vrrp_sync_group G {\ngroup {\nV\nW\n}\n}\n"


def test_an_address_of_two_instances() -> None:
    two = INSTANCE % "" + (INSTANCE % "").replace(" V ", " W ").replace("_id 1", "_id 2")
    (line,) = said(loaded := conf.parse(two))
    assert line.startswith("warning 16: vrrp_instance W: 192.0.2.1 belongs to V too")
    assert len(loaded.configuration.routers) == 2
    assert said(conf.parse(GROUP + two)) == said(conf.parse(two + GROUP)) == []


@pytest.mark.parametrize(
    "text",
    [
        SERVICE % (SERVER % "weight 7") + SERVICE % (SERVER % "weight 8"),
        SERVICE % (SERVER % "weight 7" + "\n" + SERVER % "weight 8"),
    ],
)
def test_of_two_the_first_counts(text: str) -> None:
    loaded = conf.parse(text)
    assert servers(loaded) == [("10.0.0.1", 80, 7)]
    assert [(finding.severity, finding.fatal) for finding in loaded.findings] == [(Severity.ERROR, False)]


def test_a_priority_that_is_none() -> None:
    """The default of keepalived, not the 255 of a MASTER without a priority."""
    loaded = conf.parse((INSTANCE % "state MASTER").replace("priority 100", "priority 300"))
    assert loaded.configuration.routers[0].priority == 100
    assert said(loaded) == ["error 4: vrrp_instance V: priority '300' is outside 1 to 255"]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("192.0.2.9/33", "192.0.2.9/32"),
        ("192.0.2.9/24 foo dev eth1", "192.0.2.9/24 dev eth1"),
        ("192.0.2.9/24 scope everywhere", "192.0.2.9/24"),
        ("192.0.2.9/24 peer fe80::1", "192.0.2.9/24"),
        ("192.0.2.300", None),
        ("192.0.2.9 label eth0:0123456789ab", None),
        ("192.0.2.9 brd x", None),
        ("192.0.2.9 dev", None),
        ("192.0.2.9 dev eth0 dev eth1", None),
    ],
)
def test_what_is_left_of_an_address(line: str, left: str | None) -> None:
    template = INSTANCE % "virtual_ipaddress_excluded {\n%s\n}"
    loaded = conf.parse(template % line)
    assert [(finding.severity, finding.line, finding.fatal) for finding in loaded.findings] == [
        (Severity.ERROR, 6, False)
    ]
    expected = conf.parse(template % (left or "")).configuration
    assert loaded.configuration.routers[0].excluded_addresses == expected.routers[0].excluded_addresses


# --- what is only kept ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('vrrp_script {\nscript "/bin/true"\n}', "error 1: 'vrrp_script' needs exactly one name"),
        ("track_file a b {\nfile /x\n}", "error 1: 'track_file a b' needs exactly one name"),
        ("vrrp_script c {\nscript /x\ninterval x\n}", "error 3: vrrp_script c: interval 'x' is not a time in seconds"),
        ("vrrp_script c {\nscript /x\nweight 999\n}", "error 3: vrrp_script c: weight '999' is outside -253 to 253"),
        ("vrrp_script c {\nscript /x\nrise\n}", "error 3: vrrp_script c: 'rise' needs a value: rise N"),
        ("vrrp_script c {\nscript /x\nbogus 1\n}", "error 3: vrrp_script c: unknown keyword 'bogus'"),
        ("vrrp_script c {\ninterval 1\n}", "error 1: vrrp_script c: 'script' is missing"),
        ("bfd_instance b {\nneighbor_ip x\n}", "error 2: bfd_instance b: neighbor_ip 'x' is not an IP address"),
        ("vrrp_script c", "error 1: vrrp_script c: a block in braces must follow"),
        (
            "global_defs {\nnotification_email a@b\n}",
            "warning 2: global_defs: the values of 'notification_email' stand in braces: notification_email { a@b }",
        ),
        ("static_routes", "warning 1: the values of 'static_routes' stand in braces: static_routes { ROUTE ... }"),
        (
            INSTANCE % "track_script {\nnosuch\n}",
            "error 5: vrrp_instance V: track_script: there is no vrrp_script 'nosuch'",
        ),
        (GROUP + "virtual_server_group g", "warning 7: the values of 'virtual_server_group' stand in braces: "),
    ],
)
def test_a_mistake_in_what_is_only_kept(text: str, message: str) -> None:
    loaded = conf.parse(text)
    assert any(line.startswith(message) for line in said(loaded)), said(loaded)
    assert not loaded.refused


def test_a_tracker_may_be_defined_later() -> None:
    loaded = conf.parse(INSTANCE % "track_script {\nc\n}" + "vrrp_script c {\nscript /bin/true\n}\n")
    assert not loaded.errors


def test_definitions_are_written_before_their_uses() -> None:
    text = conf.render(
        conf.parse(INSTANCE % "track_script {\nc\n}" + "vrrp_script c {\nscript /bin/true\n}\n").configuration
    )
    assert text.index("vrrp_script c") < text.index("vrrp_instance V")
    assert conf.render(conf.parse(text).configuration) == text


def test_a_command_of_a_check_without_quotes() -> None:
    """keepalived 2.2.7 runs the first word alone."""
    (line,) = said(conf.parse("global_defs {\nenable_script_security\n}\n" + SERVICE % (SERVER % MISC % "/bin/true a")))
    assert line.startswith("warning 10: ")
    assert "misc_path is run with its arguments, but keepalived leaves them out" in line
    assert (
        said(conf.parse("global_defs {\nenable_script_security\n}\n" + SERVICE % (SERVER % MISC % '"/bin/true a"')))
        == []
    )
