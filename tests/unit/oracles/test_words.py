# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection and the daemon write a word in one form; the daemon reads what the collection writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._fragment import ESCAPED, Refused, quote, quote_literal
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table

sys.path.append(str(Path(__file__).parents[3] / "runtime"))

from lvsd import conf
from lvsd.conf import lexer

COMMAND = """/bin/sh -c 'echo "a b" $HOME ${_PWD} \\x22 $(x) `y` # ! } ~SEQ(v, 1, 3) @id'"""
TEXTS = [
    "a b",
    "a\\b",
    "it's",
    "#1",
    "a!b",
    "{x}",
    "é",
    "a{2} \\d+",
    "a$",
    "",
    "~x",
    "@id x",
    "\xa0",
    'a"b',
    "\\",
    "x\\y z",
]


@pytest.mark.parametrize("word", [COMMAND, *TEXTS])
def test_both_write_a_word_alike(word: str) -> None:
    """Where one of them needs no quotes, they are no other word."""
    for ours, theirs in ((quote(word), lexer.quote(word)), (literal(word), lexer.quote(lexer.Literal(word)))):
        if ours and ours.startswith('"') and theirs.startswith('"'):
            assert ours == theirs
        elif ours:
            assert word in (ours, theirs)


def literal(word: str) -> str:
    try:
        return quote_literal("x", word)
    except Refused:
        return ""


def test_the_daemon_reads_the_command_that_was_meant() -> None:
    text = _vrrp.instance_text("a", {"interface": "eth0", "virtual_router_id": 1, "notify": COMMAND})
    (router,) = conf.parse(text, "instance").configuration.routers
    assert router.notify.any is not None
    assert router.notify.any.words[:2] == ("/bin/sh", "-c")
    assert '"a b" $HOME ${_PWD}' in router.notify.any.words[2]


def names(table: Table) -> set[str]:
    """Of every option that becomes words of the configuration, in blocks too."""

    def of(keyword: Keyword) -> set[str]:
        return {keyword.written or keyword.name} | names(keyword.body)

    return set().union(*map(of, table)) if table else set()


def test_every_keyword_with_escapes_is_one_of_ours() -> None:
    known = names((*_vrrp.GLOBALS, *_vrrp.INSTANCE, *_vrrp.GROUP, *_ipvs.SERVICE, *_ipvs.REAL_SERVER))
    assert known >= ESCAPED
    commands = {name for name in known if name.startswith(("notify", "quorum_")) or name == "misc_path"}
    assert commands | {"regex"} == ESCAPED
