# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record behaves as the frozen dataclass that it stands for."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest
from lvsd.record import record


def described(decorator):
    @decorator(frozen=True, slots=True)
    class Point:
        """A place."""

        x: int
        y: int = 2
        secret: str = field(default="s", repr=False)
        items: list = field(default_factory=list)

    return Point


@record(frozen=True, slots=True, kw_only=True)
class Named:
    name: str
    size: int = 1


@record(frozen=True, slots=True)
class Lone:
    value: tuple[int, ...]


both = pytest.mark.parametrize("point", [described(dataclass), described(record)], ids=["dataclass", "record"])


@both
def test_made_by_place_by_name_and_by_default(point: Any):
    for made in (point(1), point(1, 2), point(x=1), point(1, y=2), point(1, 2, "s", [])):
        assert (made.x, made.y, made.secret, made.items) == (1, 2, "s", [])
    assert point(1).items is not point(1).items
    for args, named in (((), {}), ((1, 2, "s", [], 5), {}), ((1,), {"x": 1}), ((1,), {"z": 1})):
        with pytest.raises(TypeError):
            point(*args, **named)


@both
def test_compared_by_value_and_kind(point: Any):
    assert point(1) == point(1)
    assert point(1) != point(2)
    assert point(1) != (1, 2, "s", [])
    assert point(1).__eq__(7) is NotImplemented
    assert hash(point(1, items=())) == hash(point(1, items=()))
    assert len({point(1, items=()), point(1, items=()), point(2, items=())}) == 2


@both
def test_shown_without_what_is_secret(point: Any):
    assert repr(point(1)).endswith("Point(x=1, y=2, items=[])")


@both
def test_frozen_and_slotted(point: Any):
    with pytest.raises(FrozenInstanceError):
        point(1).x = 5
    with pytest.raises(FrozenInstanceError):
        del point(1).x
    with pytest.raises((FrozenInstanceError, TypeError)):
        point(1).unknown = 5
    assert not hasattr(point(1), "__dict__")


@both
def test_known_to_the_functions_of_dataclasses(point: Any):
    known: Any = is_dataclass
    assert known(point)
    assert [f.name for f in fields(point)] == ["x", "y", "secret", "items"]
    assert replace(point(1), y=9) == point(1, 9)
    assert copy.copy(point(1)) == point(1)
    assert copy.deepcopy(point(1)) == point(1)
    match point(1):
        case point(x, y=y):
            assert (x, y) == (1, 2)


def test_by_name_only():
    assert Named(name="a") == Named(name="a", size=1)
    made: Any = Named
    with pytest.raises(TypeError):
        made("a")


def test_pickled():
    for made in (Named(name="a", size=3), Lone((1, 2))):
        assert pickle.loads(pickle.dumps(made)) == made
        assert hash(made) == hash(pickle.loads(pickle.dumps(made)))


@pytest.mark.parametrize("decorator", [dataclass, record])
def test_fields_that_are_not_compared_or_not_given(decorator):
    @decorator(frozen=True, slots=True)
    class Odd:
        value: int
        note: str = field(default="", compare=False)
        double: int = field(init=False)

        def __post_init__(self):
            object.__setattr__(self, "double", 2 * self.value)

    odd: Any = Odd
    assert odd(2, "a") == odd(2, "b")
    assert hash(odd(2, "a")) == hash(odd(2, "b"))
    assert replace(odd(2, "a"), value=3).double == 6
    assert copy.copy(odd(2, "a")).note == "a"
    with pytest.raises(TypeError):
        odd(2, "a", 4)


def test_without_fields():
    @record(frozen=True, slots=True)
    class Empty:
        pass

    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1
    empty: Any = Empty
    with pytest.raises(TypeError):
        empty(1)
