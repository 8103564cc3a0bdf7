# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the wrong shape: an error for each place, and never a traceback."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.plugin_utils._model import DIRECTOR_SPEC, REAL_SERVER_SPEC
from ansible_collections.lvs.director.plugins.plugin_utils._plan import plan
from ansible_collections.lvs.director.plugins.plugin_utils._shape import shaped, told
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import Hosts, example, planned

SECOND = "director-02"
PASSWORD = "hunter2"

HOSTILE: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        2**31,
        2**64,
        10**5000,
        1.5,
        float("nan"),
        float("inf"),
        b"x",
        object(),
        datetime.date(2026, 1, 1),
    ),
    *("", " ", "x", "{", "a=b", "[1]", "None", "\0", "\ud800", "é" * 100, "٣", "1e999999999", "1e-999999999"),
    *("192.0.2.1/99", "fe80::1%eth0", "fe80::1%eth0/64", "::", "224.0.0.18", "10.0.0.11", "192.168.122.140/24"),
    *([], [None], [1], ["x"], [[]], [{}], [[{}]], (1,), set(), [{"name": None}], [{"name": []}]),
    *({}, {"a": 1}, {1: 2}, {None: 1}, {"a": {"b": {}}}),
]


def everything() -> tuple[Hosts, Hosts]:
    """The example with more of the options."""
    directors, servers = example()
    for number, variables in enumerate(directors.values()):
        for name in [name for name in variables if name not in DIRECTOR_SPEC]:
            del variables[name]
        mine, others = f"10.10.10.{10 + number}", f"10.10.10.{11 - number}"
        variables["director_globals"] = {"vrrp_version": 2, "script_user": ["lvs", "lvs"], "default_interface": "eth0"}
        del variables["director_services"][0]["real_servers"][1]["HTTP_GET"]  # as in the first one
        variables["director_addresses"]["eth0"] = [variables["director_addresses"]["eth0"]]
        first = variables["director_vrrp_instances"][0]
        first |= {"unicast_src_ip": mine, "unicast_peer": [{"address": others, "min_ttl": 1}], "version": 2}
        first |= {"track_interface": [{"name": "eth1", "weight": 3}], "virtual_ipaddress_excluded": []}
        multicast = {"name": "m", "interface": "eth0", "virtual_router_id": 9, "unicast": False}
        group = {"mcast_dst_ip": "224.0.0.18", "virtual_ipaddress": [{"address": "192.168.122.170/24"}]}
        variables["director_vrrp_instances"].append(multicast | group)
        server = {"address": "10.0.0.77", "lb_kind": "TUN", "tunnel": {"type": "gue", "port": 6080}}
        variables["director_services"].append({"fwmark": 3, "flags": ["flag-1"], "real_servers": [server]})
    return directors, servers


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def test_the_example_with_more_of_the_options_is_good() -> None:
    found = plan(*everything())
    assert (found.errors, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("hosts", "values"),
    [((SECOND,), HOSTILE[::2]), (("director-01", SECOND), HOSTILE[1::2])],
    ids=["one director", "both"],
)
def test_no_value_at_any_place_is_more_than_errors(hosts: tuple[str, ...], values: list[Any]) -> None:
    model = everything()
    for path in places(model[0][SECOND]):
        for value in values:
            directors, servers = copy.deepcopy(model)
            for host in hosts:
                put(directors[host], path, value)
            errors = plan(directors, servers).errors
            assert len(errors) == len(set(errors)), (path, value)
            assert all(len(error) < 500 and error.startswith(("director-", "real-")) for error in errors), errors


