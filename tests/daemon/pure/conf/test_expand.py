# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line becomes the lines that it stands for: conditions, parameters, generators, and their bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf import expand
from lvsd.conf.expand import LENGTH, Expander, TooMuch
from lvsd.conf.findings import Findings, Place
from lvsd.conf.preprocess import Context


def expander(**context: object) -> Expander:
    return Expander(Context(**context), Findings())  # type: ignore[arg-type]


def read(text: str, **context: object) -> tuple[list[str], list[str]]:
    """(what the lines of a text stand for, findings)."""
    one = expander(**context)
    lines = [line for number, row in enumerate(text.split("\n"), 1) for line in one.expand(row, Place("f", number))]
    return lines, [f"{f.line}: {f.message}" for f in one.findings.result()]


def lines(text: str, **context: object) -> list[str]:
    found, findings = read(text, **context)
    assert not findings
    return found


@pytest.mark.parametrize("text", ["weight 1", "a ~SEQ(N,1,2) b", "mail a@b", "cost 5$", "x @here y"])
def test_a_line_without_any_of_it_stands_for_itself(text: str) -> None:
    assert lines(text, config_id="here") == [text]


@pytest.mark.parametrize("text", ["", " \t "])
def test_an_empty_line_stands_for_none(text: str) -> None:
    assert lines(text) == []


# --- conditions ----------------------------------------------------------------------------------

CONDITIONAL = "@main router_id M\n@backup router_id B\n@^main priority 50\n@main\n"


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        ("main", ["router_id M"]),
        ("backup", ["router_id B", "priority 50"]),
        ("other", ["priority 50"]),
        ("", ["priority 50"]),
        ("MAIN", ["priority 50"]),
    ],
)
def test_conditional_lines(identity: str, found: list[str]) -> None:
    assert lines(CONDITIONAL, config_id=identity) == found


def test_a_condition_behind_a_condition_must_hold_too() -> None:
    assert lines("@a @^b x\n@a @b y", config_id="a") == ["x"]


def test_a_parameter_can_hold_a_condition() -> None:
    assert lines("$IF=@main\n$IF priority 240\n$IF priority 241", config_id="main") == ["priority 240", "priority 241"]
    assert lines("$IF=@main\n$IF priority 240", config_id="x") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("@here $A=1", "$A=1"), ("@there $A=1", ""), ("@^here $A=1", ""), ("@here", ""), ("$A=1", "$A=1"), ("", "")],
)
def test_a_line_is_chosen_by_its_condition(text: str, found: str) -> None:
    assert expander(config_id="here").chosen(text) == found


# --- parameters ----------------------------------------------------------------------------------


def test_substitution_happens_at_the_place_of_use() -> None:
    text = "$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.100/32\n$SUB=10\n${BASE}.100/32"
    assert lines(text) == ["10.2.0.100/32", "10.2.10.100/32"]


def test_a_bare_parameter_ends_at_white_space() -> None:
    assert lines("$A=1\nweight $A\nweight $A.5\nweight ${A}.5") == ["weight 1", "weight $A.5", "weight 1.5"]


def test_an_empty_value_is_allowed() -> None:
    assert lines("$A=\n$A alpha\nx${A}y") == ["alpha", "xy"]


