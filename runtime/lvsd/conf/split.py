# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One configuration to the part that each worker runs."""

from __future__ import annotations

from collections.abc import Iterator

from lvsd.model import Command, Configuration, MiscCheck, Notify
from lvsd.model import Kept as Statements

from .cache import once
from .grammar import ROOT
from .grammar.entry import Kept


@once
def parts(configuration: Configuration) -> dict[str, Configuration]:
    """The parts by worker, "vrrp" and "checker"; `.needed` says whether the worker has anything to do.

    `global_defs` is in both, and so is every kept word that both need.
    """
    return {
        "vrrp": Configuration(
            global_defs=configuration.global_defs,
            routers=configuration.routers,
            sync_groups=configuration.sync_groups,
            kept=kept_for("vrrp", configuration.kept),
        ),
        "checker": Configuration(
            global_defs=configuration.global_defs,
            ssl=configuration.ssl,
            virtual_servers=configuration.virtual_servers,
            kept=kept_for("checker", configuration.kept),
        ),
    }


def commands(configuration: Configuration) -> Iterator[Command]:
    """Every program that is configured: for a change of state, or as a check."""
    told = [router.notify for router in configuration.routers] + [group.notify for group in configuration.sync_groups]
    for notify in told:
        if notify != Notify():
            yield from filter(None, (getattr(notify, name) for name in Notify.__slots__))
    for service in configuration.virtual_servers:
        yield from filter(None, (service.quorum_up, service.quorum_down))
        for server in service.real_servers:
            yield from filter(None, (server.notify_up, server.notify_down))
            yield from (check.command for check in server.checks if isinstance(check, MiscCheck))


def kept_for(worker: str, kept: Statements) -> Statements:
    return tuple(statement for statement in kept if worker_of(statement.words[0]) in (worker, "both"))


def worker_of(keyword: str) -> str:
    entry = ROOT.known.get(keyword)
    return entry.worker if isinstance(entry, Kept) else "checker"  # a virtual_server of a group is the only other one
