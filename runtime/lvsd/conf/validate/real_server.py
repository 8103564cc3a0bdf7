# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in real servers (keepalived: check_data.c)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from lvsd.model import Check, ConnectingCheck, Forwarding, RealServer, VirtualServer

from ..draft import Located
from ..family import fits_family, service_family
from ..findings import Findings
from .checks import check_check


def real_servers(service: Located[VirtualServer], value: VirtualServer, findings: Findings) -> tuple[RealServer, ...]:
    """The real servers that can run, each once."""
    seen: dict[Hashable, Located[RealServer]] = {}
    result: list[RealServer] = []
    for server in service.children.get("real_servers", []):
        label = f"{service.label}: {server.label}"
        fine = real_server(value, server, label, findings)
        if fine is None:
            continue
        key = (fine.address, value.port if fine.port is None else fine.port)
        if key in seen:
            findings.error(
                server.place,
                f"{label}: it is in line {seen[key].place.line} already and is left out",
                "real_server",
                fatal=False,
            )
            continue
        seen[key] = server
        result.append(fine)
    return tuple(result)


def real_server(value: VirtualServer, server: Located[RealServer], label: str, findings: Findings) -> RealServer | None:
    """Return a server as it runs, and report what is wrong with it and its checks; None for a family out of reach."""
    fine = server.value
    if not fits_family(value, fine):
        findings.error(
            server.place,
            f"{label}: it is not IPv{service_family(value)} as the service; only lvs_method TUN can cross",
            "real_server",
            fatal=False,
        )
        return None
    fine = with_port(value, server, label, findings)
    if fine.upper_threshold and fine.lower_threshold > fine.upper_threshold:
        findings.error(
            server.at("lthreshold"),
            f"{label}: lthreshold {fine.lower_threshold} is above uthreshold {fine.upper_threshold}",
            "lthreshold",
        )
    for check in server.children.get("checks", []):
        check_check(value, server.value, check, f"{label}: {check.label}", findings)
    return fine


def with_port(value: VirtualServer, server: Located[RealServer], label: str, findings: Findings) -> RealServer:
    """Return a server with the port that packets reach it at: only NAT can change the one of the service."""
    fine = server.value
    method = (fine.method or value.method).forwarding
    if value.address is not None and fine.port is not None and fine.port != value.port and method is not Forwarding.NAT:
        findings.warning(
            server.place,
            f"{label}: {method.name} cannot change the port: {fine.port} becomes {value.port}",
            "real_server",
        )
        fine = replace(fine, port=value.port)
    if value.address is None and fine.port and method is not Forwarding.NAT:
        findings.warning(
            server.place,
            f"{label}: {method.name} cannot change the port of a mark: {fine.port} is for the checks only",
            "real_server",
        )
        fine = replace(fine, port=None, checks=tuple(on_port(check, fine.port) for check in fine.checks))
    return fine


def on_port(check: Check, port: int) -> Check:
    """The check, on a port unless it names one (keepalived clears the port of the server, not of its checks)."""
    if isinstance(check, ConnectingCheck) and check.target.connect_port is None:
        return replace(check, target=replace(check.target, connect_port=port))
    return check
