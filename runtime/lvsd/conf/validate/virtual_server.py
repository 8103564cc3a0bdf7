# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in virtual servers (keepalived: check_data.c)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from lvsd.model import Configuration, RealServer, VirtualServer

from ..draft import Located
from ..family import fits_family, service_family
from ..findings import Findings
from .real_server import real_servers

PERSISTENCE = 360  # seconds, as of a bare `persistence_timeout`
BY_SCHEDULER = {"sh-port": "sh", "sh-fallback": "sh", "mh-port": "mh", "mh-fallback": "mh"}

Service = Located[VirtualServer]


def check_services(located: Located[Configuration], findings: Findings) -> tuple[VirtualServer, ...]:
    """The services as they run."""
    seen: dict[Hashable, Service] = {}
    result: list[VirtualServer] = []
    for service in located.children.get("virtual_servers", []):
        key = key_of(service.value)
        if key in seen:
            findings.error(
                service.place,
                f"{service.label}: the service is defined in line {seen[key].place.line} already",
                "virtual_server",
                fatal=False,
            )
            continue
        seen[key] = service
        fine = check_service(service, findings)
        if fine is not None:
            result.append(fine)
    return tuple(result)


def key_of(service: VirtualServer) -> Hashable:
    """Return what makes a service the same as another to IPVS: address, port and protocol, or mark and family."""
    if service.address is None:
        return service.fwmark, service_family(service)
    return service.address, service.port, service.protocol or "UDP"


def check_service(service: Service, findings: Findings) -> VirtualServer | None:
    """One service as it runs, or None where it cannot."""
    value = service.value
    if value.address is not None and value.port == 0 and not value.persistence_timeout:
        findings.warning(
            service.place,
            f"{service.label}: a service without a port must have a persistence_timeout: it is {PERSISTENCE}",
            "virtual_server",
        )
        value = replace(value, persistence_timeout=PERSISTENCE)
    if value.address is not None and value.protocol is None:
        findings.warning(service.place, f"{service.label}: 'protocol' is not said: it is UDP", "protocol")
        value = replace(value, protocol="UDP")
    value = scheduling(service, value, findings)
    persistence(service, value, findings)
    value = sorry_server(service, value, findings)
    if (servers := real_servers(service, value, findings)) != value.real_servers:
        value = replace(value, real_servers=servers)
    if not service.value.real_servers and "real_servers" not in service.refused:
        findings.warning(service.place, f"{service.label}: it has no real_server and is not set up", "real_server")
    if not value.real_servers:
        return None
    return quorum(service, value, findings)


def scheduling(service: Service, value: VirtualServer, findings: Findings) -> VirtualServer:
    """Warn about flags of another scheduler, and return the service without `ops` where it is not for UDP."""
    for name in value.scheduler_flags:
        if name in BY_SCHEDULER and BY_SCHEDULER[name] != value.scheduler:
            findings.warning(
                service.at(name),
                f"{service.label}: {name} belongs to lb_algo {BY_SCHEDULER[name]}, not to {value.scheduler}",
                name,
            )
    if value.one_packet and value.address is not None and (value.protocol or "UDP") != "UDP":
        findings.warning(
            service.at("ops"), f"{service.label}: ops is for UDP, not for {value.protocol}, and is ignored", "ops"
        )
        return replace(value, one_packet=False)
    return value


def persistence(service: Service, value: VirtualServer, findings: Findings) -> None:
    """Report a mask or an engine without persistence, and a mask longer than an address."""
    for word, held in (
        ("persistence_granularity", value.persistence_netmask),
        ("persistence_engine", value.persistence_engine),
    ):
        if held is not None and not value.persistence_timeout:
            findings.warning(
                service.at(word), f"{service.label}: {word} has no effect without persistence_timeout", word
            )
    if value.persistence_netmask is not None and value.persistence_netmask > 32 and service_family(value) == 4:
        findings.error(
            service.at("persistence_granularity"),
            f"{service.label}: persistence_granularity {value.persistence_netmask} is longer than an IPv4 address",
            "persistence_granularity",
        )


def sorry_server(service: Service, value: VirtualServer, findings: Findings) -> VirtualServer:
    """Return the service, without its sorry server where that is of another family and cannot be reached."""
    sorry = value.sorry_server
    if sorry is None or fits_family(value, sorry):
        return value
    family = service_family(value)
    message = f"{service.label}: sorry_server {sorry.address} is not IPv{family} as the service; TUN can cross"
    findings.error(service.at("sorry_server"), message, "sorry_server", fatal=False)
    return replace(value, sorry_server=None)


def quorum(service: Service, value: VirtualServer, findings: Findings) -> VirtualServer:
    """Return the service with a quorum that its servers can reach and a hysteresis below it."""
    total = sum(weight_of(value, server) for server in value.real_servers)
    if value.quorum > max(total, 1):
        findings.warning(
            service.at("quorum"),
            f"{service.label}: quorum {value.quorum} is above the weight of all real servers, so it is {max(total, 1)}",
            "quorum",
        )
        value = replace(value, quorum=max(total, 1))
    if value.hysteresis >= value.quorum and value.hysteresis:
        findings.warning(
            service.at("hysteresis"),
            f"{service.label}: hysteresis {value.hysteresis} must be below the quorum and becomes {value.quorum - 1}",
            "hysteresis",
        )
        value = replace(value, hysteresis=value.quorum - 1)
    return value


def weight_of(service: VirtualServer, server: RealServer) -> int:
    """Return the weight of a server: its own, else that of the service, else 1."""
    if server.weight is not None:
        return server.weight
    return 1 if service.weight is None else service.weight
