# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic and the tables of `make bench`, without measuring anything."""

from __future__ import annotations

import json

import pytest

from tests.bench import memory, page, uml
from tests.bench.adverts import deviations
from tests.bench.capture import Advertisement, Announcement
from tests.bench.failover import Case, overhead
from tests.bench.figures import AtMost, Row, beside, factor, goal_text, number, spread, verdict
from tests.bench.report import as_markdown, as_text, summary


def row(ours: tuple[float, ...], theirs: tuple[float, ...], goal: AtMost | None = None) -> Row:
    return Row("failover", "1 instance", "ms", ours, theirs, goal=goal)


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    assert row((1, 9, 2), (2, 3, 4)).ratio == 0.5


def test_a_round_in_which_the_machine_was_slow_does_not_decide() -> None:
    slow_at_ours, slow_at_theirs = row((1, 1, 50), (2, 2, 2), AtMost()), row((3, 3, 3), (2, 2, 50), AtMost())
    assert slow_at_ours.holds
    assert not slow_at_theirs.holds


@pytest.mark.parametrize(
    ("goal", "ours", "theirs", "holds"),
    [
        (AtMost(extra=0.5), 1.4, 1.0, True),
        (AtMost(extra=0.5), 1.6, 1.0, False),
        (AtMost(1 / 10), 0.1, 1.0, True),
        (AtMost(1 / 10), 0.11, 1.0, False),
        (AtMost(), 1.0, 1.0, True),
        (AtMost(ahead=True), 1.0, 1.0, False),
        (AtMost(ahead=True), 0.9, 1.0, True),
        (AtMost(2.5), 2.6, 1.0, False),
    ],
)
def test_when_a_goal_holds(goal: AtMost, ours: float, theirs: float, holds: bool) -> None:
    assert row((ours,), (theirs,), goal).holds is holds


def test_without_a_goal_nothing_is_judged() -> None:
    assert row((1.0,), (2.0,)).holds is None
    assert verdict(row((1.0,), (2.0,))) == goal_text(row((1.0,), (2.0,))) == ""


def test_a_missed_goal_says_by_how_much() -> None:
    assert verdict(row((3.0, 4.0, 5.0), (2.0, 2.0, 2.0), AtMost(extra=0.5))) == "missed by 1.50 ms"


def test_values_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        row((1.0, 2.0), (1.0,))


def test_numbers_have_three_figures_that_count() -> None:
    assert [number(value) for value in (0.01234, 1.234, 12.34, 1234.0)] == ["0.012", "1.23", "12.3", "1234"]
    assert spread((3.0, 1.0, 2.0)) == "2.00 (1.00..3.00)"
    assert [factor(value) for value in (0.5, 0.05, 2.0)] == ["0.50", "1/20", "2.00"]


def test_the_tables_show_both_rivals_and_the_verdict_beside_each() -> None:
    found = {"lvsd": (3.0,), "keepalived": (1.0,), "the newest keepalived": (4.0,)}
    rows = [row((0.3, 0.4), (0.3, 0.3), AtMost(extra=0.5)), *beside("failover", "2", "ms", found, "lvsd", AtMost())]
    assert "<= +0.5 ms" in as_text(rows)
    versions = {"keepalived": "keepalived 2.2.7", "the newest keepalived": "keepalived 2.3.4"}
    text = as_markdown(rows, page.BENCHES, versions)
    assert "| | lvsd | keepalived 2.2.7 | ratio | keepalived 2.3.4 | ratio | goal |" in text
    assert (
        "| 2, ms | 3.00 (3.00..3.00) | 1.00 (1.00..1.00) | 3.00 | 4.00 (4.00..4.00) | 0.75 | no more: "
        "**missed by 2.00 ms** beside keepalived 2.2.7, **holds** beside keepalived 2.3.4 |"
    ) in text
    assert summary(rows).splitlines() == [
        "1 of 2 goals hold beside keepalived",
        "  missed: 2 (beside keepalived): by 2.00 ms",
        "1 of 1 goals hold beside the newest keepalived",
    ]


def test_a_rival_that_is_no_keepalived_stands_with_its_name_in_the_first_column() -> None:
    other = Row("ipvs", "table", "s", (1.0,), (10.0,), "ipvsadm -R", AtMost(1 / 5))
    text = as_markdown([other], page.BENCHES, {"keepalived": "a", "the newest keepalived": "b"})
    assert "| table, s | 1.00 (1.00..1.00) | 10.0 (10.0..10.0) (ipvsadm -R) | 1/10 |  |  |" in text


def test_the_page_has_the_machine_and_every_bench_that_was_measured() -> None:
    described = {"keepalived": "2.2.7, of the system", "the newest keepalived": "2.3.4, a package"}
    text = page.markdown([row((1.0,), (2.0,))], described, 5)
    assert "| keepalived | 2.2.7, of the system |" in text
    assert "| | lvsd | keepalived 2.2.7 | ratio | keepalived 2.3.4 | ratio | goal |" in text
    assert "## Failover" in text
    assert "## Memory" not in text


def test_a_row_survives_the_way_out_of_the_machine() -> None:
    there = row((1.0, 2.0), (3.0, 4.0), AtMost(1 / 20))
    assert uml.read(json.loads(uml.write(there))) == there


class Heard:
    advertisements = (Advertisement(9.9, 2, 1), Advertisement(10.0, 2, 1), Advertisement(10.0, 2, 2))
    announcements = (Announcement(13.7, 1), Announcement(14.0, 1), Announcement(13.71, 2))


def test_the_overhead_counts_from_the_last_advertisement_to_the_first_gratuitous_arp() -> None:
    case = Case(count=2, interval=1.0, times=1)
    assert case.floor == 3 + 156 / 256
    found = overhead(Heard(), case)  # type: ignore[arg-type]
    expected = [(10.0 + delay - 10.0 - case.floor) * 1000 for delay in (3.7, 3.705, 3.71)]
    assert found == pytest.approx(expected)


def test_an_address_that_was_not_announced_is_an_error() -> None:
    with pytest.raises(AssertionError):
        overhead(Heard(), Case(count=3, interval=1.0, times=1))  # type: ignore[arg-type]


def test_intervals_are_those_between_advertisements_of_one_instance() -> None:
    times = [(0.000, 1), (0.004, 2), (0.011, 1), (0.014, 2)]
    assert deviations(Advertisement(at, 1, vrid) for at, vrid in times) == pytest.approx([1.0, 0.0])


def test_the_memory_of_a_round_is_the_sum_of_its_processes() -> None:
    lines = ["round", *["lvsd 1024"] * 3, *["keepalived 512"] * 2, "the newest keepalived 2048"]
    lines += ["round", "lvsd 2048", "keepalived 1024", "the newest keepalived 1024"]
    found, newest = memory.rows(lines)
    assert (found.ours, found.theirs) == ((3.0, 2.0), (1.0, 1.0))
    assert (newest.ours, newest.theirs, newest.rival) == ((3.0, 2.0), (2.0, 1.0), "the newest keepalived")


def test_a_daemon_that_did_not_run_has_no_memory_figure() -> None:
    with pytest.raises(AssertionError):
        list(memory.rows(["round", "lvsd 1024"]))
