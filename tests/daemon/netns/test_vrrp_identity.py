# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that makes an instance another router for VRRP: its addresses are away until it is Active again."""

from __future__ import annotations

import time

import pytest
from network import Network
from routers import Lvsd, instance
from scenes import DOWN, SLACK, VIP, single

CHANGES = {
    "virtual_router_id": ({"vrid": 9}, {}),
    "unicast": ({}, {"unicast_peer": "192.0.2.2"}),
}


def text(vrid: int = 1, **more: str) -> str:
    return instance("VI_1", vrid, 100, virtual_ipaddress=VIP, **more)


@pytest.mark.parametrize("change", CHANGES)
def test_another_router_gives_its_addresses_up_and_takes_them_again(network: Network, change: str) -> None:
    host = single(network)
    ours = Lvsd(host, text())
    ours.reaches("Active", within=DOWN + SLACK)
    assert VIP in host.addresses()
    number, more = CHANGES[change]
    ours.configure(text(**number, **more))  # type: ignore[arg-type]
    began = time.monotonic()
    assert ours.ask("reload")["ok"]
    assert (ours.show()["state"], VIP in host.addresses()) == ("Backup", False)
    ours.reaches("Active", within=DOWN + SLACK)
    print(f"{change}: the address was away for {time.monotonic() - began:.1f} s")
    assert VIP in host.addresses()