@pytest.mark.parametrize("text", ["x ${UNDEFINED}", "x $UNDEFINED", "x ${A b}", "x $", "x $1", "x ${}", "x ${A-b}"])
def test_what_is_no_parameter_stays(text: str) -> None:
    assert lines(f"$A=1\n{text}")[-1:] == [text]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("${_PWD}", "/etc"),
        ("$_PWD", "/etc"),
        ("${_INSTANCE}", "one"),
        ("a${_HASH}b${_BANG}", "a#b!"),
        ("${_ENV SITE}", "north"),
        ("${_ENV LINES}", "a b"),
        ("${_ENV MISSING}", "${_ENV MISSING}"),
        ("${_ENV}", "${_ENV}"),
        ("${_RANDOM}", "0 to 32767"),
        ("${_RANDOM 7}", "7 to 32767"),
        ("${_RANDOM 5 9}", "5 to 9"),
        ("${_RANDOM 9 5}", "9 to 9"),
        ("${_RANDOM 99999}", "99999 to 99999"),
        ("${_RANDOM 1 2 3}", "${_RANDOM 1 2 3}"),
        ("${_RANDOM 1234567890}", "${_RANDOM 1234567890}"),
        ("${_RANDOM x}", "${_RANDOM x}"),
    ],
)
def test_the_names_that_are_always_defined(word: str, found: str) -> None:
    surroundings = {"SITE": "north", "LINES": "a\nb"}
    context = {"instance": "one", "directory": "/etc", "environment": surroundings}
    assert lines(f"x {word}", **context, random=lambda least, most: f"{least} to {most}") == [f"x {found}"]


def test_an_own_definition_hides_one_that_is_always_defined() -> None:
    assert lines("$_INSTANCE=two\nx ${_INSTANCE}", instance="one") == ["x two"]


@pytest.mark.parametrize("text", ["A=1", "$A", "$A =1", "$1=2", "${A}=1", ""])
def test_what_is_no_definition_is_reported(text: str) -> None:
    one = expander()
    one.define(text, Place("f", 7))
    assert [str(finding) for finding in one.findings.result()] == ["f:7: a parameter is defined as $NAME=value"]
    assert not one.values


def test_a_definition_of_many_lines_stands_for_each_of_them() -> None:
    one = expander(config_id="b")
    one.define("$T=\na $N\n@a b\n@b c", Place("f", 1), multiline=True)
    assert one.values == {"T": "a $N\n@a b\n@b c"}
    assert one.multiline == {"T"}
    one.define("$N=1", Place("f", 2))
    assert list(one.expand("$T", Place("f", 3))) == ["a 1", "c"]
    one.define("$T=x", Place("f", 4))
    assert not one.multiline


# --- generators ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("~SEQ(N, 0, 3) 10.0.${N}.1", ["10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1"]),
        ("~SEQ(N, 3) $N", ["1", "2", "3"]),
        ("~SEQ(N, -2) $N", ["-1", "-2"]),
        ("~SEQ(N, 0) $N", ["1", "0"]),
        ("~SEQ(N, 2, 2) $N", ["2"]),
        ("~SEQ(N, 3, 1) $N", ["3", "2", "1"]),
        ("~SEQ(N, 1, 2, 4) $N", ["1", "3"]),
        ("~SEQ(N, 5, -2, 1) $N", ["5", "3", "1"]),
        ("~SEQx(N, 0x90, 0x10, 0xc0) fe80::${N}", ["fe80::90", "fe80::a0", "fe80::b0", "fe80::c0"]),
        ("~SEQx(N, 9, 11) $N", ["9", "a", "b"]),
        ("~SEQ(A,0,1) ~SEQ(B,7,8) ${A}.${B}", ["0.7", "0.8", "1.7", "1.8"]),
        ("~LST(N, a, b, c) $N", ["a", "b", "c"]),
        ("~LST(N, a, , c) <${N}>", ["<a>", "<>", "<c>"]),
        ("~LST({IP, IP1}, {10,1},{20,4}) ${IP}.${IP1}", ["10.1", "20.4"]),
        ("~LST(A,1,2) ~SEQ(B,1,2) ${A}${B}", ["11", "12", "21", "22"]),
        ("$END=2\n~SEQ(N, 1, $END) $N", ["1", "2"]),
        ("~SEQ(N,1,2) $X=$N\nx $X", ["x 2"]),
        ("~SEQ(N,1,3)", []),
    ],
)
def test_generators(text: str, found: list[str]) -> None:
    assert lines(text) == found


