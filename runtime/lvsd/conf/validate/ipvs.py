# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in virtual servers, real servers and checks (keepalived: check_data.c, check_parser.c)."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace

from lvsd.model import (
    Check,
    Configuration,
    Forwarding,
    HttpCheck,
    RealServer,
    SorryServer,
    TcpCheck,
    Url,
    VirtualServer,
)

from ..draft import Located
from ..findings import Findings

POSIX_CLASS = re.compile(r"\[[:.=]\^?\w+[:.=]\]")  # of PCRE; to Python it is a set of the characters in it
REGEX_OPTIONS = {"caseless": re.I, "multiline": re.M, "dotall": re.S, "extended": re.X}
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
        return service.fwmark, family_of(service)
    return service.address, service.port, service.protocol or "UDP"


def family_of(service: VirtualServer) -> int:
    """4 or 6; a mark whose family is not said takes it from its servers, as in keepalived.

    From the first that is no tunnel; where all are tunnels, which can cross, from all of them if they are alike, the
    sorry server among them.
    """
    if service.address is not None:
        return service.address.version
    if service.ip_family is not None:
        return 6 if service.ip_family == "inet6" else 4
    sorry = () if service.sorry_server is None else (service.sorry_server,)
    servers = (*service.real_servers, *sorry)
    bound = (s.address.version for s in servers if (s.method or service.method).forwarding is not Forwarding.TUN)
    alike = {server.address.version for server in servers}
    return next(bound, alike.pop() if len(alike) == 1 else 4)


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
    if value.persistence_netmask is not None and value.persistence_netmask > 32 and family_of(value) == 4:
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
    findings.error(
        service.at("sorry_server"),
        f"{service.label}: sorry_server {sorry.address} is not IPv{family_of(value)} as the service; TUN can cross",
        "sorry_server",
        fatal=False,
    )
    return replace(value, sorry_server=None)


def fits_family(value: VirtualServer, server: RealServer | SorryServer) -> bool:
    """Whether a service can forward to a server of this family: the same one, or any through a tunnel."""
    method = server.method or value.method
    return method.forwarding is Forwarding.TUN or server.address.version == family_of(value)


def real_servers(service: Service, value: VirtualServer, findings: Findings) -> tuple[RealServer, ...]:
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
            f"{label}: it is not IPv{family_of(value)} as the service; only lvs_method TUN can cross",
            "real_server",
            fatal=False,
        )
        return None
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
    if fine.upper_threshold and fine.lower_threshold > fine.upper_threshold:
        findings.error(
            server.at("lthreshold"),
            f"{label}: lthreshold {fine.lower_threshold} is above uthreshold {fine.upper_threshold}",
            "lthreshold",
        )
    for check in server.children.get("checks", []):
        check_check(value, server.value, check, f"{label}: {check.label}", findings)
    return fine


def on_port(check: Check, port: int) -> Check:
    """The check, on a port unless it names one (keepalived clears the port of the server, not of its checks)."""
    if isinstance(check, HttpCheck | TcpCheck) and check.target.connect_port is None:
        return replace(check, target=replace(check.target, connect_port=port))
    return check


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


# --- checks --------------------------------------------------------------------------------------


def check_check(
    service: VirtualServer, server: RealServer, check: Located[object], label: str, findings: Findings
) -> None:
    """Report a check that cannot run: without a port, from an address of another family, or a page at fault."""
    match check.value:
        case HttpCheck() | TcpCheck() as value:
            port = value.target.connect_port or (service.port if server.port is None else server.port)
            if not port:
                findings.error(
                    check.place, f"{label}: it needs a connect_port: the real server has no port", "connect_port"
                )
            target = value.target.connect_ip or server.address
            if value.target.bindto is not None and value.target.bindto.version != target.version:
                findings.error(
                    check.at("bindto"),
                    f"{label}: bindto {value.target.bindto} cannot reach {target}: another family",
                    "bindto",
                )
            if isinstance(value, HttpCheck):
                pages(check, value, label, findings)


def pages(check: Located[object], value: HttpCheck, label: str, findings: Findings) -> None:
    """Report what is wrong with the pages that a check fetches."""
    if not value.urls and not findings.broken:
        findings.error(check.place, f"{label}: it has no url: write url {{ path / }}", "url")
    for url in check.children.get("urls", []):
        if "path" not in url.places:
            findings.warning(
                url.place, f"{label}: a url without a path: '/' is asked for, keepalived would ignore it", "path"
            )
        pattern(url, label, findings)


def pattern(url: Located[Url], label: str, findings: Findings) -> None:
    """Report a regular expression that does not compile or means something else to PCRE2."""
    value = url.value
    if value.regex is None:
        for word, held in (("regex_no_match", value.regex_no_match), ("regex_options", value.regex_options)):
            if held:
                findings.warning(url.at(word), f"{label}: {word} has no effect without a regex", word)
        return
    flags = re.RegexFlag(0)
    for name in value.regex_options:
        if name in REGEX_OPTIONS:
            flags |= REGEX_OPTIONS[name]
        else:
            findings.warning(
                url.at("regex_options"),
                f"{label}: the option '{name}' is known but not implemented yet",
                "regex_options",
            )
    if posix := POSIX_CLASS.search(value.regex):
        findings.error(url.at("regex"), f"{label}: the regex cannot be used: {posix[0]} is unknown here", "regex")
        return
    try:
        re.compile(value.regex.encode("utf-8", "surrogatepass"), flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        findings.error(url.at("regex"), f"{label}: the regex cannot be compiled: {error}", "regex")
