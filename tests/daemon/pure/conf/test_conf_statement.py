# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One statement adds to the draft of its block what it says, and to the findings what is wrong with it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd.conf.draft import Draft
from lvsd.conf.findings import Findings, Place
from lvsd.conf.grammar.entry import Block, Kept, Keyword, Lines
from lvsd.conf.grammar.global_defs import GLOBAL_DEFS
from lvsd.conf.grammar.http_check import URL
from lvsd.conf.grammar.instance import INSTANCE
from lvsd.conf.grammar.real_server import REAL_SERVER
from lvsd.conf.grammar.virtual_server import VIRTUAL_SERVER
from lvsd.conf.parser import Node
from lvsd.conf.statement import keep, keyword, line_item, lines
from lvsd.model import KeptCheck, Statement, UnicastPeer

from tests.support.language import nodes, short


class Reading:
    """A draft of one block and its findings; statements are read into it one after the other."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.findings = Findings()
        self.draft = Draft(Node((block.name,), [], Place("f", 0)), ())

    def read(self, text: str) -> bool:
        """Read one statement; False where a block of lines has no braces."""
        [node] = nodes(text, self.findings)
        entry = self.block.known[node.words[0]]
        if isinstance(entry, Lines):
            return lines(self.findings, self.draft, entry, node)
        if isinstance(entry, Kept):
            keep(self.findings, self.draft, entry, node)
        elif isinstance(entry, Keyword):
            keyword(self.findings, self.draft, entry, node)
        return True

    @property
    def said(self) -> list[str]:
        return short(self.findings.result())


def test_a_keyword_sets_its_field_and_remembers_its_place() -> None:
    one = Reading(INSTANCE)
    one.read("\n\npriority 7")
    assert (one.draft.values, one.draft.places) == ({"priority": 7}, {"priority": Place("f", 3)})
    one.read("garp_master_repeat 2")
    assert one.draft.groups == {"announcements": {"repeat": 2}}
    assert one.said == []


def test_a_keyword_may_set_two_fields() -> None:
    one = Reading(VIRTUAL_SERVER)
    one.read("sorry_server 192.0.2.1 80")
    assert one.draft.groups == {"sorry_server": {"address": ip_address("192.0.2.1"), "port": 80}}


@pytest.mark.parametrize(
    ("text", "said", "values"),
    [
        ("priority", ["fatal 1: 'priority' needs a value: priority N (1..255)"], {}),
        ("priority 1 2 3", ["1: '2 3' after 'priority' has no meaning and is ignored"], {"priority": 1}),
        ("priority 1 {\n}", ["fatal 1: 'priority' takes no block"], {"priority": 1}),
        ("nopreempt now", ["1: 'now' after 'nopreempt' has no meaning and is ignored"], {"preempt": False}),
        ("unicast_ttl 256", ["error 1: unicast_ttl '256' is outside 0 to 255"], {}),
        ("unicast_ttl 2x", ["fatal 1: unicast_ttl '2x' is not a whole number from 0 to 255"], {}),
        ("virtual_router_id 256", ["fatal 1: virtual_router_id '256' is outside 1 to 255"], {}),
        ("priority 256", ["error 1: priority '256' is outside 1 to 255"], {"priority": 100}),
        ("state X", ["1: state 'X' is none of MASTER, BACKUP: it is BACKUP"], {"initial_state": "BACKUP"}),
    ],
)
def test_what_is_wrong_with_a_keyword(text: str, said: list[str], values: dict[str, object]) -> None:
    one = Reading(INSTANCE)
    one.read(text)
    assert (one.said, one.draft.values) == (said, values)


def test_a_keyword_that_keepalived_leaves_out_without_a_value_is_not_fatal() -> None:
    one = Reading(GLOBAL_DEFS)
    one.read("router_id")
    assert one.said == ["error 1: 'router_id' needs a value: router_id NAME"]


def test_a_bad_value_is_remembered_as_said() -> None:
    one = Reading(INSTANCE)
    one.read("unicast_ttl 256")
    assert one.draft.refused == {"unicast_ttl"}
    assert "unicast_ttl" not in one.draft.places


def test_what_is_left_of_a_value_counts() -> None:
    one = Reading(URL)
    one.read("regex_options caseless global dotall")
    assert one.said == ["error 1: regex_options 'global' is not an option of PCRE2"]
    assert one.draft.values == {"regex_options": ("caseless", "dotall")}


def test_what_is_said_again_counts() -> None:
    one = Reading(INSTANCE)
    one.read("priority 1")
    one.read("\npriority 2")
    one.read("\n\nnopreempt")
    one.read("\n\n\nnopreempt")
    assert one.draft.values == {"priority": 2, "preempt": False}
    assert one.said == ["2: 'priority' is said again (first in line 1); the last one counts"]


def test_flags_are_collected() -> None:
    one = Reading(VIRTUAL_SERVER)
    one.read("flag-1")
    one.read("mh-port")
    assert (one.draft.values, one.said) == ({"scheduler_flags": ("flag-1", "mh-port")}, [])


def test_a_value_that_is_not_carried_out_has_its_warning() -> None:
    auth = INSTANCE.known["authentication"]
    assert isinstance(auth, Block)
    one = Reading(auth)
    one.read("auth_type AH")
    assert one.said[0].startswith("1: 'auth_type AH' is known but not implemented yet")


def test_lines_are_items_with_their_places() -> None:
    one = Reading(INSTANCE)
    assert one.read("unicast_peer {\n192.0.2.1\n192.0.2.2 min_ttl 9 192.0.2.3\n}")
    peers = [UnicastPeer(ip_address(f"192.0.2.{n}"), 9 if n == 2 else None) for n in (1, 2, 3)]
    assert one.draft.values == {"unicast_peers": tuple(peers)}
    items = one.draft.children["unicast_peers"]
    assert [(item.place.line, item.label) for item in items] == [
        (2, "192.0.2.1"),
        (3, "192.0.2.2 min_ttl 9"),
        (3, "192.0.2.3"),
    ]
    one.read("unicast_peer {\n192.0.2.4\n}")  # a second block adds to the first
    assert len(one.draft.values["unicast_peers"]) == 4
    assert one.said == []


@pytest.mark.parametrize(
    ("text", "said", "left"),
    [
        ("unicast_peer {\nx\n192.0.2.1\n}", ["error 2: unicast_peer: 'x': 'x' is not an IP address"], 1),
        (
            "unicast_peer {\n192.0.2.1 min_ttl 256\n}",
            ["error 2: unicast_peer: '192.0.2.1': min_ttl '256' is outside 0 to 255"],
            1,
        ),
        (
            "unicast_peer {\n0.0.0.0\n}",
            ["fatal 2: unicast_peer: '0.0.0.0': '0.0.0.0' is not the address of a host"],
            0,
        ),
        (
            "unicast_peer {\n192.0.2.1 {\n}\n}",
            ["fatal 2: unicast_peer: a line cannot open a block: '192.0.2.1'"],
            0,
        ),
        (
            "unicast_peer 192.0.2.9 {\n192.0.2.1\n}",
            ["fatal 1: the values of 'unicast_peer' stand in braces: unicast_peer { 192.0.2.9 }"],
            1,
        ),
        (
            "unicast_peer {\n192.0.2.1/24\n}",
            ["2: unicast_peer: '192.0.2.1/24': an address stands here without a length, which is left out: 192.0.2.1"],
            1,
        ),
    ],
)
def test_what_is_wrong_with_a_line(text: str, said: list[str], left: int) -> None:
    one = Reading(INSTANCE)
    assert one.read(text)
    assert (one.said, len(one.draft.values["unicast_peers"])) == (said, left)


def test_without_braces_the_next_lines_are_the_values() -> None:
    one = Reading(INSTANCE)
    assert not one.read("unicast_peer")
    assert one.findings.broken
    assert (one.draft.values, one.draft.refused) == ({}, {"unicast_peers"})
    assert one.said == [
        "fatal 1: the values of 'unicast_peer' stand in braces: "
        "unicast_peer { ADDRESS [min_ttl 0..255] [max_ttl 0..255] }"
    ]


def test_an_item_that_is_refused_leaves_nothing() -> None:
    one = Reading(INSTANCE)
    entry = INSTANCE.known["unicast_peer"]
    assert isinstance(entry, Lines)
    assert line_item(one.findings, one.draft, entry, Place("f", 4), ("x",), "unicast_peer") is None
    assert one.draft.refused == {"unicast_peers"}


def test_a_word_that_is_kept_stays_as_it_was_written() -> None:
    one = Reading(INSTANCE)
    one.read("use_vmac vrrp.51")
    one.read("\nvirtual_routes {\nblackhole 192.0.2.0/24\n}")
    assert one.draft.kept == [
        Statement(("use_vmac", "vrrp.51")),
        Statement(("virtual_routes",), (Statement(("blackhole", "192.0.2.0/24")),)),
    ]
    assert one.draft.places == {"use_vmac": Place("f", 1), "virtual_routes": Place("f", 2)}
    assert one.said == [
        "1: 'use_vmac' is known but not implemented yet: the addresses stay on the interface's own MAC address",
        "2: 'virtual_routes' is known but not implemented yet: the routes are not set",
    ]


def test_a_check_that_is_kept_is_one_of_the_checks() -> None:
    one = Reading(REAL_SERVER)
    one.read("PING_CHECK {\n}")
    kept = KeptCheck(statement=Statement(("PING_CHECK",), ()))
    assert (one.draft.values, one.draft.kept) == ({"checks": (kept,)}, [])
    assert one.draft.children["checks"][0].value == kept


def test_mistakes_inside_what_is_kept_are_found() -> None:
    one = Reading(INSTANCE)
    one.read("kernel_rx_buf_size x")
    assert one.said[1] == "error 1: kernel_rx_buf_size 'x' is not a whole number from 0 to 2147483647"
