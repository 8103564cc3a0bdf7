# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see: aligned, complete, and never a traceback over a field that is null."""

from typing import Any

import pytest
from lvsd.ctl import views
from lvsd.ctl.table import duration, table

NOW = 1000.0
PARENT: dict[str, Any] = {
    "version": "0.1.0",
    "pid": 7,
    "config": "/etc/lvsd/lvsd.conf",
    "loaded_at": NOW - 90,
    "workers": [
        {
            "name": "vrrp",
            "pid": 8,
            "up_since": NOW - 90,
            "restarts": 0,
            "release": "0.1.0",
            "digest": "8c1f0d7e3b5a4921",
        },
        {"name": "checker", "pid": None, "up_since": None, "restarts": 3},
    ],
    "findings": [],
}
ROUTER: dict[str, Any] = {
    "name": "VI_1",
    "state": "Active",
    "faults": [],
    "since": NOW - 3725,
    "vrid": 51,
    "interface": "eth0",
    "family": 4,
    "version": 2,
    "priority": 150,
    "effective_priority": 150,
    "advertisement_interval": 1.0,
    "addresses": ["192.0.2.1/24 dev eth0", "192.0.2.2/24 dev eth0"],
    "active_router": None,
    "counters": {},
    "group": "G1",
}
VRRP: dict[str, Any] = {
    "instances": [ROUTER],
    "groups": [{"name": "G1", "state": "Active", "members": ["VI_1", "VI_2"]}],
}
SERVER: dict[str, Any] = {
    "key": "10.0.0.11:80",
    "weight": 2,
    "effective_weight": 2,
    "up": True,
    "admin": "enabled",
    "checks": [{"kind": "HTTP_GET", "up": True, "detail": "status 200", "latency_ms": 1.25}],
    "active_connections": 4,
    "inactive_connections": 10,
}
SERVICE: dict[str, Any] = {
    "key": "192.0.2.10:80/TCP",
    "scheduler": "wrr",
    "forwarding": "NAT",
    "quorum": {"up": True, "weight": 2, "needed": 1},
    "sorry_server": "10.0.0.99:80",
    "sorry_in_use": False,
    "kernel": {"scheduler": "wrr", "persistence_timeout": 0, "persistence_engine": None, "flags": [1, 2]},
    "servers": [SERVER],
}


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def with_server(**fields: Any) -> dict[str, Any]:
    return {"services": [{**SERVICE, "servers": [{**SERVER, **fields}]}]}


def test_columns_are_as_wide_as_their_widest_cell_and_numbers_stand_right() -> None:
    assert table(("NAME", "N"), [("a", 7), ("longer", 123), ("x", None)]).splitlines() == [
        "NAME      N",
        "a         7",
        "longer  123",
        "x         -",
    ]


