# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""director_info on a director that runs: everything that it returns is described, and the other way round."""

from __future__ import annotations

from typing import Any

import pytest
from directors import ONE, Director, instance
from documented import described, differences
from modules import run_module
from network import Network, eventually

pytestmark = pytest.mark.beside

GROUP = "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\nglobal_defs {\n no_such_keyword\n}\n"


def test_routers_groups_and_workers(network: Network) -> None:
    text = ONE + instance("VI_2", 52, 150, virtual_ipaddress="192.0.2.2/24") + GROUP
    director = Director(network, "a", "192.0.2.11/24", text)
    eventually(director.active, within=10)
    where: dict[str, Any] = {"config_dir": str(director.folder / "etc"), "runtime_dir": str(director.run)}
    found = run_module(director.folder, "director_info", install_dir=str(director.folder / "opt"), **where)
    entries = described()
    assert found["lvsd"]["findings"]
    assert set(entries) == set(found) - {"changed", "invocation"}
    for key in ("installed", "lvsd", "vrrp"):
        assert list(differences(found[key], entries[key], key)) == []
