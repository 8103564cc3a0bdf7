# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar as a manual: complete, current, and honest about what has no effect."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvsd import conf
from lvsd.conf import keywords_page
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.checks import CHECKS
from lvsd.conf.grammar.entry import Block, Entry, Kept
from lvsd.conf.manual import explain, explanations, not_implemented
from lvsd.conf.suggest import homes

ROOT_FOLDER = Path(__file__).parents[4]
KEYWORDS = (ROOT_FOLDER / "tests" / "fixtures" / "conf" / "keywords.txt").read_text().splitlines()


@pytest.mark.parametrize("keyword", [word for row in KEYWORDS if not row.startswith("#") for word in row.split()])
def test_every_keyword_of_keepalived_is_known_and_explained(keyword: str) -> None:
    assert keyword in homes()
    assert all(one.text for one in explain(keyword))
    assert explain(keyword)


def test_the_page_is_current() -> None:
    assert (ROOT_FOLDER / "docs" / "keywords.md").read_text() == keywords_page.page()


def test_an_unknown_keyword_has_no_explanation() -> None:
    assert explain("nonsense") == ()


def test_an_explanation_names_the_block_the_syntax_and_the_default() -> None:
    (one,) = explain("advert_int")
    assert (one.block, one.syntax, one.default) == ("vrrp_instance", "SECONDS (0.01..255)", "1")
    assert [one.block for one in explain("weight")][:2] == ["track_file", "vrrp_script"] or len(explain("weight")) > 4
    assert explain("nb_get_retry")[0].keyword == "retry"


def test_what_is_not_implemented_is_listed_with_its_warning() -> None:
    listed = {(block, keyword): warning for block, keyword, warning in not_implemented()}
    assert listed["vrrp_instance", "use_vmac"].endswith("the addresses stay on the interface's own MAC address")
    assert ("authentication", "auth_type AH") in listed
    assert ("", "virtual_server group") in listed
    assert ("real_server", "DNS_CHECK") in listed
    assert ("vrrp_instance", "priority") not in listed


def kept_words(entries: tuple[Entry, ...], block: str = "") -> list[tuple[str, Kept]]:
    found = []
    for entry in entries:
        if isinstance(entry, Kept) and entry.warning:
            found.append((block, entry))
        if isinstance(entry, Block):
            found += kept_words(entry.entries, entry.name)
    return found


FRAMES = {
    "": "{}",
    "global_defs": "global_defs {{\n{}\n}}",
    "vrrp_sync_group": "vrrp_sync_group G {{\n{}\n}}",
    "vrrp_instance": "vrrp_instance V {{\n{}\n}}",
    "virtual_server": "virtual_server 192.0.2.1 80 {{\n{}\n}}",
    "real_server": "virtual_server 192.0.2.1 80 {{\nreal_server 192.0.2.9 80 {{\n{}\n}}\n}}",
    **{
        check: f"virtual_server 192.0.2.1 80 {{{{\nreal_server 192.0.2.9 80 {{{{\n{check} {{{{\n{{}}\n}}}}\n}}}}\n}}}}"
        for check in (entry.name for entry in CHECKS if isinstance(entry, Block))
    },
    "url": "virtual_server 192.0.2.1 80 {{\nreal_server 192.0.2.9 80 {{\nHTTP_GET {{\nurl {{\n{}\n}}\n}}\n}}\n}}",
}


@pytest.mark.parametrize(("block", "entry"), kept_words(ROOT.entries), ids=lambda value: getattr(value, "name", value))
def test_a_user_sees_the_warning_that_is_listed(block: str, entry: Kept) -> None:
    body = " {\n}" if entry.body or entry.lines else ""
    loaded = conf.parse(FRAMES[block].format(f"{entry.name} x{body}"))
    assert any(entry.warning is not None and entry.warning in finding.message for finding in loaded.findings)
    assert (block, entry.name, entry.warning) in not_implemented()


def test_every_line_has_a_text_in_one_piece() -> None:
    for one in explanations():
        assert one.text.endswith(".")
        assert "\n" not in one.text
