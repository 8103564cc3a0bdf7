# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event and a line of the log."""

from lvsd.worker.reporter import Reporter


def test_what_is_said_is_an_event_and_a_line() -> None:
    lines: list[tuple[str, int]] = []
    reporter = Reporter("vrrp", lambda text, priority: lines.append((text, priority)))
    reporter.say("script", "VI_1", "it failed", 3, exit_code=1)
    reporter.log("only a line")
    (event,) = reporter.events.since(0)
    assert (event["source"], event["what"], event["subject"], event["message"]) == (
        "vrrp",
        "script",
        "VI_1",
        "it failed",
    )
    assert event["exit_code"] == 1
    assert lines == [("it failed", 3), ("only a line", 6)]


def test_the_priority_of_a_router_is_not_that_of_the_line() -> None:
    lines: list[tuple[str, int]] = []
    reporter = Reporter("vrrp", lambda text, priority: lines.append((text, priority)))
    reporter.say("priority", "VI_1", "VI_1: priority 255 -> 200", priority=200)
    assert lines == [("VI_1: priority 255 -> 200", 6)]
    assert reporter.events.since(0)[0]["priority"] == 200
