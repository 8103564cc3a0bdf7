# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""One real server of the running daemon: what an operator can order, and what is left of its connections."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import ControlError, request, server_in
from ansible_collections.lvs.director.plugins.module_utils._control import state as show

POLL = 0.25  # seconds between two looks at the connections
SHORTEST = 1.0  # seconds that the checker has for an answer, also at the deadline

ADMIN = {"drained": "drain", "enabled": "enable"}  # state -> verb of the control socket


class Server:
    """One real server of the running daemon."""

    def __init__(self, module: DirectorModule, service: str, server: str) -> None:
        self.module = module
        self.runtime_dir = module.params["runtime_dir"]
        self.service = service
        self.server = server

    def live(self) -> t.Optional[t.Dict[str, t.Any]]:
        """Return what the checker shows of this server, None where it does not have it. Raises ControlError."""
        return server_in(show(self.runtime_dir, "checker"), self.service, self.server)

    def has_to_be_drained(self) -> bool:
        """Whether it may have connections: not where it does not run, or where the daemon has no use for a checker."""
        shown = show(self.runtime_dir, "checker")
        if shown is not None:
            return server_in(shown, self.service, self.server) is not None
        workers = (show(self.runtime_dir, "lvsd") or {}).get("workers", [])
        return any(worker.get("name") == "checker" for worker in workers)  # it is between two processes

    def set_admin(self, state: str) -> bool:
        """Drain or enable it; whether that changed, or would change, anything."""
        live = self.live()
        if live is None:
            running = show(self.runtime_dir, "checker") is not None
            reason = f"has no real server {self.server} in {self.service}" if running else "is not running"
            self.module.fail_json(msg=f"The checker {reason}, so {self.server} cannot be {state}")
        if live.get("admin") == state:
            return False
        if not self.module.check_mode:
            self._ask(ADMIN[state])
        return True

    def set_weight(self, weight: int) -> bool:
        """Order another weight than the configured one, or end such an order; whether it changes anything."""
        live = self.live() or {}
        wanted = None if live.get("weight") == weight else weight
        if live.get("weight_override") == wanted:
            return False
        if not self.module.check_mode:
            self._ask("weight", weight=wanted)
        return True

    def _ask(self, verb: str, **arguments: t.Any) -> None:
        answer = request(self.runtime_dir, "checker", verb, service=self.service, server=self.server, **arguments)
        if answer is None or not answer.get("ok"):
            reason = "it is not running" if answer is None else answer.get("error")
            self.module.fail_json(msg=f"The checker did not {verb} {self.server} of {self.service}: {reason}")

    def wait(self, seconds: float) -> t.Dict[str, t.Any]:
        """Wait for the last connection; what is left at the deadline, or is not known then, fails the task."""
        start = time.monotonic()
        waited = 0.0
        while True:
            left = self._left(timeout=max(SHORTEST, seconds - waited))
            waited = round(time.monotonic() - start, 2)
            if left == 0:
                return {"waited": waited, "connections": 0}
            if waited >= seconds:
                self._fail_with(left, waited)
            time.sleep(min(POLL, max(0.0, seconds - waited)))

    def _left(self, timeout: float) -> t.Optional[int]:
        """Its active connections; None while the checker does not answer, as when it is started again."""
        try:
            shown = show(self.runtime_dir, "checker", timeout)
        except ControlError:
            return None
        if shown is None:
            return None
        live = server_in(shown, self.service, self.server)
        if live is None:
            self.module.fail_json(
                msg=f"{self.server} of {self.service} is not configured any more; "
                "the checker does not count what it had left"
            )
        return live.get("active_connections")

    def _fail_with(self, left: t.Optional[int], waited: float) -> None:
        whose = f"connections to {self.server} of {self.service} are left after {waited:g} s; it stays drained"
        if left is None:
            self.module.fail_json(
                msg=f"The checker does not answer and cannot say how many {whose}", waited=waited, connections=None
            )
        self.module.fail_json(msg=f"{left} {whose}", waited=waited, connections=left, live=self.live())
