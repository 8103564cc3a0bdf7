# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller and the daemon judge alike: 10,000 drawn values, in and out of what the daemon's schema allows.

What the controller takes, the daemon takes.  What the controller refuses, the daemon finds something in; where that is
about the value itself, in the same words.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any, NamedTuple

import pytest
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused, block, line, render, shown
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, number_text
from ansible_collections.lvs.director.tests.unit.oracles.drawn_values import values
from ansible_collections.lvs.director.tests.unit.oracles.test_verdicts import (
    PLACES,
    TABLES,
    conf,
    controller,
    instance_block,
    service_block,
)

EACH = 100  # values for an option
ENOUGH = 10_000

# Where the controller refuses on purpose what the daemon takes as it is.
STRICTER = {
    ("sorry", "port"),  # 0 is said by leaving the port out
    ("server", "port"),
    ("service", "ip_family"),  # of a service by address, whose family is the address's
    ("service", "protocol"),  # keepalived takes both words in any case of the letters; a choice of Ansible is one word
    ("HTTP_GET", "http_protocol"),
}


class Judged(NamedTuple):
    """A value, what the controller says against it, and what the daemon finds in a text with it."""

    value: Any
    refusal: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def options() -> list[tuple[str, Keyword]]:
    """Every option that takes other values than yes and no."""
    return [
        (table, keyword)
        for table, keywords in TABLES.items()
        for keyword in keywords
        if not keyword.body and keyword.kind not in ("switch", "flag") and keyword.type != "bool"
    ]


@cache
def judged(table: str, option: str) -> tuple[Judged, ...]:
    keyword = next(one for one in TABLES[table] if one.name == option)
    found = {repr(value): value for value in values(keyword, Random(f"{table}.{option}"), EACH)}
    return tuple(filter(None, (judge(table, keyword, value) for value in found.values())))


def judge(table: str, keyword: Keyword, value: Any) -> Judged | None:
    """None for a text that no configuration can hold."""
    refusal, text = controller(table, keyword.name, value)
    try:
        text = text or written(table, keyword, value)
    except Refused:
        return None
    said = conf.parse(text).findings
    errors = tuple(one.message for one in said if one.severity.value == "error")
    return Judged(value, refusal, errors, tuple(one.message for one in said if one.severity.value == "warning"))


def written(table: str, keyword: Keyword, value: Any) -> str:
    """The value in a configuration, whatever the collection thinks of it."""
    word = number_text(value[0] if isinstance(value, list) else value)
    name = keyword.written or keyword.name
    return render([placed(table, name, keyword.name, word)])


def placed(table: str, name: str, option: str, word: str) -> Any:
    if table == "peer":
        return instance_block([block(["unicast_peer"], [row(option, "192.0.2.7", word)])])
    if table == "track":
        return instance_block([block(["track_interface"], [row(option, "lo", word, first="name")])])
    if table == "sorry":
        sorry = {"address": [word], "port": ["10.0.0.8", word]}.get(option, ["10.0.0.8"])
        method = [line(name, word)] if option == "lb_kind" else []
        return service_block([line("sorry_server", *sorry), *method], [])
    if table == "service" and option in ("address", "port", "fwmark"):
        key = {"address": [word, "80"], "port": ["192.0.2.1", word], "fwmark": ["fwmark", word]}[option]
        server = block(["real_server", "10.0.0.9", "80"], [])
        return block(["virtual_server", *key], [line("protocol", "TCP"), server])
    if table == "server" and option in ("address", "port"):
        key = {"address": [word, "80"], "port": ["10.0.0.9", word]}[option]
        return block(["virtual_server", "192.0.2.1", "80"], [line("protocol", "TCP"), block(["real_server", *key], [])])
    if option == "flags":
        if not re.fullmatch(r"[\w-]+", word):
            raise Refused("it would be no keyword at all")
        return service_block([line(word)], [])
    return PLACES[table]([line(name, word)], option, word)


def row(option: str, key: str, word: str, first: str = "address") -> Any:
    return line("", word) if option == first else line("", key, option, word)


OPTIONS = options()
cases = pytest.mark.parametrize(("table", "option"), [(table, keyword.name) for table, keyword in OPTIONS])


def test_there_are_enough_values_on_both_sides() -> None:
    found = [one for table, keyword in OPTIONS for one in judged(table, keyword.name)]
    assert len(found) >= ENOUGH
    assert min(sum(not one.refusal for one in found), sum(bool(one.refusal) for one in found)) > ENOUGH // 4


@cases
def test_what_the_controller_takes_the_daemon_takes(table: str, option: str) -> None:
    assert [one for one in judged(table, option) if not one.refusal and one.errors] == []


@cases
def test_what_the_controller_refuses_the_daemon_finds_something_in(table: str, option: str) -> None:
    if (table, option) not in STRICTER:
        assert [one for one in judged(table, option) if one.refusal and not one.errors and not one.warnings] == []


@cases
def test_what_is_said_of_a_value_is_said_in_the_same_words(table: str, option: str) -> None:
    wrong = []
    for one in judged(table, option) if (table, option) not in STRICTER else ():
        reason = about(option, one)
        if reason and not any(reason in said for said in one.errors + one.warnings):
            wrong.append((one, reason))
    assert wrong == []


def about(option: str, one: Judged) -> str:
    """What the controller says of the value itself; "" where it says something else."""
    value = one.value[0] if isinstance(one.value, list) else one.value
    quoted = re.escape(shown(value)) if isinstance(value, str) else f"'?{re.escape(number_text(value))}'?"
    place = re.search(rf"\b{re.escape(option)}(?:\[0\])?: {quoted}(?P<reason>:? .*)", one.refusal, re.DOTALL)
    if not place or option == "flags":  # each is a keyword to the daemon
        return ""
    if any("needs a value" in said for said in one.errors):  # it was read as a line of its own
        return ""
    return without_hint(place["reason"].lstrip(": "), one)


def without_hint(reason: str, one: Judged) -> str:
    """The reason; without the word that was meant, where the daemon takes another one in its place."""
    return reason.partition(", did you mean")[0] if not one.errors else reason