@pytest.mark.parametrize("variable", REAL_SERVER_SPEC)
def test_no_value_of_a_real_server_is_more_than_errors(variable: str) -> None:
    for value in HOSTILE:
        found = planned(lambda d, r, value=value: r["real-01"].update({variable: value}))  # type: ignore[misc]
        assert all(error.startswith(("director-", "real-")) for error in found.errors)


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        (("director_addresses",), "x", "director_addresses: 'x' is no dictionary"),
        (("director_addresses",), ["eth0"], "director_addresses: a list is no dictionary"),
        (("director_addresses", 7), "192.0.2.1/24", "director_addresses: 7 is no interface"),
        (
            ("director_addresses", "eth0", 0),
            {},
            "director_addresses.eth0[0]: a dictionary is no address with its prefix length",
        ),
        (("director_priority",), "high", "director_priority: 'high' is no integer"),
        (("director_sync_interface",), True, "director_sync_interface: True is no text"),
        (("director_routed_vips",), "maybe", "director_routed_vips: 'maybe' is no boolean"),
        (("director_services",), {"address": "x"}, "director_services: a dictionary is no list"),
        (("director_services", 1), None, "director_services[1]: a value is missing"),
        (
            ("director_services", 0, "lb_algo"),
            "best",
            "director_services[0].lb_algo: 'best' is none of rr, wrr, lc, wlc,",
        ),
        (
            ("director_vrrp_instances", 1, "virtual_ipaddress", 0),
            "a",
            "director_vrrp_instances[1].virtual_ipaddress[0]: 'a' is no dictionary",
        ),
        (
            ("director_vrrp_instances", 1, "virtual_ipaddress", 0),
            {},
            "director_vrrp_instances[1].virtual_ipaddress[0].address: a value is missing",
        ),
        (
            ("director_vrrp_instances", 1, "virtual_ipaddress", 0),
            "192.0.2.1/24",
            "director_vrrp_instances[1].virtual_ipaddress[0]: '192.0.2.1/24' is no dictionary; write it as"
            " {address: 192.0.2.1/24}",
        ),
        (
            ("director_vrrp_instances", 1, "virtual_ipaddress"),
            "192.0.2.1/24",
            "director_vrrp_instances[1].virtual_ipaddress: '192.0.2.1/24' is no list; write it as"
            " [{address: 192.0.2.1/24}]",
        ),
        (
            ("director_vrrp_instances", 0, "state"),
            "MASTER",
            "director_vrrp_instances[0].state: there is no such option, did you mean initial_state (state is",
        ),
        (
            ("director_services", 0, "real_servers", 0, "HTTP_GET"),
            {},
            "director_services[0].real_servers[0].HTTP_GET: a dictionary is no list; put it into one:"
            " HTTP_GET: [{...}]",
        ),
        (
            ("director_services", 0, "protocol"),
            "tcp",
            "director_services[0].protocol: 'tcp' is none of TCP, UDP, SCTP, did you mean TCP?",
        ),
        (
            ("director_services", 0, "nb_get_retry"),
            3,
            "director_services[0].nb_get_retry: there is no such option, did you mean retry?",
        ),
        (
            ("director_services", 0, "virtualhost"),
            "a\udce4",
            "director_services[0].virtualhost: no Unicode text, character 2 is a lone surrogate",
        ),
        (
            ("director_vrrp_instances", 0, "a\udce4"),
            1,
            "director_vrrp_instances[0].'a\\udce4': there is no such option",
        ),
        (
            ("director_vrrp_instances", 0, "advert_intt"),
            1,
            "director_vrrp_instances[0].advert_intt: there is no such option, did you mean advert_int?",
        ),
    ],
)
def test_a_place_is_named_and_told_once(path: tuple[Any, ...], value: Any, error: str) -> None:
    directors, servers = everything()
    put(directors[SECOND], path, value)
    (found,) = plan(directors, servers).errors
    assert found.startswith(f"{SECOND}: {error}")


class _AnsibleTaggedStr(str):
    """As the values of an inventory are."""


class _AnsibleTaggedDate(datetime.date):
    """As the values of an inventory are."""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (_AnsibleTaggedStr("secret"), "a text"),
        (True, "a boolean"),
        (12345678, "a number"),
        (_AnsibleTaggedDate(2026, 1, 1), "a value of the type date"),
    ],
)
def test_of_a_secret_only_its_kind_is_told(value: Any, words: str) -> None:
    assert told(value, hidden=True) == words


