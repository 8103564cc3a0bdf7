# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the lab: a namespace in which commands run."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from . import network
from .paths import Paths
from .topology import Topology


@dataclass(frozen=True, slots=True)
class Client:
    """A namespace with a leg on one or more networks."""

    name: str
    topology: Topology
    where: Paths

    @property
    def namespace(self) -> str:
        return self.where.client_namespace(self.name)

    def run(self, command: list[str], *, timeout: float = 60, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of the host, in the client's namespace. Raises CalledProcessError (unless `check` is False)."""
        line = [*network.enter_command(self.namespace), *command]
        return subprocess.run(line, text=True, capture_output=True, timeout=timeout, check=check)
