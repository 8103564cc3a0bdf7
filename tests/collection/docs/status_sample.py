# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `lvsctl status` prints on the active director of examples/pair, half an hour after real-01 was drained.

`python -m ansible_collections.lvs.director.tests.collection.docs.status_sample` prints it, for the page on day 2.
"""

from __future__ import annotations

import sys
from typing import Any

from ansible_collections.lvs.director.tests.collection.docs.pages import ROOT

sys.path.append(str(ROOT / "runtime"))

from lvsd.ctl import views

NOW = 1_000_000.0
STARTED, CHANGED, LOADED = NOW - 5 * 86400, NOW - 3 * 86400, NOW - 1800
VERSION = {"release": "0.1.0", "digest": "8c1f0d7e3b5a4921"}


def router(name: str, interface: str, vrid: int, address: str) -> dict[str, Any]:
    words = {"name": name, "interface": interface, "vrid": vrid, "addresses": [address], "state": "Active"}
    return {
        **words,
        "family": 4,
        "version": 2,
        "priority": 100,
        "effective_priority": 100,
        "since": CHANGED,
        "faults": [],
    }


def server(key: str, weight: int, active: int, **more: object) -> dict[str, Any]:
    shown = {"key": key, "weight": weight, "effective_weight": weight, "up": True, "active_connections": active}
    return {**shown, "inactive_connections": 12 * weight, **more}


ANSWERS: dict[str, Any] = {
    "lvsd": {
        **VERSION,
        "version": VERSION["release"],
        "pid": 412,
        "config": "/etc/lvsd/lvsd.conf",
        "loaded_at": LOADED,
        "workers": [
            {"name": "vrrp", "pid": 415, "up_since": STARTED, "restarts": 0, **VERSION},
            {"name": "checker", "pid": 416, "up_since": STARTED, "restarts": 0, **VERSION},
        ],
    },
    "vrrp": {
        "instances": [
            router("external_network_1", "eth0", 20, "192.168.122.140/24 dev eth0"),
            router("internal_network_1", "eth2", 30, "10.0.0.1/24 dev eth2"),
        ],
        "groups": [
            {"name": "gateway_group_1", "state": "Active", "members": ["external_network_1", "internal_network_1"]}
        ],
    },
    "checker": {
        "services": [
            {
                "key": "192.168.122.140:80/TCP",
                "scheduler": "wrr",
                "forwarding": "NAT",
                "quorum": {"up": True, "weight": 1, "needed": 1},
                "servers": [
                    server("10.0.0.11:80", 2, 1, admin="drained", order_since=NOW - 1800, effective_weight=0),
                    server("10.0.0.12:80", 1, 5),
                ],
            }
        ]
    },
}


def sample() -> str:
    return views.status(ANSWERS, NOW) + "\n"


if __name__ == "__main__":
    print(sample(), end="")
