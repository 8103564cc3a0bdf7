# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync groups as they run: members that exist, each in one group."""

from __future__ import annotations

import pytest
from conf_texts import group, router
from lvsd.conf.validate.sync_group import check_groups

from tests.support.language import located, named

TWO = router() + router(name="VI_2", vrid=52, address="192.0.2.2")
G = "vrrp_sync_group G: "


def checked(text: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The members of each group as it runs, and what was found."""
    whole, findings = located(text)
    groups = check_groups(whole, findings)
    return {one.name: one.members for one in groups}, named(findings.result())


@pytest.mark.parametrize(
    ("text", "said", "members"),
    [
        (
            group("VI_1", "VI_3"),
            [f"error 4: {G}there is no vrrp_instance 'VI_3'; did you mean 'VI_2'?"],
            ("VI_1",),
        ),
        (group("VI_1", "VI_2", "other"), [f"error 5: {G}there is no vrrp_instance 'other'"], ("VI_1", "VI_2")),
        (group("VI_1"), [f"2: {G}it has one member only, and no effect"], ("VI_1",)),
        (group("VI_1", "VI_2", "VI_1"), [f"error 5: {G}VI_1 is named twice"], ("VI_1", "VI_2")),
        (
            group("VI_1", "VI_2") + group("VI_2", "VI_1", name="H"),
            [
                "error 9: vrrp_sync_group H: VI_2 is in group G already",
                "error 10: vrrp_sync_group H: VI_1 is in group G already",
            ],
            ("VI_1", "VI_2"),
        ),
        (
            group("VI_1", "VI_2") + group("VI_1"),
            ["error 7: vrrp_sync_group G: the name is taken by another group"],
            ("VI_1", "VI_2"),
        ),
    ],
)
def test_members(text: str, said: list[str], members: tuple[str, ...]) -> None:
    assert checked(text + TWO) == ({"G": members}, said)


def test_a_group_without_members_does_not_run() -> None:
    assert checked("vrrp_sync_group G {\n}\n" + TWO) == ({}, [f"1: {G}it has no members: write group {{ NAME ... }}"])


def test_an_instance_with_an_error_of_its_own_is_not_reported_as_missing() -> None:
    text = group("VI_1", "VI_2") + TWO.replace("virtual_router_id 52", "virtual_router_id 0")
    members, said = checked(text)
    assert members == {"G": ("VI_1",)}
    assert said == ["fatal 17: vrrp_instance VI_2: virtual_router_id '0' is outside 1 to 255"]


def test_behind_a_missing_brace_no_instance_is_missed() -> None:
    members, said = checked(group("VI_1", "VI_9").removesuffix("}\n") + TWO + "}\n")
    assert members == {"G": ("VI_1",)}
    assert said == [
        f"fatal 6: {G}'vrrp_instance VI_1' cannot stand inside another block: is a '}}' missing before it? "
        "'vrrp_sync_group G' was opened in line 1"
    ]