def test_colour_changes_no_width() -> None:
    rows = [("VI_1", "Active"), ("VI_2", "Backup")]
    coloured = table(("A", "STATE"), rows, colour=True)
    assert "\033[32mActive\033[0m" in coloured
    plain = table(("A", "STATE"), rows)
    assert "\033" not in plain
    assert plain.splitlines()[1] == "VI_1  Active"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0.0 s"),
        (4.23, "4.2 s"),
        (42, "42 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3725, "1 h 2 min"),
        (3605, "1 h"),
        (1_047_600, "12 d 3 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_status_is_one_screen_of_everything() -> None:
    text = lines(views.status({"lvsd": PARENT, "vrrp": VRRP, "checker": {"services": [SERVICE]}}, NOW))
    assert text[0] == "lvsd 0.1.0, pid 7: /etc/lvsd/lvsd.conf, loaded 1 min 30 s ago"
    assert "vrrp up 8 1 min 30 s 0 0.1.0 8c1f0d7e3b5a4921" in text
    assert "checker down - - 3 -" in text
    assert "VI_1 Active 1 h 2 min 150 eth0 vrid 51 v2 IPv4 - 192.0.2.1/24 dev eth0" in text
    assert "192.0.2.2/24 dev eth0" in text
    assert "G1 Active VI_1 VI_2" in text
    assert "192.0.2.10:80/TCP up 2 (quorum 1) 4 10 wrr NAT" in text
    assert "10.0.0.11:80 up 2 4 10" in text


def test_the_status_names_each_program_that_is_not_run_once() -> None:
    refused = {"program": "/srv/told.sh", "user": "root", "reason": "/srv belongs to ann", "since": NOW - 90}
    answers = {
        "vrrp": {**VRRP, "refused_programs": [refused]},
        "checker": {"services": [], "refused_programs": [refused]},
    }
    text = lines(views.status({"lvsd": PARENT, **answers}, NOW))
    assert text[-2:] == ["PROGRAM NOT RUN USER FOR REASON", "/srv/told.sh root 1 min 30 s /srv belongs to ann"]


def test_the_status_says_why_the_workers_are_roots() -> None:
    answers = {"vrrp": None, "checker": None}
    line = "the workers run as root: there is no user lvsd"
    assert line in lines(views.status({"lvsd": {**PARENT, "as_root": "there is no user lvsd"}, **answers}, NOW))
    assert "run as root" not in views.status({"lvsd": {**PARENT, "as_root": None}, **answers}, NOW)
    assert "run as root" not in views.status({"lvsd": PARENT, **answers}, NOW)  # of a version before


def test_the_status_says_what_does_not_answer() -> None:
    assert "does not answer" in views.status({"lvsd": None, "vrrp": VRRP, "checker": None}, NOW)
    assert "no worker is needed" in views.status(
        {"lvsd": {**PARENT, "workers": []}, "vrrp": None, "checker": None}, NOW
    )
    assert "not replaced: vrrp: too slow" in views.status(
        {"lvsd": {**PARENT, "takeover": {"problems": ["vrrp: too slow"]}}, "vrrp": None, "checker": None}, NOW
    )
    assert "CONFIGURATION NOT TAKEN, what ran before goes on: a.conf:1: no" in views.status(
        {"lvsd": {**PARENT, "fallback": "a.conf:1: no"}, "vrrp": None, "checker": None}, NOW
    )
    assert "1 warnings" in views.status({"lvsd": {**PARENT, "findings": [{}]}, "vrrp": None, "checker": None}, NOW)


def test_a_router_shows_its_fault_and_a_changed_priority() -> None:
    router = {**ROUTER, "state": "Initialize", "faults": ["eth0 is down"], "effective_priority": 90, "addresses": []}
    text = lines(views.vrrp({"instances": [router], "groups": []}, NOW))
    assert "VI_1 Initialize 1 h 2 min 90 of 150 eth0 vrid 51 v2 IPv4 - -" in text
    assert "VI_1: eth0 is down" in text


def test_the_packets_are_counted_by_router_and_kind() -> None:
    router = {**ROUTER, "counters": {"chksum_err": 49800, "advert_sent": 12}}
    shown = {"instances": [router, {**ROUTER, "name": "VI_2", "counters": {}}], "counters": {"unknown_vrid": 5}}
    text = lines(views.vrrp_in_full(shown, NOW))
    assert text[-4:] == [
        "ROUTER COUNTER NUMBER",
        "VI_1 advert_sent 12",
        "chksum_err 49800",
        "of no router unknown_vrid 5",
    ]
    assert "chksum_err" not in views.status({"lvsd": PARENT, "vrrp": shown, "checker": None}, NOW)


def test_an_address_that_the_kernel_refused_is_shown_as_missing_with_the_reason() -> None:
    missing = [{"address": "192.0.2.2/24 dev eth0", "reason": "there is no interface eth0"}]
    text = lines(views.vrrp({"instances": [{**ROUTER, "missing": missing}], "groups": []}, NOW))
    assert any(row.endswith("192.0.2.1/24 dev eth0") for row in text)
    assert any(row.endswith("192.0.2.2/24 dev eth0 (missing)") for row in text)
    assert "VI_1: 192.0.2.2/24 dev eth0 is missing: there is no interface eth0" in text


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({"admin": "drained", "effective_weight": 0}, "10.0.0.11:80 drained 0 of 2 4 10"),
        (
            {"admin": "drained", "effective_weight": 0, "order_since": NOW - 90},
            "10.0.0.11:80 drained 0 of 2 4 10 drained for 1 min 30 s",
        ),
        (
            {"weight_override": 7, "effective_weight": 7, "order_since": NOW - 90},
            "10.0.0.11:80 up 7 of 2 4 10 weight 7 by order for 1 min 30 s",
        ),
        (
            {"admin": "drained", "weight_override": 7, "effective_weight": 0},
            "10.0.0.11:80 drained 0 of 2 4 10 weight 7 by order",
        ),
        ({"up": False, "effective_weight": None}, "10.0.0.11:80 down 2 4 10 not in the table"),
        ({"active_connections": None, "inactive_connections": None}, "10.0.0.11:80 up 2 - -"),
    ],
)
def test_a_server_shows_what_the_operator_and_the_checks_made_of_it(fields: dict[str, Any], row: str) -> None:
    assert row in lines(views.services(with_server(**fields), NOW))


