# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""changes(actual, desired): applying them reaches what is wanted, and touches nothing else."""

from hypothesis import given
from hypothesis import strategies as st
from lvsd.reconcile import Changes, changes

TABLES = st.dictionaries(st.integers(0, 9), st.integers(0, 2))


@given(TABLES, TABLES)
def test_applying_the_changes_reaches_the_wanted_table(actual, desired):
    found = changes(actual, desired)
    table = {key: value for key, value in actual.items() if key not in found.remove}
    table |= found.add | found.update
    assert table == desired


@given(TABLES, TABLES)
def test_only_what_differs_is_changed(actual, desired):
    found = changes(actual, desired)
    assert not found.remove.keys() & desired.keys()
    assert not found.add.keys() & actual.keys()
    assert all(actual[key] != value for key, value in found.update.items())
    assert len(found) == len(actual.items() ^ desired.items()) - len(found.update)


@given(TABLES)
def test_nothing_to_do_is_false(table):
    assert not changes(table, dict(table))
    assert not Changes()


def test_removed_objects_come_with_what_they_were():
    assert changes({1: "old", 2: "kept"}, {2: "kept"}) == Changes(remove={1: "old"})
