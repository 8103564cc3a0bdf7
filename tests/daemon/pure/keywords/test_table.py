# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No keyword without effect: each one that docs/keywords.md calls implemented has a test that shows its effect."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_effects_services
import test_effects_vrrp
from effects import Effect, fields, implemented
from live_effects import LIVE

sys.path.insert(0, str(Path(__file__).with_name("without")))
from take_away import take_away

ROOT = Path(__file__).parents[4]
RUNTIME = ROOT / "runtime" / "lvsd"
# read by a function of conf/ that the checker calls, or told from others by its class
SHOWN = [*test_effects_vrrp.EFFECTS, *test_effects_services.EFFECTS]
ELSEWHERE = {"VirtualServer.ip_family", "Configuration.ssl"}


def test_every_implemented_keyword_has_a_test() -> None:
    shown = {(effect.block, effect.keyword) for effect in SHOWN}
    every = set(implemented())
    assert every - shown - LIVE.keys() == set(), "add a row to test_effects_*.py or to live_effects.py"
    assert (shown | LIVE.keys()) - every == set(), "no such keyword is implemented"


DEFAULTS = {"preempt"}  # a keyword that takes an earlier one back has the default's effect


@pytest.mark.parametrize("effect", [effect for effect in SHOWN if effect.keyword not in DEFAULTS], ids=str)
def test_a_row_fails_when_the_effect_is_taken_away(effect: Effect) -> None:
    """One of the fields that the keyword sets decides about what the row looks at."""
    assert any(differs(effect, field) for field in fields()[effect.block, effect.keyword])


def differs(effect: Effect, field: str) -> bool:
    give_back = take_away(field)
    try:
        return bool(effect.seen(effect.said) != effect.with_it)
    except (AssertionError, AttributeError, LookupError, StopIteration, TypeError):
        return True  # nothing is left to look at
    finally:
        give_back()


def test_every_live_test_exists_and_sets_its_keyword() -> None:
    for (block, keyword), test in LIVE.items():
        file, _, name = test.partition("::")
        text = (ROOT / file).read_text()
        assert keyword in text, f"{test} does not say {block} {keyword}"
        functions = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
        assert name in functions or not name, f"{test} does not exist"


def test_something_outside_the_grammar_reads_every_field() -> None:
    read = set(reads())
    unread = {
        field: key for key, found in fields().items() for field in found - ELSEWHERE if field.split(".")[1] not in read
    }
    assert unread == {}, "keywords that are read into the model, and that no worker looks at"


def reads() -> Iterator[str]:
    """The names of all attributes that files outside conf/ read."""
    for path in RUNTIME.rglob("*.py"):
        if path.relative_to(RUNTIME).parts[0] != "conf":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    yield node.attr
