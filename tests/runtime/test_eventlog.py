# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last events of a process; how they are told over its socket is in test_control.py."""

from lvsd.eventlog import EVENTS_KEPT, EventLog


def test_only_the_last_events_are_kept() -> None:
    log = EventLog("test")
    for number in range(EVENTS_KEPT + 5):
        log.add("state", "x", str(number))
    assert len(log.since(0)) == EVENTS_KEPT
    assert log.since(EVENTS_KEPT + 4)[0]["seq"] == EVENTS_KEPT + 5
