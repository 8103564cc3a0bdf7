# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's orders as values and as the text of their file."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check import overrides
from lvsd.check.overrides import Order
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey

SERVICE = ServiceKey.at(ip_address("192.0.2.10"), 80)
SERVER = DestinationKey(SERVICE, ip_address("10.0.0.11"), 80)

texts = st.text(max_size=20)
said = st.builds(Order, st.booleans(), st.none() | st.integers(0, 65535))


@given(st.dictionaries(st.tuples(texts, texts), said))
def test_orders_come_back_as_they_were(them: overrides.Orders) -> None:
    assert overrides.parse(overrides.render(them)) == {key: order for key, order in them.items() if order}


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("1700000000.5", 1700000000.5),
        ("7", 7.0),
        ("null", None),
        ("true", None),
        ('"x"', None),
        ("1e999", None),
        ("NaN", None),
    ],
)
def test_an_order_says_since_when(written: str, since: float | None) -> None:
    server = f'{{"drained": true, "weight": null, "since": {written}}}'
    (order,) = overrides.parse(f'{{"version": 1, "services": {{"s": {{"r": {server}}}}}}}').values()
    assert (order, order.since) == (Order(drained=True), since)
    assert overrides.parse(overrides.render({("s", "r"): order}))["s", "r"].since == since


@pytest.mark.parametrize("weight", [-1, 65536, 1.5, "3", True])
def test_a_weight_that_cannot_be_is_refused(weight: object) -> None:
    with pytest.raises(ValueError, match="from 0 to 65535"):
        overrides.checked_weight(weight)


def test_orders_for_servers_that_are_gone_are_forgotten() -> None:
    them = {overrides.name(SERVER): Order(drained=True), ("192.0.2.10:80/TCP", "10.0.0.12:80"): Order(weight=3)}
    assert overrides.kept(them, [SERVER]) == {("192.0.2.10:80/TCP", "10.0.0.11:80"): Order(drained=True)}
    assert overrides.kept({overrides.name(SERVER): Order()}, [SERVER]) == {}


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "services", "weight"]), inner)
    ),
)


@given(st.binary() | json_like.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_a_value_error_and_nothing_else(data: bytes) -> None:
    try:
        overrides.parse(data.decode("utf-8", "replace"))
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('{"version": 2, "services": {}}', "version 2", id="a later version"),
        pytest.param('{"services": {}}', "not the operator's orders: KeyError", id="no version"),
        pytest.param('{"version": 1}', "not the operator's orders: KeyError", id="no services"),
        pytest.param('{"version": 1, "services": []}', "not the operator's orders: AttributeError", id="a list"),
        pytest.param('{"version": 1, "services": {"s": {"r": 7}}}', "not the operator's orders", id="no order"),
        pytest.param('{"version": 1, "services": {"s": {"r": {"weight": 65536}}}}', "not 65536", id="a weight"),
        pytest.param("[" * 100_000, "not the operator's orders: RecursionError", id="a bottomless list"),
        pytest.param("", "Expecting value", id="nothing"),
    ],
)
def test_what_is_no_file_of_orders_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        overrides.parse(text)


@pytest.mark.parametrize("drained", ["1", '"true"', "null", "{}", "false"])
def test_only_true_drains(drained: str) -> None:
    text = f'{{"version": 1, "services": {{"s": {{"r": {{"drained": {drained}}}}}}}}}'
    assert overrides.parse(text) == {("s", "r"): Order()}


def test_an_order_is_the_same_whenever_it_was_given_and_none_is_no_order() -> None:
    assert Order(True, since=1.0) == Order(True, since=2.0)
    assert [bool(order) for order in (overrides.NONE, Order(True), Order(weight=0))] == [False, True, True]


def test_the_file_is_the_same_in_whatever_order_the_orders_came() -> None:
    them = {("b", "2"): Order(True), ("a", "1"): Order(weight=3), ("b", "1"): Order(), ("a", "0"): Order(weight=0)}
    assert overrides.render(them) == overrides.render(dict(reversed(them.items())))
    assert list(json.loads(overrides.render(them))["services"]) == ["a", "b"]
    assert overrides.render({}) == '{\n  "version": 1,\n  "services": {}\n}\n'
