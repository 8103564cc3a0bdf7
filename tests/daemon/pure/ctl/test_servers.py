# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server an operator means, and how many connections it has left."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.ctl.servers import _connections, resolve
from lvsd.ctl.sockets import Failed

KEYS = ["192.0.2.1:80/TCP", "192.0.2.1:80/UDP", "192.0.2.10:80/TCP", "[2001:db8::1]:80/TCP", "fwmark 7/IPv4"]


@pytest.mark.parametrize(
    ("given", "keys", "meant"),
    [
        ("192.0.2.1:80/TCP", ["192.0.2.1:80/TCP", "192.0.2.1:80/UDP"], "192.0.2.1:80/TCP"),
        ("192.0.2.1:80", ["192.0.2.1:80/TCP", "192.0.2.1:81/TCP"], "192.0.2.1:80/TCP"),
        ("192.0.2.1", ["192.0.2.1:80/TCP", "192.0.2.10:80/TCP"], "192.0.2.1:80/TCP"),
        ("2001:db8::1", ["[2001:db8::1]:80/TCP"], "[2001:db8::1]:80/TCP"),
        ("fwmark 7", ["fwmark 7/IPv4"], "fwmark 7/IPv4"),
    ],
)
def test_a_short_name_means_the_only_key_it_begins(given: str, keys: list[str], meant: str) -> None:
    assert resolve(given, keys) == meant


@pytest.mark.parametrize(
    ("given", "reason"), [("192.0.2.1:80", "means several"), ("192.0.2.9:80", "there is no '192.0.2.9:80'; there is")]
)
def test_an_unclear_or_unknown_name_is_refused_with_the_choice(given: str, reason: str) -> None:
    with pytest.raises(Failed, match=reason) as failed:
        resolve(given, ["192.0.2.1:80/TCP", "192.0.2.1:80/UDP"])
    assert "192.0.2.1:80/UDP" in str(failed.value)


@given(st.sampled_from(KEYS), st.lists(st.sampled_from(KEYS)))
def test_a_whole_key_means_itself_whatever_else_there_is(key: str, others: list[str]) -> None:
    assert resolve(key, [*others, key]) == key


@given(st.text(max_size=20), st.lists(st.sampled_from(KEYS)))
def test_whatever_is_given_is_one_of_the_keys_or_refused(given_: str, keys: list[str]) -> None:
    try:
        meant = resolve(given_, keys)
    except Failed:
        return
    assert meant in keys


@pytest.mark.parametrize(
    ("given_", "keys", "reason"),
    [
        ("192.0.2.1", ["192.0.2.1:80/TCP", "192.0.2.1:443/TCP"],
         "'192.0.2.1' means several: 192.0.2.1:443/TCP, 192.0.2.1:80/TCP"),
        ("192.0.2", ["192.0.2.1:80/TCP"], "there is no '192.0.2'; there is: 192.0.2.1:80/TCP"),
        ("192.0.2.1", [], "there is no '192.0.2.1'; there is: none is configured"),
        ("", ["192.0.2.1:80/TCP"], "there is no ''; there is: 192.0.2.1:80/TCP"),
        ("fwmark 7", ["fwmark 7/IPv4", "fwmark 7/IPv6"],
         "'fwmark 7' means several: fwmark 7/IPv4, fwmark 7/IPv6"),
    ],
    ids=["two ports", "a part of an address", "nothing configured", "nothing given", "two families"],
)  # fmt: skip
def test_the_reason_names_what_there_is_to_choose_from(given_: str, keys: list[str], reason: str) -> None:
    with pytest.raises(Failed) as failed:
        resolve(given_, keys)
    assert str(failed.value) == reason
    assert failed.value.answer == {"version": 1, "ok": False, "error": reason}


def shown(**server: Any) -> dict[str, Any]:
    return {"services": [{"key": "a", "servers": []}, {"key": "s", "servers": [{"key": "x"}, {"key": "r", **server}]}]}


@pytest.mark.parametrize(
    ("server", "left"),
    [({"active_connections": 3, "inactive_connections": 9}, 3), ({"active_connections": None}, 0), ({}, 0)],
    ids=["active ones alone", "not in the kernel's table", "a checker that does not say"],
)
def test_the_connections_that_are_left(server: dict[str, Any], left: int) -> None:
    assert _connections(shown(**server), "s", "r") == left


@pytest.mark.parametrize(("service", "server"), [("s", "y"), ("a", "r"), ("z", "r")])
def test_of_a_server_that_is_not_there_the_number_is_not_taken_for_none(service: str, server: str) -> None:
    with pytest.raises(Failed, match=f"^{server} of {service} is not configured any more"):
        _connections(shown(active_connections=3), service, server)
