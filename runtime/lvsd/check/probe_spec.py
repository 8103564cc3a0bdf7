# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each probe does, as a value, and how it is made of the check in the configuration.

Equal probes are run once (`shared_probes.py`), and a check keeps its health over a reload while its probe stays equal.
"""

from __future__ import annotations

from dataclasses import field
from zlib import crc32

from lvsd.model import (
    Address,
    CheckTarget,
    Command,
    GlobalDefs,
    HttpCheck,
    RealServer,
    SslContext,
    Url,
    VirtualServer,
)
from lvsd.record import record

USER_AGENT = "KeepAliveClient"  # keepalived's: servers' logs and filters know it


@record(frozen=True, slots=True, kw_only=True)
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


class Probe:
    """What a check does: a value that can be hashed and compared.  Its kind is in `kinds.py`."""

    __slots__ = ()


@record(frozen=True, slots=True)
class TcpProbe(Probe):
    """Whether a connection can be made."""

    target: Target


@record(frozen=True, slots=True, kw_only=True)
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


@record(frozen=True, slots=True, kw_only=True)
class HttpProbe(Probe):
    """Whether every page answers as it must."""

    target: Target
    pages: tuple[Page, ...]
    fast_recovery: bool = False
    tls: bool = False
    ssl: SslContext | None = None


@record(frozen=True, slots=True, kw_only=True)
class MiscProbe(Probe):
    """What a script says by its exit code."""

    command: Command
    dynamic: bool = False


@record(frozen=True, slots=True)
class NoProbe(Probe):
    """A check that is known by name only, or that has nothing to look at: it counts as passing."""

    name: str


def http_name(check: HttpCheck | HttpProbe) -> str:
    """Return the keyword of a check that fetches pages, or of its probe."""
    return "SSL_GET" if check.tls else "HTTP_GET"


def http_probe(check: HttpCheck, ssl: SslContext | None, virtual: VirtualServer, real: RealServer) -> Probe:
    """Return what an HTTP check does; nothing where it has no page."""
    if not check.urls:
        return NoProbe(http_name(check))
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
    """Return one page that is fetched, with its request made."""
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
    """Return where a check connects to, and from where."""
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


def mark(probe: Probe) -> int:
    """32 bits that are the same for equal probes, and in every process."""
    return crc32(repr(probe).encode("utf-8", "replace"))
