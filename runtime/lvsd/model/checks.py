# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of a check."""

from __future__ import annotations

from lvsd.record import record

from .statement import Address, Command, Kept, Statement


@record(frozen=True, slots=True, kw_only=True)
class CheckTiming:
    """What every check has and inherits: check, real server, virtual server, built-in default."""

    connect_timeout: float | None = None
    retry: int | None = None
    delay_before_retry: float | None = None
    delay_loop: float | None = None
    warmup: float | None = None
    alpha: bool | None = None


@record(frozen=True, slots=True, kw_only=True)
class CheckTarget:
    """Where a check connects to instead of the real server, and from where."""

    connect_ip: Address | None = None
    connect_port: int | None = None
    bindto: Address | None = None
    bind_port: int | None = None
    bind_if: str | None = None
    fwmark: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class TcpCheck:
    """A check that passes when a TCP connection is made."""

    timing: CheckTiming = CheckTiming()
    target: CheckTarget = CheckTarget()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class Url:
    """A page that an HTTP check fetches, and what it must look like."""

    path: str = "/"
    status_codes: tuple[tuple[int, int], ...] = ()  # inclusive ranges; () = 200-299
    digest: str | None = None  # MD5 of the body, lower-case hexadecimal
    virtualhost: str | None = None
    regex: str | None = None
    regex_no_match: bool = False
    regex_options: tuple[str, ...] = ()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class HttpCheck:
    """`HTTP_GET`, and with `tls` `SSL_GET`."""

    tls: bool = False
    urls: tuple[Url, ...] = ()
    http_protocol: str = "1.0"  # 1.0 | 1.0C | 1.1
    virtualhost: str | None = None
    enable_sni: bool = False
    fast_recovery: bool = False
    timing: CheckTiming = CheckTiming()
    target: CheckTarget = CheckTarget()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class MiscCheck:
    """A check that passes when a program ends with 0; `dynamic` lets its exit code set the weight as well."""

    command: Command
    timeout: float | None = None  # misc_timeout
    dynamic: bool = False  # misc_dynamic
    timing: CheckTiming = CheckTiming()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """A check that is known by name but not implemented: it counts as passing, and a warning says so."""

    statement: Statement


ConnectingCheck = TcpCheck | HttpCheck
"""A check with a `target`."""

Check = ConnectingCheck | MiscCheck | KeptCheck
