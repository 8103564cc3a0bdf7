# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual addresses that were there before the router: what may be done with them, and what not."""

from ipaddress import ip_address

import pytest
from lvsd.kernel.rtnl_types import AddressKey, Assignment
from lvsd.reconcile import Changes
from lvsd.vrrp.parameters import Transport
from lvsd.vrrp.preexisting import PriorAddresses

A, B, C = (AddressKey(2, ip_address(f"192.0.2.{number}"), 24) for number in (1, 2, 3))
SIX = AddressKey(2, ip_address("2001:db8::1"), 64)
ELSEWHERE = AddressKey(3, ip_address("192.0.2.9"), 24)
PLAIN, LABELLED = Assignment(), Assignment(label="eth0:1")
WAYS = {4: Transport(4, "eth0", None), 6: Transport(6, "eth0", None)}


def prior(*keys: AddressKey) -> PriorAddresses:
    found = PriorAddresses()
    found.keys.update(keys)
    found.told.update(keys)
    return found


def test_only_those_that_are_there_when_an_instance_gets_them_were_there_before() -> None:
    found = PriorAddresses()
    found.notice([A, B], {A: PLAIN, C: PLAIN})
    found.notice([B], {})
    assert found.keys == {A}


@pytest.mark.parametrize(
    ("wanted", "actual", "still"),
    [
        (None, LABELLED, False),
        (PLAIN, PLAIN, False),
        (PLAIN, LABELLED, True),
        (PLAIN, None, True),
    ],
    ids=["not wanted any more", "set as a predecessor sets it", "set in another way", "gone"],
)
def test_what_a_predecessor_has_set_was_not_there_before(
    wanted: Assignment | None, actual: Assignment | None, still: bool
) -> None:
    found = prior(A, B)
    found.inherit(A, wanted, actual)
    assert found.keys == ({A, B} if still else {B})


def test_what_has_gone_is_forgotten_and_told_anew_when_it_comes_again() -> None:
    found = prior(A, B)
    found.forget([A, C])
    assert (found.keys, found.told) == ({B}, {B})


def changes() -> Changes[AddressKey, Assignment]:
    return Changes({A: PLAIN, B: PLAIN}, {C: LABELLED}, {A: LABELLED, SIX: LABELLED})


@pytest.mark.parametrize(
    ("keys", "alone", "expected"),
    [
        ((), {A}, changes()),
        ((A,), set(), Changes({A: PLAIN, B: PLAIN}, {C: LABELLED}, {SIX: LABELLED})),
        ((A,), {A}, Changes({B: PLAIN}, {C: LABELLED}, {SIX: LABELLED})),
        ((SIX,), {A, B}, Changes({}, {C: LABELLED}, {A: LABELLED})),
        ((C,), set(), changes()),
    ],
    ids=["none was there", "it stays as it is set", "the last one stays", "two stay", "one that is added is added"],
)
def test_what_may_be_done(
    keys: tuple[AddressKey, ...], alone: set[AddressKey], expected: Changes[AddressKey, Assignment]
) -> None:
    given = changes()
    assert prior(*keys).spare(given, alone) == expected
    assert given == changes()


@pytest.mark.parametrize(("family", "expected"), [(4, {A}), (6, {SIX})])
def test_those_that_advertisements_could_be_sent_from(family: int, expected: set[AddressKey]) -> None:
    actual = dict.fromkeys((A, C, SIX, ELSEWHERE), PLAIN)
    assert set(prior(A, B, SIX, ELSEWHERE).alone(WAYS[family], 2, actual)) == expected
