# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked over a control socket: requests, refusals, and answers that come later."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .client import Answer
from .peer import Peer

VERSION = 1


class Refused(Exception):
    """Raised by a handler: the request is answered with this reason and `"ok": false`; `details` join the answer."""

    def __init__(self, reason: str, /, **details: Any) -> None:
        super().__init__(reason)
        self.details = details


class Later:
    """An answer that a handler will give from the loop, once: `answer(...)` or `refuse(...)`.

    It may be given before the handler returns, and after the client has gone.  `peer`: who has asked.
    """

    def __init__(self, peer: Peer | None = None) -> None:
        self.peer = peer
        self._answer: Answer | None = None
        self._receiver: Callable[[Answer], None] | None = None

    def answer(self, details: Mapping[str, Any]) -> None:
        """Give the answer: `details`, with the version and `"ok": true`."""
        self._give({"version": VERSION, "ok": True, **details})

    def refuse(self, reason: str, /, **details: Any) -> None:
        """Refuse the request, with the reason and `details`."""
        self._give({"version": VERSION, "ok": False, "error": reason, **details})

    def then(self, receiver: Callable[[Answer], None]) -> None:
        """Call `receiver` with the answer as soon as there is one."""
        self._receiver = receiver
        if self._answer is not None:
            receiver(self._answer)

    def _give(self, answer: Answer) -> None:
        if self._answer is not None:
            raise ValueError("answered twice")
        self._answer = answer
        if self._receiver is not None:
            self._receiver(answer)


Handler = Callable[[Mapping[str, Any]], "Answer | Later"]


def parse(line: bytes) -> dict[str, Any]:
    """A request.  Raises Refused."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not a JSON request: {error}") from None
    if not isinstance(request, dict) or not isinstance(request.get("verb"), str):
        raise Refused('a request is a JSON object with a "verb"')
    return request


def events_request(request: Mapping[str, Any]) -> tuple[int, bool] | None:
    """(since, follow) of an `events` request; None for any other."""
    if request["verb"] != "events":
        return None
    since = request.get("since", 0)
    return (since if isinstance(since, int) else 0), request.get("follow") is True
