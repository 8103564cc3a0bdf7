# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of keywords: a section for each block, a row for each keyword, and how it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lvsd.conf import keywords_page
from lvsd.conf.grammar import ROOT
from lvsd.conf.keywords_page import HEAD, cell, page, row, section
from lvsd.conf.manual import Explanation

FOLDER = Path(__file__).parents[4]


def line(**fields: object) -> Explanation:
    known: dict[str, object] = {"block": "b", "keyword": "k", "text": "Says it.", "syntax": "N", "default": "1"}
    rest: dict[str, object] = {"spellings": (), "deprecated": (), "warning": None}
    return Explanation(**{**known, **rest, **fields})  # type: ignore[arg-type]


def test_a_row() -> None:
    assert row(line()) == "| `k N` | Says it. | 1 |\n"
    assert row(line(syntax="")) == "| `k` | Says it. | 1 |\n"
    many = line(spellings=("l", "m"), deprecated=("o",), syntax="a|b", default="a|b")
    assert row(many) == "| `k a\\|b` | Says it. Also: `l`, `m`, `o` (deprecated). | a\\|b |\n"


def test_a_row_of_a_word_without_effect_says_what_happens_instead() -> None:
    warned = line(warning="'k' is known but not implemented yet: nothing is done")
    assert row(warned) == "| `k N` | Says it. ⚠ nothing is done. | 1 |\n"


def test_a_section() -> None:
    table = "| Keyword | Meaning | Default |\n|---|---|---|\n"
    assert section("b", [line()]) == f"\n## `b`\n\n{table}| `k N` | Says it. | 1 |\n"
    assert section("", []).startswith("\n## Outside all blocks\n")


def test_every_block_has_one_section() -> None:
    titles = [text for text in page().splitlines() if text.startswith("## ")]
    assert len(titles) == len(set(titles))
    assert titles[0] == "## Outside all blocks"
    assert {f"## `{entry.name}`" for entry in ROOT.entries if entry.name.startswith("vrrp_")} - {
        "## `vrrp_script`",
        "## `vrrp_track_process`",
    } <= set(titles)
    assert page().startswith(HEAD)


def test_a_bar_does_not_end_a_cell() -> None:
    assert cell("a|b") == "a\\|b"


def test_the_program_prints_the_page() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "lvsd.conf.keywords_page"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(FOLDER / "runtime"), "PYTHONUTF8": "1"},
    )
    assert run.stdout.decode() == page()


def test_the_collections_table_is_where_the_program_writes_it() -> None:
    assert keywords_page.SCHEMA == FOLDER / "plugins" / "module_utils" / "_schema.py"
    assert "--schema" in keywords_page.SCHEMA.read_text()
