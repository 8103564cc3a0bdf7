# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives the checker: the operator's orders, and the services that are ours."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check import overrides, ownership
from lvsd.check.memory import Memory
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


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "services", "weight"]), inner)
    ),
)


@given(st.binary() | json_like.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_a_value_error_and_nothing_else(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for parse in (overrides.parse, lambda text: ownership.parse(text, "boot")):
        try:
            parse(text)
        except ValueError:
            pass


@pytest.mark.parametrize("weight", [-1, 65536, 1.5, "3", True])
def test_a_weight_that_cannot_be_is_refused(weight: object) -> None:
    with pytest.raises(ValueError, match="from 0 to 65535"):
        overrides.checked_weight(weight)


def test_orders_for_servers_that_are_gone_are_forgotten() -> None:
    them = {overrides.name(SERVER): Order(drained=True), ("192.0.2.10:80/TCP", "10.0.0.12:80"): Order(weight=3)}
    assert overrides.kept(them, [SERVER]) == {("192.0.2.10:80/TCP", "10.0.0.11:80"): Order(drained=True)}
    assert overrides.kept({overrides.name(SERVER): Order()}, [SERVER]) == {}


def test_services_are_ours_until_the_next_boot() -> None:
    text = ownership.render({"192.0.2.10:80/TCP", "fwmark 7/IPv4"}, "boot-1")
    assert ownership.parse(text, "boot-1") == {"192.0.2.10:80/TCP", "fwmark 7/IPv4"}
    assert ownership.parse(text, "boot-2") == frozenset()


def memory(folder: Path, warnings: list[str], fail: bool = False) -> Memory:
    def write(path: Path, text: str) -> None:
        if fail:
            raise OSError(28, "No space left on device")
        path.write_text(text)

    return Memory(folder, "boot", write, warnings.append)


def test_without_files_nothing_is_remembered_and_nothing_said(tmp_path: Path) -> None:
    warnings: list[str] = []
    assert memory(tmp_path, warnings).read_orders() == {}
    assert memory(tmp_path, warnings).read_owned() == frozenset()
    assert warnings == []


def test_a_half_written_file_is_named_and_counts_as_empty(tmp_path: Path) -> None:
    warnings: list[str] = []
    (tmp_path / "servers.json").write_text(overrides.render({("a", "b"): Order(True)})[:-9])
    (tmp_path / "services.json").write_bytes(b"\xff\xfe{}")
    assert memory(tmp_path, warnings).read_orders() == {}
    assert memory(tmp_path, warnings).read_owned() == frozenset()
    assert [warning.split(": ignored: ")[0] for warning in warnings] == [
        str(tmp_path / "servers.json"),
        str(tmp_path / "services.json"),
    ]


def test_a_full_disk_refuses_an_order_but_not_the_table(tmp_path: Path) -> None:
    warnings: list[str] = []
    full = memory(tmp_path, warnings, fail=True)
    full.keep_owned(frozenset({"192.0.2.10:80/TCP"}))
    assert "not written" in warnings[0]
    with pytest.raises(OSError, match="No space"):
        full.keep_orders({})
