# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of an instance that take its addresses away for a while, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._interruptions import interruptions
from ansible_collections.lvs.director.plugins.module_utils._place import Change
from ansible_collections.lvs.director.plugins.module_utils._vrrp import instance_text

PEERS = [{"address": "192.0.2.3"}]
WHOLE = {"interface": "eth0", "virtual_router_id": 20, "virtual_ipaddress": [{"address": "192.0.2.1/24"}]}
UNICAST = {**WHOLE, "unicast_src_ip": "192.0.2.2", "unicast_peer": PEERS}


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return interruptions(
        [Change("/etc/lvsd/conf.d/vrrp_instance-V.conf", instance_text("V", before), instance_text("V", after))]
    )


@pytest.mark.parametrize(
    ("before", "more", "words"),
    [
        (WHOLE, {"virtual_router_id": 21}, "vrrp_instance V: virtual_router_id 20 becomes 21: for VRRP"),
        (WHOLE, {"interface": "eth1"}, "interface eth0 becomes eth1"),
        (WHOLE, {"unicast_peer": PEERS}, "advertisements multicast becomes unicast"),
        (UNICAST, {"unicast_peer": None, "unicast_src_ip": None}, "advertisements unicast becomes multicast"),
        (UNICAST, {"unicast_src_ip": "192.0.2.4"}, "unicast_src_ip 192.0.2.2 becomes 192.0.2.4"),
        (WHOLE, {"mcast_dst_ip": "224.0.0.19"}, "mcast_dst_ip not given becomes 224.0.0.19"),
        (WHOLE, {"virtual_ipaddress": [{"address": "2001:db8::1/64"}]}, "family IPv4 becomes IPv6"),
    ],
)
def test_another_router_is_told(before: dict[str, Any], more: dict[str, Any], words: str) -> None:
    (sentence,) = told(before, {**before, **more})
    assert words in sentence


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"priority": 50, "advert_int": 2.0, "nopreempt": True},
        {"virtual_ipaddress": [{"address": "192.0.2.1/24"}, {"address": "192.0.2.9/24"}]},
        {"unicast_peer": [*PEERS, {"address": "192.0.2.5"}]},
    ],
)
def test_the_same_router_is_not(more: dict[str, Any]) -> None:
    assert told(UNICAST, {**UNICAST, **more}) == []
    assert interruptions([Change("conf.d/vrrp_instance-V.conf", None, instance_text("V", WHOLE))]) == []
