# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `site` on directors that are namespaces: what it changes, what it says, where it stops."""

from __future__ import annotations

import pytest
from managed import OTHER_VIP, UNREACHABLE, VIP, Cluster, router
from network import Network

pytestmark = pytest.mark.beside


def test_a_pair_is_set_up_and_a_director_that_is_away_ends_the_run_before_anything_changes(network: Network) -> None:
    pair = Cluster(network, "a", "b")
    pair.done("site")
    pair.settled("a")
    unchanged = pair.done("site")
    assert [row for row in unchanged.splitlines() if "changed=" in row and "changed=0" not in row] == [], unchanged

    pair.more["c"] = {**UNREACHABLE, "director_addresses": {"eth0": "192.0.2.13/24"}}
    pair.shared["director_vrrp_instances"] = [router("one", 51, VIP, OTHER_VIP)]
    said = pair.failed("site")
    assert "c: cannot be reached; no director has been changed" in said, said
    assert "Go on with --limit 'all:!c'" in said, said
    assert not pair["a"].holds(OTHER_VIP)
    pair.done("site", "--limit", "all:!c")
    assert pair["a"].holds(OTHER_VIP)
    assert pair["a"].holds(VIP)
