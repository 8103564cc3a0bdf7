# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the configuration to the checks that run: inheritance expanded, every value concrete.

A value comes from the check, else from its real server, else from the virtual server, else from keepalived's
default.  A check is identified by its destination and by what it does, not by when or how long: a reload that changes
`delay_loop` or a timeout keeps its health, and equal probes can be shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar, assert_never
from zlib import crc32

from lvsd.kernel.ipvs_types import DestinationKey
from lvsd.model import (
    Address,
    Check,
    CheckTarget,
    CheckTiming,
    Command,
    Configuration,
    GlobalDefs,
    HttpCheck,
    KeptCheck,
    MiscCheck,
    RealServer,
    SslContext,
    TcpCheck,
    Url,
    VirtualServer,
)

from .health import CheckTimes

T = TypeVar("T")

RETRY = 1
RETRY_MISC = 0
DELAY_BEFORE_RETRY = 1.0
DELAY_BEFORE_RETRY_HTTP = 3.0
DELAY_LOOP = 60.0
CONNECT_TIMEOUT = 5.0
USER_AGENT = "KeepAliveClient"  # keepalived's: servers' logs and filters know it


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a probe connects to, and from where."""

    address: Address
    port: int
    bindto: Address | None = None
    bind_port: int | None = None
    bind_if: str | None = None
    fwmark: int | None = None
    host: str = field(init=False, compare=False, repr=False)  # the address as text, made once

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", str(self.address))


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """Whether a connection can be made."""

    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One URL of an HTTP probe: the bytes that are sent, and what the answer must be."""

    path: str
    request: bytes
    status_codes: tuple[tuple[int, int], ...] = ((200, 299),)
    digest: str | None = None
    regex: str | None = None
    regex_no_match: bool = False
    regex_options: tuple[str, ...] = ()
    server_name: str | None = None  # SNI


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProbe:
    """Whether every page answers as it must."""

    target: Target
    pages: tuple[Page, ...]
    fast_recovery: bool = False
    tls: bool = False
    ssl: SslContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MiscProbe:
    """What a script says by its exit code."""

    command: Command
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class NoProbe:
    """A check that is known by name only, or that has nothing to look at: it counts as passing."""

    name: str


Probe = TcpProbe | HttpProbe | MiscProbe | NoProbe


@dataclass(frozen=True, slots=True)
class CheckId:
    """Which check of which destination; `number` tells equal checks of one server apart."""

    destination: DestinationKey
    probe: Probe
    number: int = 0


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One check, ready to run."""

    identity: CheckId
    schedule: CheckTimes
    mark: int = field(compare=False)  # `mark` of the probe, reckoned once

    @property
    def probe(self) -> Probe:
        return self.identity.probe

    @property
    def kind(self) -> str:
        """keepalived's name of the check."""
        return kind(self.identity.probe)

    @property
    def name(self) -> str:
        """The identity as a text: the same in every process, and without the secrets that a probe may hold."""
        return f"{self.identity.destination} {self.kind} {self.mark:08x} {self.identity.number}"

    @property
    def phase(self) -> float:
        """0..1: probes are spread over their period, equal ones meet."""
        return self.mark / (1 << 32)


def plans(
    configuration: Configuration, virtual: VirtualServer, real: RealServer, destination: DestinationKey
) -> tuple[PlannedCheck, ...]:
    """The checks of one real server, in the order of the configuration."""
    seen: dict[Probe, int] = {}
    found = []
    for check in real.checks:
        schedule = expand(check, real, virtual)
        probe = expand_probe(check, configuration, virtual, real)
        number = seen.get(probe, 0) if seen else 0
        found.append(PlannedCheck(CheckId(destination, probe, number), schedule, mark(probe)))
        if len(real.checks) > 1:
            seen[probe] = number + 1
    return tuple(found)


def expand(check: Check, real: RealServer, virtual: VirtualServer) -> CheckTimes:
    """The schedule of a check: check, real server, virtual server, default."""
    own = CheckTiming() if isinstance(check, KeptCheck) else check.timing
    timeout = check.timeout if isinstance(check, MiscCheck) else None
    levels = (own, real.timing, virtual.timing)
    return inherited(isinstance(check, HttpCheck), isinstance(check, MiscCheck), timeout, levels)


