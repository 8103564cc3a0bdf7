# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options are the daemon's keywords: none is missing, and each says what the schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils import _comparable, _forms, _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table
from ansible_collections.lvs.director.plugins.module_utils._schema import BLOCKS, Word
from ansible_collections.lvs.director.plugins.plugin_utils._options import options

TABLES: dict[str, Table] = {
    "global_defs": _vrrp.GLOBALS,
    "vrrp_instance": _vrrp.INSTANCE,
    "authentication": _vrrp.AUTHENTICATION,
    "unicast_peer": _vrrp.UNICAST_PEER,
    "track_interface": _vrrp.TRACK_INTERFACE.body,
    "virtual_ipaddress": _vrrp.VIRTUAL_ADDRESS,
    "virtual_ipaddress_excluded": _vrrp.VIRTUAL_ADDRESS,
    "vrrp_sync_group": _vrrp.GROUP,
    "virtual_server": (*_ipvs.SERVICE_KEY[-2:], *_ipvs.SERVICE),
    "lb_kind": _ipvs.TUNNEL,
    "real_server": _ipvs.REAL_SERVER,
    **{check.name: check.body for check in _ipvs.REAL_SERVER if check.name.isupper()},
    "url": next(url.body for check in _ipvs.REAL_SERVER for url in check.body if url.name == "url"),
}

# Keywords that are part of another option, or what happens without one.
ELSEWHERE = {
    "vrrp_instance": {"preempt"},
    "virtual_server": {*_ipvs.FLAGS, "sorry_server_lvs_method", "sorry_server_inhibit", "real_server"},
}
# Options that are as they are for Ansible's sake; every other type, range and choice is the daemon's.
OWN = {
    ("lb_kind", "port"),  # no tunnel has the port 0
    ("virtual_server", "sorry_server"),  # a dictionary
}
SILENT = {"flags", "tunnel", "real_servers"}  # options without a keyword of their own


def rows() -> Iterator[tuple[str, Keyword, Word]]:
    for block, table in TABLES.items():
        for keyword in table:
            if keyword.name not in SILENT:
                yield block, keyword, BLOCKS[block][keyword.written or keyword.name]


ROWS = list(rows())


@pytest.mark.parametrize("block", TABLES)
def test_every_keyword_that_has_an_effect_is_an_option(block: str) -> None:
    options = {keyword.written or keyword.name for keyword in TABLES[block]}
    assert BLOCKS[block].keys() - options == ELSEWHERE.get(block, set())


def test_every_block_is_one_of_a_module() -> None:
    assert BLOCKS.keys() - TABLES.keys() == {"SSL", "lvs_method", "sorry_server_lvs_method"}


@pytest.mark.parametrize(("block", "keyword", "word"), ROWS, ids=[f"{block}.{row.name}" for block, row, _word in ROWS])
def test_an_option_is_what_the_schema_says(block: str, keyword: Keyword, word: Word) -> None:
    if (block, keyword.name) in OWN:
        return
    if word.type in ("int", "float"):
        assert (keyword.type, keyword.low, keyword.high) == (word.type, word.low, word.high)
    else:
        assert keyword.low is keyword.high is None
    assert keyword.choices == (None if word.form else word.choices or None)
    assert word.form in _forms.FORMS or not word.form or keyword.form or keyword.no_log


def described(found: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for name, option in found.items():
        yield name, option["description"]
        yield from described(option.get("suboptions", {}))


@pytest.mark.parametrize("block", TABLES)
def test_every_option_has_a_text_that_ansible_can_show(block: str) -> None:
    for name, lines in described(options(TABLES[block])):
        assert all(line.endswith(".") and "`" not in line for line in lines), (name, lines)


DEFAULTS = [(block, row) for block, found in _comparable.NEEDLESS.items() for row in sorted(found)]


@pytest.mark.parametrize(("block", "row"), DEFAULTS)
def test_what_counts_as_a_default_is_one_in_the_schema(block: str, row: str) -> None:
    keyword, _space, value = row.partition(" ")
    assert BLOCKS[block][keyword].default.replace(",", ";").partition(";")[0] == value
