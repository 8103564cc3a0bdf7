# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rights a worker needs for what its part of the configuration asks for: capabilities, files of root.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lvsd.model import Configuration

from .registry import Worker

NUMBERS = {  # linux/capability.h
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "NET_BIND_SERVICE": 10,
    "NET_ADMIN": 12,
    "NET_RAW": 13,
    "IPC_LOCK": 14,
    "SYS_NICE": 23,
}


def needed(worker: Worker, part: Configuration) -> frozenset[str]:
    """The names, without `CAP_`, of what the worker needs always and of what keywords of `part` ask for."""
    asked = {
        need.capability
        for need in worker.asked_for
        if any(value and value < (need.below or value + 1) for value in values(part, need.keyword))
    }
    return worker.capabilities | asked


def values(part: Configuration, keyword: str) -> Iterator[Any]:
    """What `keyword`, a field of the model, is set to: in global_defs, and in each check that connects."""
    yield getattr(part.global_defs, keyword, None)
    for service in part.virtual_servers:
        for server in service.real_servers:
            for check in server.checks:
                yield getattr(getattr(check, "target", None), keyword, None)


def reads_as_root(part: Configuration) -> bool:
    """Whether the part names files that may belong to root: the key and the certificates of SSL_GET."""
    return part.ssl is not None and any((part.ssl.ca, part.ssl.certificate, part.ssl.key))


def mask(names: Iterable[str]) -> int:
    """The capabilities as the kernel's bits."""
    return sum(1 << NUMBERS[name] for name in set(names))


def held(status: str) -> int:
    """The bits of the permitted capabilities in the text of /proc/PID/status, proc(5).  Raises ValueError."""
    for line in status.splitlines():
        if line.startswith("CapPrm:"):
            return int(line.partition(":")[2], 16)
    raise ValueError("there is no CapPrm")
