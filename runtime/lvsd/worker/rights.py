# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rights a worker needs for what its part of the configuration asks for: capabilities, files of root.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lvsd.model import Configuration

from .registry import Worker


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


def held(status: str) -> int:
    """The bits of the permitted capabilities in the text of /proc/PID/status, proc(5).  Raises ValueError."""
    for line in status.splitlines():
        if line.startswith("CapPrm:"):
            return int(line.partition(":")[2], 16)
    raise ValueError("there is no CapPrm")