@lru_cache(1024)
def inherited(http: bool, misc: bool, misc_timeout: float | None, levels: tuple[CheckTiming, ...]) -> CheckTimes:
    """Many checks are timed alike."""
    delay_loop = first((t.delay_loop for t in levels), DELAY_LOOP)
    timeout = first((t.connect_timeout for t in levels), CONNECT_TIMEOUT)
    if misc:
        timeout = delay_loop if misc_timeout is None else misc_timeout
    return CheckTimes(
        connect_timeout=timeout,
        retry=first((t.retry for t in levels), RETRY_MISC if misc else RETRY),
        delay_before_retry=first(
            (t.delay_before_retry for t in levels), DELAY_BEFORE_RETRY_HTTP if http else DELAY_BEFORE_RETRY
        ),
        delay_loop=delay_loop,
        warmup=first((t.warmup for t in levels), delay_loop),
        alpha=first((t.alpha for t in levels), False),
    )


def first(values: Iterator[T | None], default: T) -> T:
    return next((value for value in values if value is not None), default)


def expand_probe(check: Check, configuration: Configuration, virtual: VirtualServer, real: RealServer) -> Probe:
    match check:
        case TcpCheck():
            return TcpProbe(target(check.target, virtual, real))
        case HttpCheck():
            return http_probe(check, configuration.ssl, virtual, real)
        case MiscCheck():
            return MiscProbe(command=identified(check.command, configuration.global_defs), dynamic=check.dynamic)
        case KeptCheck():
            return NoProbe(check.statement.words[0])
        case _:
            assert_never(check)


def http_probe(check: HttpCheck, ssl: SslContext | None, virtual: VirtualServer, real: RealServer) -> Probe:
    if not check.urls:
        return NoProbe("SSL_GET" if check.tls else "HTTP_GET")
    where = target(check.target, virtual, real)
    host = check.virtualhost or real.virtualhost or virtual.virtualhost
    return HttpProbe(
        target=where,
        pages=tuple(page(url, check, where, url.virtualhost or host) for url in check.urls),
        fast_recovery=check.fast_recovery,
        tls=check.tls,
        ssl=ssl if check.tls else None,
    )


def page(url: Url, check: HttpCheck, where: Target, host: str | None) -> Page:
    return Page(
        path=url.path,
        request=request(url.path, check.http_protocol, host, where),
        status_codes=url.status_codes or ((200, 299),),
        digest=None if url.digest is None else url.digest.lower(),
        regex=url.regex,
        regex_no_match=url.regex_no_match,
        regex_options=url.regex_options,
        server_name=host if check.tls and check.enable_sni else None,
    )


def request(path: str, protocol: str, host: str | None, where: Target) -> bytes:
    """The request as keepalived words it: without `virtualhost`, Host is the address with its port."""
    if host is None:
        host = f"[{where.address}]:{where.port}" if where.address.version == 6 else f"{where.address}:{where.port}"
    lines = [f"GET {path} HTTP/{protocol[:3]}", f"User-Agent: {USER_AGENT}"]
    if protocol.upper() == "1.0C" or protocol == "1.1":
        lines.append("Connection: close")
    return "\r\n".join([*lines, f"Host: {host}", "", ""]).encode("utf-8", "surrogateescape")


def target(chosen: CheckTarget, virtual: VirtualServer, real: RealServer) -> Target:
    port = virtual.port if real.port is None else real.port
    return Target(
        address=chosen.connect_ip or real.address,
        port=port if chosen.connect_port is None else chosen.connect_port,
        bindto=chosen.bindto,
        bind_port=chosen.bind_port,
        bind_if=chosen.bind_if,
        fwmark=chosen.fwmark,
    )


def identified(command: Command, globals_: GlobalDefs) -> Command:
    """With `script_user` of `global_defs` where the check names no user of its own."""
    if command.user is not None or globals_.script_user is None:
        return command
    return Command(command.words, globals_.script_user, globals_.script_group)


def kind(probe: Probe) -> str:
    match probe:
        case TcpProbe():
            return "TCP_CHECK"
        case HttpProbe():
            return "SSL_GET" if probe.tls else "HTTP_GET"
        case MiscProbe():
            return "MISC_CHECK"
        case NoProbe():
            return probe.name
        case _:
            assert_never(probe)


def urls(probe: Probe) -> int:
    """How many URLs a check goes through; 1 for all others."""
    return len(probe.pages) if isinstance(probe, HttpProbe) else 1


def mark(probe: Probe) -> int:
    """32 bits that are the same for equal probes, and in every process."""
    return crc32(repr(probe).encode("utf-8", "replace"))
