# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of any block can be made of: statements that are kept, and commands."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any, get_args

import pytest
from lvsd.model.statement import Address, Command, Kept, Statement


def test_a_statement_without_a_block_is_not_one_with_an_empty_block() -> None:
    assert Statement(("a",)).body is None
    assert Statement(("a",)) != Statement(("a",), ())
    inner = Statement(("a", "b"), (Statement(("c",)),))
    assert inner == Statement(words=("a", "b"), body=(Statement(("c",)),))
    assert hash(inner) == hash(Statement(("a", "b"), (Statement(("c",)),)))


def test_a_command_runs_as_the_daemon_where_no_user_is_said() -> None:
    assert (Command(("/bin/x",)).user, Command(("/bin/x",)).group) == (None, None)
    assert Command(("/bin/x",), "games") == Command(words=("/bin/x",), user="games", group=None)
    assert Command(("/bin/x",), "games") != Command(("/bin/x",), None, "games")


@pytest.mark.parametrize("one", [Statement(("a",), (Statement(("b",)),)), Command(("/bin/x", "a b"), "u", "g")])
def test_they_are_values(one: Any) -> None:
    assert pickle.loads(pickle.dumps(one)) == one
    assert replace(one, words=("z",)).words == ("z",)
    assert one.words != ("z",)
    with pytest.raises(FrozenInstanceError):
        one.words = ()
    with pytest.raises(AttributeError):
        one.another = 1


@pytest.mark.parametrize("cls", [Statement, Command])
def test_the_words_have_to_be_given(cls: Any) -> None:
    with pytest.raises(TypeError, match="words"):
        cls()


def test_an_address_is_of_either_family() -> None:
    assert set(get_args(Address)) == {IPv4Address, IPv6Address}
    assert get_args(Kept)[0] is Statement
