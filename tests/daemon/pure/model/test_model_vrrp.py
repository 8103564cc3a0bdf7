# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of VRRP: what is not said stays open, and no password is shown."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.model.vrrp import (
    Announcements,
    Authentication,
    Notify,
    SyncGroup,
    TrackedInterface,
    UnicastPeer,
    VirtualAddress,
    VirtualRouter,
)

V4 = ip_address("192.0.2.1")
SAID = {  # what holds without a word: an instance starts as BACKUP, advertises each second and takes over at once
    "initial_state": "BACKUP",
    "advertisement_interval": 1.0,
    "preempt": True,
    "preempt_delay": 0.0,
    "dont_track_primary": False,
    "announcements": Announcements(),
    "notify": Notify(),
}


def test_what_is_not_said_of_an_instance_is_open() -> None:
    router = VirtualRouter(name="V", vrid=1)
    held = {field.name: getattr(router, field.name) for field in fields(VirtualRouter)}
    assert {name: value for name, value in held.items() if value not in (None, ())} == {"name": "V", "vrid": 1, **SAID}


@pytest.mark.parametrize("cls", [Notify, Announcements])
def test_a_group_of_words_is_open_as_a_whole(cls: Any) -> None:
    assert {getattr(cls(), field.name) for field in fields(cls)} == {None}


def test_an_address_has_no_option_but_those_that_are_said() -> None:
    virtual = VirtualAddress(address=V4, prefix_length=24)
    held = {field.name: getattr(virtual, field.name) for field in fields(VirtualAddress)}
    assert {name: value for name, value in held.items() if value} == {"address": V4, "prefix_length": 24}
    assert {value for value in held.values() if not value} == {None, False}


def test_a_password_is_not_shown() -> None:
    router = VirtualRouter(name="V", vrid=1, authentication=Authentication("PASS", "s3cret"))
    assert "s3cret" not in repr(router)
    assert "PASS" in repr(router)
    assert Authentication("PASS", "a") != Authentication("PASS", "b")


@pytest.mark.parametrize(
    ("cls", "given", "missing"),
    [
        (VirtualRouter, {"name": "V"}, "vrid"),
        (VirtualRouter, {"vrid": 1}, "name"),
        (SyncGroup, {}, "name"),
        (VirtualAddress, {"address": V4}, "prefix_length"),
        (UnicastPeer, {}, "address"),
        (Authentication, {"kind": "PASS"}, "password"),
        (TrackedInterface, {}, "name"),
    ],
)
def test_what_has_to_be_given(cls: Any, given: dict[str, Any], missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        cls(**given)


def test_what_a_line_may_leave_out() -> None:
    assert TrackedInterface("eth0") == TrackedInterface(name="eth0", weight=0, reverse=False)
    assert UnicastPeer(V4) == UnicastPeer(address=V4, min_ttl=None, max_ttl=None)
    assert SyncGroup(name="G").members == ()


def test_they_are_values() -> None:
    router = VirtualRouter(
        name="V", vrid=1, addresses=(VirtualAddress(address=V4, prefix_length=24),), unicast_peers=(UnicastPeer(V4),)
    )
    again = pickle.loads(pickle.dumps(router))
    assert (again, hash(again)) == (router, hash(router))
    with pytest.raises(FrozenInstanceError):
        router.priority = 5  # type: ignore[misc]
