# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks become a model with places, whatever is wrong with some of them; each mistake is reported once."""

from __future__ import annotations

import pytest
from lvsd.conf.draft import Located
from lvsd.conf.findings import Findings, Place
from lvsd.conf.reader import ON_ONE_LINE
from lvsd.conf.reader import read as read_nodes
from lvsd.model import Configuration, GlobalDefs, Statement

from tests.support.language import nodes, short


def read(text: str) -> tuple[Located[Configuration], list[str]]:
    findings = Findings()
    found = read_nodes(nodes(text, findings), findings, Place("f", 0))
    return found, short(findings.result())


def test_an_empty_text_is_an_empty_configuration() -> None:
    found, said = read("")
    assert (found.value, found.place, said) == (Configuration(), Place("f", 0), [])


def test_what_was_read_keeps_its_places() -> None:
    found, said = read("vrrp_instance A {\nvirtual_router_id 1\npriority 5\n}\nvrrp_instance B {\n  priority 7\n}\n")
    [one] = found.children["routers"]
    assert (one.label, one.place.line, one.at("priority").line, one.at("version").line) == (
        "vrrp_instance A",
        1,
        3,
        1,
    )
    assert [router.name for router in found.value.routers] == ["A"]
    assert found.places["vrrp_instance B"] == Place("f", 5)  # also those with errors
    assert found.refused == {"routers"}
    assert said == ["fatal 5: vrrp_instance B: 'virtual_router_id N' is missing"]


def test_blocks_that_may_stand_once_are_joined() -> None:
    found, said = read("global_defs {\nrouter_id a\n}\nglobal_defs {\nvrrp_version 3\nrouter_id b\n}\n")
    assert found.value.global_defs == GlobalDefs(router_id="b", vrrp_version=3)
    assert said == ["6: global_defs: 'router_id' is said again (first in line 2); the last one counts"]


def test_a_block_without_braces_is_an_error_and_its_lines_are_not_reported() -> None:
    found, said = read("vrrp_instance A\nvirtual_router_id 1\npriority 5\nglobal_defs {\n}\n")
    assert found.value == Configuration()
    assert said == ["fatal 1: vrrp_instance A: a block in braces must follow"]


def test_values_without_braces_are_not_reported_as_unknown_words() -> None:
    _found, said = read("vrrp_instance A {\nvirtual_router_id 1\nunicast_peer\n192.0.2.1\n192.0.2.2\npriority 5\n}\n")
    assert [line.split(": ")[0] for line in said] == ["fatal 3"]


def test_a_block_of_the_file_inside_another_one_is_read_where_it_belongs() -> None:
    text = "vrrp_instance A {\nvirtual_router_id 1\nvrrp_instance B {\nvirtual_router_id 2\n}\nglobal_defs {\n}\n"
    found, said = read(text)
    assert [router.name for router in found.value.routers] == ["A", "B"]
    assert said == [
        "fatal 3: vrrp_instance A: 'vrrp_instance B' cannot stand inside another block: is a '}' missing before it? "
        "'vrrp_instance A' was opened in line 1"
    ]


def test_words_of_other_blocks_are_reported_together() -> None:
    _found, said = read("vrrp_instance A {\nvirtual_router_id 1\nlb_algo rr\nlb_kind NAT\nquorum 2\npriority 3\n}\n")
    assert said == [
        "error 3: vrrp_instance A: unknown keyword 'lb_algo' in this place; it belongs in virtual_server"
        "; so it is with 2 more lines, up to line 5"
    ]


def test_inside_a_misspelled_block_mistakes_are_found_and_nothing_is_applied() -> None:
    found, said = read("vrrp_instanze A {\nvirtual_router_id 300\n}\n")
    assert found.value == Configuration()
    assert said == [
        "error 1: unknown keyword 'vrrp_instanze'; did you mean 'vrrp_instance'?",
        "error 2: vrrp_instanze A: virtual_router_id '300' is outside 1 to 255",
    ]


def test_words_that_share_a_line_are_read_up_to_a_bound() -> None:
    found, said = read("vrrp_instance A { virtual_router_id 1 priority 5 version 3 }")
    [router] = found.value.routers
    assert (router.vrid, router.priority, router.version) == (1, 5, 3)
    assert len(said) == 2
    _found, said = read("vrrp_instance A { virtual_router_id 1 " + "nopreempt " * ON_ONE_LINE + "}")
    assert f"fatal 1: vrrp_instance A: a line holds more than {ON_ONE_LINE} keywords" in said


@pytest.mark.parametrize("head", ["vrrp_instance A B", "vrrp_instance"])
def test_the_words_before_the_brace_are_one_name(head: str) -> None:
    _found, said = read(f"{head} {{\nvirtual_router_id 1\n}}\n")
    assert said == [f"error 1: {head}: needs exactly one name"]


def test_what_stands_before_a_brace_without_a_meaning_is_named() -> None:
    found, said = read("global_defs now {\nrouter_id a\n}\n")
    assert found.value.global_defs.router_id == "a"
    assert said == ["1: global_defs now: 'now' before the '{' has no meaning and is ignored"]


def test_a_service_of_a_group_is_kept_behind_its_group() -> None:
    found, said = read("virtual_server group G {\nlb_algo rr\n}\nvirtual_server_group G {\n192.0.2.1 80\n}\n")
    assert found.value.virtual_servers == ()
    assert [statement.words for statement in found.value.kept] == [
        ("virtual_server_group", "G"),
        ("virtual_server", "group", "G"),
    ]
    assert found.value.kept[1] == Statement(("virtual_server", "group", "G"), (Statement(("lb_algo", "rr")),))
    assert len(said) == 2


def test_a_statement_without_words_says_nothing() -> None:
    found, said = read("{\nrouter_id x\n}\n")
    assert found.value == Configuration()
    assert said == ["fatal 1: '{' opens a block that has no name"]


def test_lone_words_of_a_sync_group_are_its_members_and_no_keywords() -> None:
    found, said = read("vrrp_sync_group G {\nA\nB\n}\n")
    [group] = found.children["sync_groups"]
    assert group.at("strangers").line == 2
    assert said == ["fatal 2: vrrp_sync_group G: the members stand in a block of their own: group { A B }"]


@pytest.mark.parametrize("line", ["zzzzzz 1", "zzzzzz {\n}"])
def test_other_words_of_a_sync_group_are_unknown_keywords(line: str) -> None:
    _found, said = read(f"vrrp_sync_group G {{\n{line}\n}}\n")
    assert said == ["error 2: vrrp_sync_group G: unknown keyword 'zzzzzz'"]


def test_a_lone_word_of_another_block_is_an_unknown_keyword() -> None:
    _found, said = read("global_defs {\nzzzzzz\n}\n")
    assert said == ["error 2: global_defs: unknown keyword 'zzzzzz'"]
