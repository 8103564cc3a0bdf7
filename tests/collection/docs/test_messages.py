# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages quote in blocks marked `log` is what the daemon, the modules and the playbooks say."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.director.tests.collection.docs.messages import is_said
from ansible_collections.lvs.director.tests.collection.docs.pages import BY_HAND, Word, blocks

QUOTED = [
    Word(block.page, block.line + number, line)
    for page in BY_HAND
    for block in blocks(page, "log")
    for number, line in enumerate(block.text.splitlines())
]


@pytest.mark.parametrize("message", QUOTED, ids=str)
def test_a_quoted_message_is_one_of_ours(message: Word) -> None:
    assert is_said(message.text), f"{message}: nothing in the code says this"


@pytest.mark.parametrize(
    "message",
    [
        "VI_1: the moon is full",
        "VI_1: discarded packet from 192.0.2.2: the moon is full and nobody cares",
        "lvsctl: it does not work, and nobody knows why it does not",
    ],
)
def test_an_invented_message_is_none(message: str) -> None:
    assert not is_said(message)
