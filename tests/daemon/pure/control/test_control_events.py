# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last events of a process; how they are told over its socket is in control/test_control_server.py."""

from lvsd.control.events import EVENTS_KEPT, EventLog


def test_only_the_last_events_are_kept() -> None:
    log = EventLog("test")
    for number in range(EVENTS_KEPT + 5):
        log.add("state", "x", str(number))
    assert len(log.since(0)) == EVENTS_KEPT
    assert log.since(EVENTS_KEPT + 4)[0]["seq"] == EVENTS_KEPT + 5


def test_a_kind_that_happens_often_leaves_the_others_where_they_are() -> None:
    log = EventLog("test")
    rare = ("state", "operator", "reload", "address")
    for what in rare:
        log.add(what, "x", "before")
    for number in range(3 * EVENTS_KEPT):
        log.add("packet", "x", str(number))
    log.add("state", "x", "after")
    kept = log.since(0)
    assert [event["what"] for event in kept if event["what"] != "packet"] == [*rare, "state"]
    assert [event["seq"] for event in kept] == sorted(event["seq"] for event in kept)
    assert [event["message"] for event in log.since(3 * EVENTS_KEPT + len(rare))] == ["after"]
