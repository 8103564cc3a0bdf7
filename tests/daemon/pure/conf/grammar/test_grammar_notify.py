# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for scripts: each state has its own, and instances and groups have the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from lvsd.conf.grammar.entry import Block
from lvsd.conf.grammar.notify import NOTIFY
from lvsd.model import Command, Notify, SyncGroup

from tests.support.language import read, words, written

BLOCK = Block("group", "groups", lambda **held: SyncGroup(name="G", **held), NOTIFY, "", groups={"notify": Notify})
FIELDS = {
    "notify_master": "active",
    "notify_backup": "backup",
    "notify_fault": "fault",
    "notify_stop": "stop",
    "notify_deleted": "deleted",
    "notify": "any",
}


def test_each_state_has_a_word() -> None:
    assert words(BLOCK) == set(FIELDS)
    assert set(FIELDS.values()) == {field.name for field in fields(Notify)} - {"active_rx_lower_priority"}


@pytest.mark.parametrize(("word", "field"), FIELDS.items())
def test_a_word_sets_its_command(word: str, field: str) -> None:
    line = f'{word} "/bin/tell me" games staff'
    value, said = read(BLOCK, line)
    held: dict[str, Any] = {field: Command(("/bin/tell", "me"), "games", "staff")}
    assert (value.notify, said) == (Notify(**held), [])
    assert written(BLOCK, value) == [line]


@pytest.mark.parametrize("word", FIELDS)
def test_a_word_without_a_command_is_refused(word: str) -> None:
    syntax = '"COMMAND ARGUMENTS" [USER [GROUP]]'
    assert read(BLOCK, word)[1] == [f"fatal 2: '{word}' needs a value: {word} {syntax}"]
    assert read(BLOCK, f"{word} ' '")[1] == [f"fatal 2: {word} has no command"]


def test_the_last_command_counts() -> None:
    value, said = read(BLOCK, "notify /bin/a", "notify /bin/b")
    assert value.notify.any == Command(("/bin/b",))
    assert said == ["3: 'notify' is said again (first in line 2); the last one counts"]