def test_a_generator_may_stand_before_a_definition_of_many_lines() -> None:
    one = expander()
    one.define("$T=\na $N\nb $N", Place("f", 1), multiline=True)
    assert list(one.expand("~SEQ(N,1,2) $T", Place("f", 2))) == ["a 1", "b 1", "a 2", "b 2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~SEQ(N) x", "~SEQ(N): expected a name and then one to three numbers: [start, [step,]] end"),
        ("~SEQ(N,1,0,5) x", "~SEQ(N,1,0,5): expected a name"),
        ("~SEQ(N,5,1,1) x", "~SEQ(N,5,1,1): expected a name"),
        ("~SEQ(N,1,2,3,4) x", "~SEQ(N,1,2,3,4): expected a name"),
        ("~SEQ(1,2) x", "~SEQ(1,2): expected a name"),
        ("~SEQ(N,0x100000000,1) x", "~SEQ(N,0x100000000,1): expected a name"),
        ("~SEQx(N,-1,1) x", "~SEQx(N,-1,1): expected a name and then one to three numbers that are not negative"),
        ("~LST(N) x", "~LST(N): expected a name and then values, each in {} where several names are set at once"),
        ("~LST({A,B},{1}) x", "~LST({A,B},{1}): expected a name"),
        ("~LST(A,{1,2}) x", "~LST(A,{1,2}): expected a name"),
        ("~FOO(a) x", "'~FOO(a) x': expected ~SEQ(name, start, step, end) or ~LST(name, value, ...)"),
        ("~", "'~': expected ~SEQ"),
        (f"~{'x' * 99}", f"'~{'x' * 39}': expected ~SEQ"),
    ],
)
def test_a_generator_that_makes_no_sense_is_reported(text: str, message: str) -> None:
    found, findings = read(text)
    assert not found
    assert len(findings) == 1
    assert findings[0].startswith(f"1: {message}")


@given(st.integers(-50, 50), st.integers(-9, 9).filter(bool), st.integers(0, 20))
def test_a_sequence_has_the_numbers_from_its_start_to_its_end(start: int, step: int, count: int) -> None:
    wanted = [str(start + n * step) for n in range(count + 1)]
    assert lines(f"~SEQ(N, {start}, {step}, {wanted[-1]}) $N") == wanted


# --- bounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["$A=${A}x\n$A y", "$A=${B}\n$B=${A}\n$A", "$A=~LST(N,1) ${A}\n$A", "@^x " * 30 + "a", "$A=@^x $A\n$A"],
    ids=["itself", "each other", "a generator of itself", "too many conditions", "a condition on itself"],
)
def test_what_never_ends_is_stopped_at_its_place(text: str) -> None:
    with pytest.raises(TooMuch, match="parameters grow beyond all bounds") as error:
        read(text)
    assert error.value.place == Place("f", text.count("\n") + 1)


def test_an_explosion_is_stopped() -> None:
    names = [*(f"$A{n}=${{A{n - 1}}}${{A{n - 1}}}${{A{n - 1}}}" for n in range(1, 20))]
    with pytest.raises(TooMuch):
        read("\n".join(["$A0=0123456789", *names, "$A19"]))


@pytest.mark.parametrize("rest", ["weight $N", "$X=1", ""])
def test_a_generator_without_end_is_stopped(rest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "BUDGET", 100_000)
    with pytest.raises(TooMuch):
        read(f"~SEQ(N,1,9999999999) {rest or 'x'}")


def test_a_parameter_has_a_longest_value() -> None:
    one = expander()
    one.define("$A=" + "x" * LENGTH, Place("f", 1))
    with pytest.raises(TooMuch, match=f"the parameter A is longer than {LENGTH} characters"):
        one.define("$A=" + "x" * (LENGTH + 1), Place("f", 2))


@given(st.text("$@~{}(),=AB1 SEQLT\n", max_size=40))
def test_no_text_raises_anything_but_too_much(text: str) -> None:
    try:
        found, _findings = read(text)
    except TooMuch:
        return
    assert all(line == line.strip() and line for line in found)
