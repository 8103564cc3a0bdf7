# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our part of the kernel's table: made by comparison, noted as ours before the kernel knows it, others untouched."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd.check.table import Applied, KernelTable, told
from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey, Table
from lvsd.reconcile import Changes

from tests.support.ipvs_table import IpvsTable

OURS, MORE, OTHERS = (ServiceKey.at(ip_address(f"192.0.2.{n}"), 80) for n in (10, 11, 99))
WLC, RR = Service("wlc"), Service("rr")


def at(service: ServiceKey, n: int) -> DestinationKey:
    return DestinationKey(service, ip_address(f"10.0.0.{n}"), 80)


class Ours:
    """A table that holds a stranger's service, and ours over it; `kept` is each set that was stored."""

    def __init__(self, owned: frozenset[str] = frozenset(), ipvs: IpvsTable | None = None) -> None:
        self.kernel = ipvs or IpvsTable(Table({OTHERS: RR}, {at(OTHERS, 1): Destination(weight=1)}))
        self.kept: list[tuple[frozenset[str], int]] = []  # and how many writes the kernel had had by then
        self.full = False
        table: Ipvs = self.kernel  # type: ignore[assignment]
        self.table = KernelTable(table, owned, self.keep)

    def keep(self, services: frozenset[str]) -> bool:
        self.kept.append((services, len(self.kernel.writes)))
        return not self.full

    @property
    def services(self) -> dict[ServiceKey, Service]:
        return self.kernel.table.services

    @property
    def destinations(self) -> dict[DestinationKey, Destination]:
        return self.kernel.table.destinations


def test_what_is_missing_comes_what_differs_changes_and_what_is_right_is_not_touched() -> None:
    ours = Ours()
    wanted = {at(OURS, 1): Destination(weight=1), at(OURS, 2): Destination(weight=2)}
    assert str(ours.table.make({OURS: WLC}, wanted)) == "services: 1 added; destinations: 2 added"
    writes = len(ours.kernel.writes)
    assert str(ours.table.make({OURS: WLC}, wanted)) == ""
    assert len(ours.kernel.writes) == writes
    changed = {at(OURS, 1): Destination(weight=9)}
    applied = ours.table.make({OURS: RR}, changed)
    assert str(applied) == "services: 1 changed; destinations: 1 changed, 1 removed"
    assert ours.destinations == {at(OTHERS, 1): Destination(weight=1), **changed}
    assert applied.refused == ()


def test_a_service_of_others_is_never_touched() -> None:
    ours = Ours()
    ours.table.make({OURS: WLC}, {})
    ours.table.remove()
    assert (ours.services, ours.destinations) == ({OTHERS: RR}, {at(OTHERS, 1): Destination(weight=1)})


def test_one_that_was_ours_goes_when_it_is_not_wanted() -> None:
    held = IpvsTable(Table({OURS: WLC, OTHERS: RR}, {at(OURS, 1): Destination(weight=1)}))
    ours = Ours(frozenset({str(OURS)}), held)
    assert str(ours.table.make({}, {})) == "services: 1 removed; destinations: 1 removed"
    assert set(ours.services) == {OTHERS}


def test_one_that_others_made_and_we_want_is_ours_from_then_on() -> None:
    ours = Ours()
    ours.table.make({OTHERS: WLC}, {})
    assert ours.services == {OTHERS: WLC}
    assert ours.destinations == {}
    assert ours.table.owned == {str(OTHERS)}


def test_to_own_all_removes_what_others_made_with_the_next_comparison() -> None:
    ours = Ours()
    ours.table.own_all()
    assert OTHERS in ours.services
    ours.table.make({OURS: WLC}, {})
    assert set(ours.services) == {OURS}


# --- what is stored -----------------------------------------------------------------------------


def test_a_new_service_is_stored_as_ours_before_the_kernel_has_it() -> None:
    ours = Ours()
    ours.table.make({OURS: WLC}, {})
    assert ours.kept == [(frozenset({str(OURS)}), 0)]
    ours.table.make({OURS: WLC}, {})
    assert len(ours.kept) == 1  # nothing new


def test_one_that_goes_is_stored_as_ours_until_the_kernel_has_it_no_more() -> None:
    ours = Ours()
    ours.table.make({OURS: WLC, MORE: WLC}, {})
    ours.kernel.refusing.add(MORE)
    applied = ours.table.make({OURS: WLC}, {})
    assert applied.refused == (f"service {MORE}: errno 16",)
    assert ours.table.owned == {str(OURS), str(MORE)}
    ours.kernel.refusing.clear()
    ours.table.make({OURS: WLC}, {})
    assert ours.table.owned == {str(OURS)}
    assert ours.kept[-1][0] == {str(OURS)}


def test_what_could_not_be_stored_is_tried_again_and_the_kernel_is_right_all_the_same() -> None:
    ours = Ours()
    ours.full = True
    ours.table.make({OURS: WLC}, {})
    assert OURS in ours.services
    before = len(ours.kept)
    ours.full = False
    ours.table.make({OURS: WLC}, {})
    assert [services for services, _writes in ours.kept[before:]] == [frozenset({str(OURS)})]


# --- one service --------------------------------------------------------------------------------


def test_an_update_costs_the_kernel_what_differs_and_no_reading() -> None:
    ours = Ours()
    ours.table.make({OURS: WLC}, {at(OURS, n): Destination(weight=1) for n in range(1, 100)})
    writes = len(ours.kernel.writes)
    ours.kernel.dump = lambda: pytest.fail("it was read")  # type: ignore[method-assign]
    wanted = {at(OURS, n): Destination(weight=1) for n in range(2, 100)}
    assert str(ours.table.update(OURS, wanted)) == "destinations: 1 removed"
    assert [(write.verb, write.key) for write in ours.kernel.writes[writes:]] == [("remove", at(OURS, 1))]
    assert str(ours.table.update(OURS, wanted)) == ""


def test_what_the_kernel_refused_of_an_update_comes_with_the_next_comparison() -> None:
    ours = Ours()
    ours.table.make({OURS: WLC}, {at(OURS, 1): Destination(weight=1)})
    ours.kernel.refusing.add(at(OURS, 1))
    wanted = {at(OURS, 1): Destination(weight=5)}
    assert ours.table.update(OURS, wanted).refused == (f"destination {at(OURS, 1)}: errno 16",)
    assert ours.table.update(OURS, wanted) == Applied()  # it is not asked again and again
    ours.kernel.refusing.clear()
    assert str(ours.table.make({OURS: WLC}, wanted)) == "destinations: 1 changed"


def test_an_update_of_a_service_that_the_kernel_lost_is_refused_with_its_reason() -> None:
    ours = Ours()
    ours.table.make({OURS: WLC}, {})
    ours.services.clear()
    assert ours.table.update(OURS, {at(OURS, 1): Destination(weight=1)}).refused == (
        f"destination {at(OURS, 1)}: errno 3",
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Changes(add={OURS: WLC}), "1 added"),
        (Changes(update={OURS: WLC}, remove={MORE: WLC, OTHERS: WLC}), "1 changed, 2 removed"),
        (Changes(), ""),
    ],
)
def test_changes_in_words(found: Changes[ServiceKey, Service], words: str) -> None:
    assert told(found) == words
