# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block `vrrp_sync_group`: its members, what it tracks and which scripts it runs."""

from __future__ import annotations

from lvsd.conf.grammar.sync_group import SYNC_GROUP
from lvsd.model import Command, Notify, SyncGroup, TrackedInterface

from tests.support.language import kept, read, words, written

HEAD = "vrrp_sync_group G"


def test_the_words_of_a_group() -> None:
    notify = {"notify", *(f"notify_{state}" for state in ("master", "backup", "fault", "stop", "deleted"))}
    assert words(SYNC_GROUP) == {"group", "track_interface", *notify}
    assert list(kept(SYNC_GROUP.entries)) == [
        "track_script",
        "track_file",
        "track_process",
        "track_bfd",
        "notify_priority_changes",
        "smtp_alert",
        "sync_group_tracking_weight",
        "global_tracking",
    ]


def test_a_group_is_read_and_written() -> None:
    lines = [
        "group {",
        "    A",
        "    B-1",
        "}",
        "track_interface {",
        "    eth0",
        "}",
        "notify_master /bin/up",
    ]
    value, said = read(SYNC_GROUP, *lines, head=HEAD)
    assert said == []
    assert value == SyncGroup(
        name="G",
        members=("A", "B-1"),
        track_interfaces=(TrackedInterface("eth0"),),
        notify=Notify(active=Command(("/bin/up",))),
    )
    assert written(SYNC_GROUP, value) == lines


def test_names_may_share_a_line() -> None:
    value, said = read(SYNC_GROUP, "group { A B C }", head=HEAD)
    assert (value.members, said) == (("A", "B", "C"), [])


def test_a_word_that_is_a_keyword_can_be_a_name() -> None:
    value, said = read(SYNC_GROUP, "group {", "notify", '"include"', "}", head=HEAD)
    assert (value.members, said) == (("notify", "include"), [])
    assert read(SYNC_GROUP, *written(SYNC_GROUP, value), head=HEAD) == (value, [])


def test_a_group_has_exactly_one_name() -> None:
    for head in ("vrrp_sync_group", "vrrp_sync_group A B"):
        assert read(SYNC_GROUP, "group {", "A", "}", head=head) == (None, ["error 1: needs exactly one name"])


def test_names_without_their_block_are_reported_once() -> None:
    value, said = read(SYNC_GROUP, "A", "B", head=HEAD)
    assert value.members == ()
    assert said == ["fatal 2: the members stand in a block of their own: group { A B }"]
