# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance or a group tracks is defined somewhere, or is reported."""

from __future__ import annotations

import pytest
from lvsd.conf.draft import Located
from lvsd.conf.findings import Findings, Place
from lvsd.conf.validate.trackers import DEFINED_BY, check_trackers
from lvsd.model import Configuration, Statement, SyncGroup, VirtualRouter


def said(word: str, names: list[tuple[str, ...]], *defined: tuple[str, ...]) -> list[str]:
    """What is found where an instance (its word in line 5) and a group (in line 9, no place) track `names`."""
    kept = (Statement((word,), tuple(Statement(name) for name in names)),)
    router = Located(
        VirtualRouter(name="V", vrid=1, kept=kept), Place("f", 1), "vrrp_instance V", {word: Place("f", 5)}
    )
    group = Located(SyncGroup(name="G", kept=kept), Place("f", 9), "vrrp_sync_group G")
    whole = Configuration(kept=tuple(Statement(words, ()) for words in defined))
    located = Located(whole, Place("f", 0), "", children={"routers": [router], "sync_groups": [group]})
    findings = Findings()
    check_trackers(located, findings)
    assert not any(finding.fatal for finding in findings.result())
    return [f"{f.line}: {f.message}" for f in findings.result()]


@pytest.mark.parametrize(("word", "definition"), DEFINED_BY.items())
def test_a_tracker_that_nothing_defines_is_reported_of_each_block(word: str, definition: str) -> None:
    assert said(word, [("x",)], (definition, "y"), (definition,), ("vrrp_instance", "x")) == [
        f"5: vrrp_instance V: {word}: there is no {definition} 'x'",
        f"9: vrrp_sync_group G: {word}: there is no {definition} 'x'",
    ]
    assert said(word, [("x", "weight", "5"), ("y",)], (definition, "y"), (definition, "x")) == []


def test_a_definition_of_another_kind_does_not_count() -> None:
    assert len(said("track_script", [("x",)], ("track_file", "x"), ("bfd_instance", "x"))) == 2


def test_the_older_word_for_a_file_defines_it_too() -> None:
    assert said("track_file", [("x",)], ("vrrp_track_file", "x")) == []


@pytest.mark.parametrize("word", ["use_vmac", "virtual_routes"])
def test_other_words_track_nothing(word: str) -> None:
    assert said(word, [("x",)]) == []


def test_a_line_without_words_names_no_tracker() -> None:
    assert said("track_script", [()]) == []


def test_each_tracker_has_its_definition() -> None:
    assert DEFINED_BY == {
        "track_script": "vrrp_script",
        "track_process": "vrrp_track_process",
        "track_file": "track_file",
        "track_bfd": "bfd_instance",
    }
