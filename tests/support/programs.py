# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's `Programs`, with a starter in the same process and loop, or in one of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lvsd import conf
from lvsd.loop import Loop
from lvsd.model import Command, Configuration, GlobalDefs, MiscCheck
from lvsd.programs import starter
from lvsd.programs.client import Programs, Run
from lvsd.programs.part import NamedPrograms
from lvsd.programs.protocol import RefusedProgram
from lvsd.programs.starter import Bind, Starter


class LocalPrograms(Programs):
    """With a starter in the same loop, whose configuration names whatever is started.

    `judged` holds the answer to each `configure`, `losses` what was said of the starter's end.
    """

    def __init__(self, loop: Loop, defs: GlobalDefs | None = None, commands: Iterable[Command] = ()) -> None:
        super().__init__(loop)
        self.defs = defs or GlobalDefs()
        self.commands = list(commands)
        self.error: str | None = None
        self.judged: list[tuple[list[RefusedProgram], str | None]] = []
        self.losses: list[str] = []
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.starter = Starter(
            loop, theirs, lambda _known, done: done(NamedPrograms(self.defs, tuple(self.commands), self.error))
        )
        self.connect(ours, lambda refused, error: self.judged.append((refused, error)), self.losses.append)

    def start(self, command: Command, *words: Any, **options: Any) -> Run:
        self.starter.programs._named[command] = None  # and it is not judged before it is run
        return super().start(command, *words, **options)


def naming(*commands: Command, defs: GlobalDefs | None = None) -> str:
    """A checker's part of a configuration that names these programs, as checks of one server."""
    text = "virtual_server 192.0.2.1 80 {\n real_server 192.0.2.11 80 {\n }\n}\n"
    (service,) = conf.parse(text).configuration.virtual_servers
    (server,) = service.real_servers
    checked = replace(server, checks=tuple(MiscCheck(command=command) for command in commands))
    service = replace(service, real_servers=(checked,))
    return conf.render(Configuration(global_defs=defs or GlobalDefs(), virtual_servers=(service,)))


class ForkedPrograms(Programs):
    """A worker's `Programs` with a starter of its own process, `pid`, for the part `path`.

    `bind` makes the one socket that the starter is told of.
    """

    def __init__(self, loop: Loop, path: Path, bind: Bind | None = None) -> None:
        super().__init__(loop)
        self.judged: list[tuple[list[RefusedProgram], str | None]] = []
        self.losses: list[str] = []
        connection, self.pid = starter.fork(path, bind)
        self.connect(connection, lambda refused, error: self.judged.append((refused, error)), self.losses.append)
        self.configure()