def test_a_huge_number_is_told_without_its_digits() -> None:
    (error,) = planned(lambda d, r: d[SECOND].update(director_priority=10**5000)).errors
    assert error == f"{SECOND}: director_priority: a number of 16610 bits is no integer"


def test_each_place_is_told() -> None:
    directors, servers = everything()
    first, _inner, multicast = directors[SECOND]["director_vrrp_instances"]
    first.update(priority=[], interface={})
    multicast["virtual_ipaddress"] = [{"address": []}, 3]
    directors[SECOND]["director_globals"] = 5
    servers["real-01"]["real_server_address"] = "x"
    assert sorted(plan(directors, servers).errors) == [
        "director-02: director_globals: 5 is no dictionary",
        "director-02: director_vrrp_instances[0].interface: a dictionary is no text",
        "director-02: director_vrrp_instances[0].priority: a list is no integer",
        "director-02: director_vrrp_instances[2].virtual_ipaddress[0].address: a list is no text",
        "director-02: director_vrrp_instances[2].virtual_ipaddress[1]: 3 is no dictionary",
        "real-01: real_server_address: 'x' is no IP address",
    ]


def test_each_block_that_cannot_be_written_is_told_with_its_place() -> None:
    directors, servers = everything()
    first, inner, _multicast = directors[SECOND]["director_vrrp_instances"]
    first["priority"] = inner["priority"] = 300
    directors[SECOND]["director_services"][1]["address"] = "192.0.2.9"
    starts = (
        "director_vrrp_instances[0]: ",
        "director_vrrp_instances[1]: ",
        "director_services[1]: give either address",
    )
    errors = plan(directors, servers).errors
    assert len(errors) == len(starts)
    assert all(error.startswith(f"{SECOND}: {start}") for error, start in zip(errors, starts, strict=True))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), PASSWORD),
        ((0,), PASSWORD),
        ((0, "authentication"), PASSWORD),
        ((0, "authentication"), [PASSWORD]),
        ((0, "authentication", "auth_pass"), [PASSWORD]),
        ((0, "authentication", "auth_pass"), {"value": PASSWORD}),
        ((0, "authentication", "auth_pass"), f"{PASSWORD}\n"),
        ((0, "authentication", "auth_pass"), f"{PASSWORD}{PASSWORD}"),
    ],
)
def test_a_password_of_the_wrong_shape_is_not_shown(path: tuple[Any, ...], value: Any) -> None:
    directors, servers = everything()
    put(directors[SECOND], ("director_vrrp_instances", *path), value)
    errors = plan(directors, servers).errors
    assert errors
    assert PASSWORD not in str(errors)


def test_what_ansible_turns_into_another_type_is_turned_and_nothing_is_shared() -> None:
    spec: dict[str, dict[str, Any]] = {
        "count": {"type": "int"},
        "ratio": {"type": "float"},
        "name": {"type": "str"},
        "on": {"type": "bool"},
        "codes": {"type": "list", "elements": "str"},
        "lines": {"type": "list", "elements": "dict", "options": {"weight": {"type": "int", "default": 1}}},
        "unsaid": {"type": "list", "elements": "str", "default": []},
    }
    wrong: list[str] = []
    asked = {
        "count": "20",
        "ratio": 1,
        "name": 5,
        "on": "yes",
        "codes": 200,
        "lines": [{}, {"weight": 2.0}],
        "unsaid": None,
    }
    found = shaped(spec, asked, "", wrong)
    assert wrong == []
    assert (found["count"], found["ratio"], found["name"], found["on"]) == (20, 1.0, "5", True)
    assert (found["codes"], found["lines"], found["unsaid"]) == (["200"], [{"weight": 1}, {"weight": 2}], [])
    found["unsaid"].append("x")
    assert spec["unsaid"]["default"] == []
    assert shaped(spec, {"codes": "200,301"}, "", wrong)["codes"] == ["200", "301"]
