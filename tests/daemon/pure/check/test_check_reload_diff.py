# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reload changed, by name: of services what they are set to, of servers what they are."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.check.pool import Pool, pools
from lvsd.check.reload_diff import differences
from lvsd.kernel.ipvs_types import ServiceKey
from lvsd.model import CheckTiming, Command, Configuration, RealServer, SorryServer, TcpCheck, VirtualServer

SERVICE = "192.0.2.10:80/TCP"


def real(n: int, **more: Any) -> RealServer:
    return RealServer(address=ip_address(f"10.0.0.{n}"), **more)


def configured(*servers: RealServer, **more: Any) -> dict[ServiceKey, Pool]:
    virtual = VirtualServer(address=ip_address("192.0.2.10"), port=80, protocol="TCP", real_servers=servers, **more)
    return pools(Configuration(virtual_servers=(virtual,)))


def test_differences_name_what_changed() -> None:
    before = configured(real(11), real(12), real(13))
    after = configured(real(11), real(12, weight=2), real(14), quorum=2)
    assert differences(before, before) == {}
    assert differences(before, after) == {
        "services": {"changed": ["192.0.2.10:80/TCP"]},
        "servers": {
            "added": ["10.0.0.14:80 of 192.0.2.10:80/TCP"],
            "removed": ["10.0.0.13:80 of 192.0.2.10:80/TCP"],
            "changed": ["10.0.0.12:80 of 192.0.2.10:80/TCP"],
        },
    }


SORRY = SorryServer(address=ip_address("10.0.0.99"))
SCRIPT = Command(("/bin/true",))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"scheduler": "rr"}, id="the kernel's settings"),
        pytest.param({"sorry_server": SORRY}, id="the sorry server"),
        pytest.param({"quorum": 2}, id="the quorum"),
        pytest.param({"hysteresis": 1}, id="the hysteresis"),
        pytest.param({"omega": True}, id="omega"),
        pytest.param({"quorum_up": SCRIPT}, id="the script of a quorum that is there"),
        pytest.param({"quorum_down": SCRIPT}, id="the script of a quorum that is lost"),
    ],
)
def test_a_service_changes_with_each_of_its_settings_and_its_servers_do_not(more: dict[str, Any]) -> None:
    before, after = configured(real(11), real(12)), configured(real(11), real(12), **more)
    assert differences(before, after) == {"services": {"changed": [SERVICE]}}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"weight": 2}, id="the weight"),
        pytest.param({"inhibit_on_failure": True}, id="what becomes of it when it fails"),
        pytest.param({"notify_up": SCRIPT}, id="its script"),
        pytest.param({"checks": (TcpCheck(),)}, id="one more check"),
    ],
)
def test_a_server_changes_with_each_of_its_settings_and_its_service_does_not(more: dict[str, Any]) -> None:
    changed = differences(configured(real(11)), configured(real(11, **more)))
    assert changed == {"servers": {"changed": [f"10.0.0.11:80 of {SERVICE}"]}}


def test_a_check_in_another_rhythm_is_a_change_of_its_server() -> None:
    slow, quick = (TcpCheck(timing=CheckTiming(delay_loop=seconds)) for seconds in (60, 2))
    changed = differences(configured(real(11, checks=(slow,))), configured(real(11, checks=(quick,))))
    assert changed == {"servers": {"changed": [f"10.0.0.11:80 of {SERVICE}"]}}


def test_a_service_comes_and_goes_with_its_servers() -> None:
    there = configured(real(11))
    everything = {"services": [SERVICE], "servers": [f"10.0.0.11:80 of {SERVICE}"]}
    assert differences({}, there) == {what: {"added": names} for what, names in everything.items()}
    assert differences(there, {}) == {what: {"removed": names} for what, names in everything.items()}


def test_the_order_of_servers_is_no_change() -> None:
    assert differences(configured(real(11), real(12)), configured(real(12), real(11))) == {}
