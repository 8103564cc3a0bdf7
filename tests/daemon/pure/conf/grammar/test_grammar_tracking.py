# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`track_interface`: a name, a weight and `reverse`; the other trackers are known by their words alone."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.entry import Ignored
from lvsd.conf.grammar.tracking import TRACK_INTERFACE, TRACKERS, read_tracked, starts_name, write_tracked
from lvsd.model import TrackedInterface

from tests.support.language import kept, refused


@pytest.mark.parametrize(
    ("line", "tracked"),
    [
        ("eth0", TrackedInterface("eth0")),
        ("eth0 weight 253", TrackedInterface("eth0", 253)),
        ("eth0 weight -253", TrackedInterface("eth0", -253)),
        ("eth0 weight 10 reverse", TrackedInterface("eth0", 10, reverse=True)),
        ("eth0 weight 0 reverse", TrackedInterface("eth0", 0, reverse=True)),
    ],
)
def test_a_line_is_read_and_written(line: str, tracked: TrackedInterface) -> None:
    assert read_tracked(tuple(line.split())) == tracked
    assert " ".join(write_tracked(tracked)) == line


@pytest.mark.parametrize(
    ("line", "tracked"),
    [
        ("eth0 weight 0", TrackedInterface("eth0")),
        ("eth0 reverse weight 5", TrackedInterface("eth0", 5, reverse=True)),
        ("eth0 weight 5 noreverse", TrackedInterface("eth0", 5)),
        ("eth0 weight 5 reverse noreverse", TrackedInterface("eth0", 5)),
    ],
)
def test_other_ways_to_say_it(line: str, tracked: TrackedInterface) -> None:
    assert read_tracked(tuple(line.split())) == tracked


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("eth/0", "fatal: 'eth/0' is no name of an interface: there is no '/', ':' or space in one"),
        ("a-name-that-is-long", "fatal: 'a-name-that-is-long' is longer than 15 bytes"),
        ("eth0 wait 5", "ignored: 'wait' is not known here; known are weight"),
        ("eth0 weight 5x", "fatal: weight '5x' is not a whole number from -253 to 253"),
    ],
)
def test_a_line_that_is_refused(line: str, message: str) -> None:
    assert refused(read_tracked, line) == message


@pytest.mark.parametrize("weight", ["254", "-254"])
def test_a_weight_outside_its_range_leaves_the_interface(weight: str) -> None:
    with pytest.raises(Ignored) as error:
        read_tracked(("eth0", "weight", weight))
    assert error.value.value == TrackedInterface("eth0")
    assert str(error.value) == f"weight '{weight}' is outside -253 to 253"


def test_where_the_next_name_of_a_line_begins() -> None:
    words = ("eth0", "weight", "5", "reverse", "eth1", "weight", "eth2")
    assert [starts_name(words, index) for index in range(1, len(words))] == [False, False, False, True, False, False]


def test_the_words_of_a_line() -> None:
    assert [word.name for word in TRACK_INTERFACE.words] == ["name", "weight", "reverse"]
    assert TRACK_INTERFACE.field == "track_interfaces"


def test_the_other_trackers_have_no_effect() -> None:
    effect = "what it tracks neither lowers the priority nor causes FAULT"
    names = ["track_script", "track_file", "track_process", "track_bfd"]
    assert kept(TRACKERS) == {name: f"'{name}' is known but not implemented yet: {effect}" for name in names}
    assert all(entry.lines for entry in TRACKERS)
