# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One configuration to the part that each worker runs."""

from __future__ import annotations

from collections.abc import Iterator

from lvsd.model import Command, Configuration, MiscCheck, Notify
from lvsd.worker.registry import WORKERS, Worker

from .cache import once
from .grammar import ROOT
from .grammar.entry import Block, Kept


@once
def parts(configuration: Configuration) -> dict[str, Configuration]:
    """The part of each worker, by its name: its blocks, `global_defs`, and the kept words that it needs."""
    return {
        name: Configuration(
            global_defs=configuration.global_defs,
            kept=tuple(statement for statement in configuration.kept if concerns(worker, statement.words[0])),
            **{block: getattr(configuration, block) for block in worker.blocks},
        )
        for name, worker in WORKERS.items()
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


def needs_starter(configuration: Configuration) -> bool:
    """Whether it names a program, which a starter has to start."""
    return any(commands(configuration))


def concerns(worker: Worker, keyword: str) -> bool:
    """Whether `worker` gets a kept statement that begins with `keyword`."""
    entry = ROOT.known.get(keyword)
    if isinstance(entry, Kept):
        return entry.worker in (worker.name, "both")
    return isinstance(entry, Block) and entry.field in worker.blocks  # a virtual_server of a group
