# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of a check: times and targets that are inherited, and the kinds of checks."""

from __future__ import annotations

import pickle
from dataclasses import fields
from typing import Any, get_args

import pytest
from lvsd.check.kinds import KINDS
from lvsd.model.checks import Check, CheckTarget, CheckTiming, HttpCheck, KeptCheck, MiscCheck, TcpCheck, Url
from lvsd.model.statement import Command, Statement

MISC = MiscCheck(command=Command(("/bin/x",)))
KEPT = KeptCheck(statement=Statement(("PING_CHECK",)))


@pytest.mark.parametrize("cls", [CheckTiming, CheckTarget])
def test_what_is_not_said_is_inherited(cls: Any) -> None:
    assert {getattr(cls(), field.name) for field in fields(cls)} == {None}


def test_every_time_is_one_of_a_check() -> None:
    names = [field.name for field in fields(CheckTiming)]
    assert names == ["connect_timeout", "retry", "delay_before_retry", "delay_loop", "warmup", "alpha"]
    assert [check.timing for check in (TcpCheck(), HttpCheck(), MISC)] == [CheckTiming()] * 3


def test_only_what_connects_has_a_target() -> None:
    assert [check.target for check in (TcpCheck(), HttpCheck())] == [CheckTarget()] * 2
    assert not hasattr(MISC, "target")


def test_a_page_is_the_root_and_any_good_answer() -> None:
    page = Url()
    held = {field.name: getattr(page, field.name) for field in fields(Url)}
    assert {name: value for name, value in held.items() if value} == {"path": "/"}
    check = HttpCheck()
    held = {field.name: getattr(check, field.name) for field in fields(HttpCheck)}
    assert {name: value for name, value in held.items() if value} == {
        "http_protocol": "1.0",
        "timing": CheckTiming(),
        "target": CheckTarget(),
    }


def test_a_program_runs_as_long_as_its_check_lasts_and_sets_no_weight() -> None:
    assert (MISC.timeout, MISC.dynamic, MISC.kept) == (None, False, ())


def test_every_check_has_a_row_among_the_kinds() -> None:
    assert {TcpCheck, HttpCheck, MiscCheck, KeptCheck} <= set(get_args(Check))
    assert {kind.check for kind in KINDS} == set(get_args(Check))


@pytest.mark.parametrize(("cls", "missing"), [(MiscCheck, "command"), (KeptCheck, "statement")])
def test_what_has_to_be_given(cls: Any, missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        cls()


@pytest.mark.parametrize("one", [TcpCheck(), HttpCheck(tls=True, urls=(Url(regex="x"),)), MISC, KEPT])
def test_they_are_values(one: Any) -> None:
    again = pickle.loads(pickle.dumps(one))
    assert (again, hash(again)) == (one, hash(one))
    assert one != "another"


def test_checks_of_another_class_are_not_the_same() -> None:
    assert TcpCheck() != HttpCheck()
    assert HttpCheck() != HttpCheck(tls=True)
