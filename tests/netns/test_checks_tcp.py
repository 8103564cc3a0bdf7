# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP_CHECK against real listeners on loopback."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.check.schedule import Target, TcpProbe
from probes import LOCALHOST, closed_port, http, outcome, serving, silent


def test_a_listening_server_passes_tcp() -> None:
    for address in ("127.0.0.1", "::1"):
        with serving(silent, address) as target:
            result = outcome(TcpProbe(target))
            assert (result.passed, result.detail) == (True, "connected")
            assert 0 < result.latency < 2


@pytest.mark.parametrize("kind", ["tcp", "http", "tls"])
def test_a_closed_port_is_refused(kind: str) -> None:
    target = closed_port()
    probe = TcpProbe(target) if kind == "tcp" else http(target, tls=kind == "tls")
    result = outcome(probe)
    assert (result.passed, result.detail) == (False, "connection refused")


def test_an_address_that_is_not_ours_cannot_be_bound() -> None:
    with serving(silent) as target:
        result = outcome(TcpProbe(Target(address=LOCALHOST, port=target.port, bindto=ip_address("192.0.2.1"))))
    assert (result.passed, result.detail) == (False, "cannot assign requested address")


def test_a_port_that_cannot_be_is_a_failure_not_a_crash() -> None:
    assert not outcome(TcpProbe(Target(address=LOCALHOST, port=70000))).passed
    assert not outcome(TcpProbe(Target(address=LOCALHOST, port=0))).passed


def test_a_check_is_bound_to_address_and_port() -> None:
    seen: list[Any] = []
    free = closed_port().port
    with serving(lambda connection: seen.append(connection.getpeername())) as target:
        bound = Target(address=LOCALHOST, port=target.port, bindto=ip_address("127.0.0.9"), bind_port=free)
        assert outcome(TcpProbe(bound)).passed
    assert seen == [("127.0.0.9", free)]
