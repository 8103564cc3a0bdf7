# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's control sockets, with errors that say what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvsd.control.server import Answer, Unreachable, request
from lvsd.worker.registry import sockets

PATIENCE = {"reload": 60.0, "failover": 30.0, "reexec": 60.0}  # seconds; 10 for every other verb


class Failed(Exception):
    """Refused or failed: exit 1.  `answer` is what the daemon said, where it said something."""

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.answer = answer or {"version": 1, "ok": False, "error": reason}


class Silent(Exception):
    """The daemon does not answer: exit 3."""


class Sockets:
    """Questions to lvsd and its workers below one runtime directory."""

    def __init__(self, runtime_dir: Path) -> None:
        self.runtime_dir = runtime_dir

    def path(self, name: str) -> Path:
        """Return the path of the control socket of one process, by its name."""
        return self.runtime_dir / f"{name}.sock"

    def ask(self, worker: str, verb: str, /, **arguments: Any) -> Answer:
        """The answer of `worker`.  Raises `Failed` with its reason, `Silent` when there is none."""
        try:
            answer = request(self.path(worker), verb, timeout=PATIENCE.get(verb, 10.0), **arguments)
        except Unreachable as unreachable:
            raise Silent(f"{unreachable}\n{self._advice(worker, unreachable)}") from None
        if not answer.get("ok"):
            raise Failed(str(answer.get("error")), answer)
        return answer

    def show_all(self) -> dict[str, Answer | None]:
        """Every worker's `show`; None for one that does not answer.  Raises `Silent` when none does."""
        answers: dict[str, Answer | None] = {}
        silence = None
        for name in sockets():
            try:
                answers[name] = self.ask(name, "show")
            except (Silent, Failed) as error:
                answers[name] = None
                silence = silence or error
        if not any(answers.values()):
            assert silence is not None
            raise silence
        return answers

    def _advice(self, name: str, unreachable: Unreachable) -> str:
        if isinstance(unreachable.__cause__, PermissionError):
            return "run lvsctl as root (sudo lvsctl ...); members of the group lvsd may look, where the host has it"
        if name != "lvsd" and self._answers("lvsd"):
            return f"lvsd runs without a {name} worker: nothing is configured for it, or it restarts (lvsctl status)"
        return "is lvsd running? systemctl status lvsd; journalctl -u lvsd"

    def _answers(self, name: str) -> bool:
        try:
            return bool(request(self.path(name), "ping", timeout=2))
        except Unreachable:
            return False
