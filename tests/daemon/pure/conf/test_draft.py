# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object in the making: its fields, what it lacks, and the object that is made of it."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.conf.draft import Draft, Located, build, complete, ordered_flags
from lvsd.conf.findings import Findings, Place
from lvsd.conf.grammar.authentication import AUTHENTICATION
from lvsd.conf.grammar.instance import INSTANCE
from lvsd.conf.grammar.virtual_server import VIRTUAL_SERVER
from lvsd.conf.parser import Node
from lvsd.model import Authentication, CheckTiming, Statement, VirtualServer

from tests.support.language import short

HERE, THERE = Place("f", 3), Place("f", 5)


def draft(*trail: str) -> Draft:
    return Draft(Node(("virtual_server", "192.0.2.1"), [], HERE), trail)


def test_a_message_stands_behind_the_names_of_the_blocks() -> None:
    assert draft("a 1", "b").say("no") == "a 1: b: no"
    assert draft().say("no") == "no"


def test_a_dotted_field_lies_in_a_group() -> None:
    one = draft()
    one.set("port", 80)
    one.set("timing.retry", 3)
    one.set("timing.retry", 4)
    one.set("scheduler_flags", "flag-1", append=True)
    one.set("scheduler_flags", "flag-2", append=True)
    assert one.values == {"port": 80, "scheduler_flags": ("flag-1", "flag-2")}
    assert one.groups == {"timing": {"retry": 4}}


def test_an_object_is_made_of_its_fields_groups_and_kept_words() -> None:
    one = draft()
    one.set("scheduler_flags", "mh-port", append=True)
    one.set("scheduler_flags", "flag-1", append=True)
    one.set("scheduler_flags", "mh-port", append=True)
    one.set("timing.retry", 3)
    one.kept.append(Statement(("hashed",)))
    one.places["retry"] = THERE
    one.refused = frozenset({"weight"})
    findings = Findings()
    made = build(findings, VIRTUAL_SERVER, one)
    assert made.value == VirtualServer(
        scheduler_flags=("flag-1", "mh-port"), timing=CheckTiming(retry=3), kept=(Statement(("hashed",)),)
    )
    assert (made.place, made.label, made.refused) == (HERE, "virtual_server 192.0.2.1", {"weight"})
    assert (made.at("retry"), made.at("warmup")) == (THERE, HERE)
    assert findings.result() == ()


def test_a_group_that_lacks_its_essential_field_is_left_out() -> None:
    one = draft("virtual_server 192.0.2.1")
    one.set("sorry_server.inhibit", True)
    one.places["sorry_server_inhibit"] = THERE
    findings = Findings()
    assert build(findings, VIRTUAL_SERVER, one).value == VirtualServer()
    assert short(findings.result()) == [
        "5: virtual_server 192.0.2.1: 'sorry_server_inhibit' has no effect without 'sorry_server'"
    ]


@pytest.mark.parametrize(
    ("values", "refused", "said", "whole"),
    [
        ({"kind": "PASS", "password": "x"}, set(), [], True),
        ({"kind": "PASS"}, set(), ["error 3: authentication: 'auth_pass PASSWORD' is missing"], False),
        ({"kind": "PASS"}, {"password"}, [], False),  # it was there, and bad: that has been said
        (
            {},
            set(),
            [
                "error 3: authentication: 'auth_type PASS' is missing",
                "error 3: authentication: 'auth_pass PASSWORD' is missing",
            ],
            False,
        ),
    ],
)
def test_what_a_block_needs(values: dict[str, Any], refused: set[str], said: list[str], whole: bool) -> None:
    one = draft("authentication")
    one.values.update(values)
    one.refused = frozenset(refused)
    findings = Findings()
    assert complete(findings, AUTHENTICATION, one) == whole
    assert short(findings.result()) == said
    if whole:
        assert build(findings, AUTHENTICATION, one).value == Authentication("PASS", "x")


def test_a_word_without_which_keepalived_does_not_start_is_fatal() -> None:
    findings = Findings()
    assert not complete(findings, INSTANCE, draft("vrrp_instance V"))
    assert short(findings.result()) == ["fatal 3: vrrp_instance V: 'virtual_router_id N' is missing"]


def test_flags_have_one_order_and_other_values_stay() -> None:
    values = {"scheduler_flags": ("sh-port", "flag-3", "flag-1", "flag-3"), "port": 80}
    assert ordered_flags(VIRTUAL_SERVER, values) == {"scheduler_flags": ("flag-1", "flag-3", "sh-port"), "port": 80}


def test_a_keyword_without_a_place_is_where_its_block_begins() -> None:
    assert Located(1, HERE, "x").at("y") == HERE
