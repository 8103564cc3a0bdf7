# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of IPVS: the kernel's numbers, and what holds where nothing is said."""

from __future__ import annotations

import pickle
from dataclasses import fields
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.model.checks import CheckTiming
from lvsd.model.ipvs import Forwarding, Method, RealServer, SorryServer, VirtualServer

V4 = ip_address("192.0.2.1")


def test_the_methods_have_the_numbers_of_the_kernel() -> None:
    """IP_VS_CONN_F_MASQ, _TUNNEL and _DROUTE of linux/ip_vs.h."""
    assert {method.name: method.value for method in Forwarding} == {"NAT": 0, "TUN": 2, "DR": 3}
    assert Method() == Method(forwarding=Forwarding.NAT, tunnel_type=None, tunnel_port=None, tunnel_flags=None)


def test_a_service_without_a_word() -> None:
    service = VirtualServer()
    held = {field.name: getattr(service, field.name) for field in fields(VirtualServer)}
    assert {name: value for name, value in held.items() if value} == {
        "scheduler": "wlc",
        "method": Method(),
        "quorum": 1,
        "timing": CheckTiming(),
    }


def test_a_server_takes_from_its_service_what_is_not_said() -> None:
    server = RealServer(address=V4)
    inherited = ("port", "weight", "method", "inhibit_on_failure", "virtualhost")
    assert {getattr(server, name) for name in inherited} == {None}
    assert (server.upper_threshold, server.lower_threshold, server.checks) == (0, 0, ())
    assert (server.notify_up, server.notify_down, server.timing) == (None, None, CheckTiming())


def test_a_sorry_server_is_not_kept_in_the_table() -> None:
    assert SorryServer(address=V4) == SorryServer(address=V4, port=None, method=None, inhibit=False)


@pytest.mark.parametrize("cls", [RealServer, SorryServer])
def test_a_server_has_an_address(cls: Any) -> None:
    with pytest.raises(TypeError, match="address"):
        cls()
    with pytest.raises(TypeError):
        cls(V4)  # by name only


def test_they_are_values() -> None:
    service = VirtualServer(
        address=V4,
        port=80,
        method=Method(forwarding=Forwarding.DR),
        real_servers=(RealServer(address=V4, weight=0),),
        sorry_server=SorryServer(address=V4),
    )
    again = pickle.loads(pickle.dumps(service))
    assert (again, hash(again)) == (service, hash(service))
    assert again.method.forwarding is Forwarding.DR
    assert VirtualServer(address=V4, port=80) != VirtualServer(address=V4, port=81)
