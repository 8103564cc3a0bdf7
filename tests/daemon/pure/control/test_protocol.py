# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as bytes, refusals, and answers that come later."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.control.peer import Peer
from lvsd.control.protocol import Later, Refused, events_request, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text(), st.dictionaries(st.text(), JSON))
def test_every_object_with_a_verb_is_a_request_as_it_was_sent(verb: str, rest: dict[str, Any]) -> None:
    sent = {**rest, "verb": verb}
    assert parse(json.dumps(sent).encode()) == sent


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not a JSON request"),
        (b"{", "not a JSON request"),
        (b'{"verb": "show"} {}', "not a JSON request"),
        (b"\xff\xfe", "not a JSON request"),
        (b"[" * 200_000, "not a JSON request"),
        (b'{"verb": ' + b"1" * 5000 + b"}", "not a JSON request"),
        (b"null", 'a JSON object with a "verb"'),
        (b'["verb"]', 'a JSON object with a "verb"'),
        (b'"verb"', 'a JSON object with a "verb"'),
        (b"{}", 'a JSON object with a "verb"'),
        (b'{"verb": null}', 'a JSON object with a "verb"'),
        (b'{"verb": ["show"]}', 'a JSON object with a "verb"'),
        (b'{"VERB": "show"}', 'a JSON object with a "verb"'),
    ],
    ids=["nothing", "cut off", "two", "no UTF-8", "too deep", "a number too long", "null", "a list", "a string",
         "no verb", "verb null", "verb a list", "other case"],
)  # fmt: skip
def test_what_is_no_request_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        parse(line)


@given(st.binary())
def test_whatever_a_client_sends_is_a_request_or_refused(line: bytes) -> None:
    try:
        request = parse(line)
    except Refused:
        return
    assert isinstance(request["verb"], str)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"verb": "show", "since": 3, "follow": True}, None),
        ({"verb": "events"}, (0, False)),
        ({"verb": "events", "since": 17}, (17, False)),
        ({"verb": "events", "since": "17"}, (0, False)),
        ({"verb": "events", "since": None, "follow": True}, (0, True)),
        ({"verb": "events", "since": 1.5}, (0, False)),
        ({"verb": "events", "follow": 1}, (0, False)),
        ({"verb": "events", "follow": "yes"}, (0, False)),
    ],
    ids=["another verb", "all", "since", "since a text", "follow", "since a fraction", "follow 1", "follow yes"],
)
def test_a_request_for_events(request_: dict[str, Any], expected: tuple[int, bool] | None) -> None:
    assert events_request(request_) == expected


def test_a_refusal_may_have_details_of_any_name() -> None:
    refused = Refused("no", reason="that one", findings=[])
    assert (str(refused), refused.details) == ("no", {"reason": "that one", "findings": []})


@pytest.mark.parametrize("early", [True, False], ids=["given before it is wanted", "given after it is wanted"])
@pytest.mark.parametrize(
    ("give", "expected"),
    [
        (lambda later: later.answer({"a": 1}), {"version": 1, "ok": True, "a": 1}),
        (lambda later: later.refuse("no", a=1), {"version": 1, "ok": False, "error": "no", "a": 1}),
        (lambda later: later.refuse("no", reason="x"), {"version": 1, "ok": False, "error": "no", "reason": "x"}),
    ],
    ids=["answer", "refusal", "refusal with a reason among its details"],
)
def test_an_answer_arrives_once_whenever_it_is_given(give: Any, expected: dict[str, Any], early: bool) -> None:
    later = Later()
    got: list[Any] = []
    if early:
        give(later)
    later.then(got.append)
    if not early:
        assert got == []
        give(later)
    assert got == [expected]


def test_a_second_answer_is_a_mistake_and_reaches_no_client() -> None:
    later = Later()
    got: list[Any] = []
    later.then(got.append)
    later.answer({})
    for again in (lambda: later.answer({}), lambda: later.refuse("no")):
        with pytest.raises(ValueError, match="answered twice"):
            again()
    assert len(got) == 1


def test_it_knows_who_has_asked() -> None:
    assert Later().peer is None
    assert Later(Peer(0, 7)).peer == Peer(0, 7)