def test_a_sorry_server_in_use_is_shown() -> None:
    service = {**SERVICE, "sorry_in_use": True, "quorum": {"up": False, "weight": 0, "needed": 1}}
    assert "10.0.0.99:80 sorry - - - in use" in lines(views.services({"services": [service]}, NOW))
    assert "-> 10.0.0.99:80 sorry - - -" in lines(views.ipvs({"services": [service]}))


def test_every_check_has_a_row_also_where_there_is_none() -> None:
    assert "192.0.2.10:80/TCP 10.0.0.11:80 HTTP_GET up 1.2 ms status 200" in lines(
        views.checks({"services": [SERVICE]})
    )
    assert "192.0.2.10:80/TCP 10.0.0.11:80 none up - counts as up" in lines(views.checks(with_server(checks=[])))


def test_the_kernel_view_shows_only_what_the_kernel_has() -> None:
    text = lines(views.ipvs({"services": [SERVICE]}))
    assert text[1] == "192.0.2.10:80/TCP up - - - scheduler=wrr persistence_timeout=0 persistence_engine=- flags=1,2"
    assert text[2] == "-> 10.0.0.11:80 2 4 10"
    assert len(lines(views.ipvs(with_server(effective_weight=None)))) == 2
    assert "192.0.2.10:80/TCP absent" in lines(views.ipvs({"services": [{**SERVICE, "kernel": None}]}))[1]


@pytest.mark.parametrize("view", [lambda shown: views.services(shown, NOW), views.checks, views.ipvs])
def test_nothing_configured_is_a_sentence(view: Any) -> None:
    assert view({"services": []}) == "no virtual_server is configured"


def test_a_reload_tells_what_changed() -> None:
    answer = {
        "changes": {
            "vrrp": {"added": ["VI_2"], "removed": [], "unchanged": ["VI_1"]},
            "checker": {"services": {"added": ["a", "b"]}},
        },
        "started": [],
        "stopped": ["bfd"],
        "findings": [{"path": "a.conf", "line": 3, "message": "odd"}],
    }
    assert views.changes(answer).splitlines() == [
        "checker: services added a,b",
        "vrrp: added VI_2",
        "bfd: stopped",
        "warning: a.conf:3: odd",
    ]


def test_orders_are_confirmed_with_their_effect() -> None:
    drained = {**SERVER, "admin": "drained", "effective_weight": 0}
    assert views.server("s", drained, "10.0.0.11:80") == "10.0.0.11:80 of s: drained, weight 0, 4 active connections"
    weighted = {**SERVER, "weight_override": 7, "effective_weight": 7}
    assert "weight 7 is an order, which `lvsctl weight ... default` ends" in views.server("s", weighted, "10.0.0.11:80")
    assert views.failover({"released": ["VI_1", "VI_2"]}, None) == "handed over: VI_1, VI_2"
