# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator can ask of the checker over its control socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lvsd.control.peer import Peer, asked_by
from lvsd.control.server import Answer, Refused
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey

from .overrides import Order, checked_weight
from .services import Server, Services, VirtualService

Request = Mapping[str, Any]


class Verbs:
    """Finds what a request names, and hands the order over: `give` stores and applies it, `shown` tells the outcome."""

    def __init__(
        self,
        services: Services,
        give: Callable[[DestinationKey, Order, Peer | None], None],
        shown: Callable[[DestinationKey], Answer],
    ) -> None:
        self._services = services
        self._give = give
        self._shown = shown

    def drain(self, request: Request) -> Answer:
        """{"service", "server"}: weight 0 from now on; the server stays in the table and its checks go on."""
        return self._order(request, lambda order: replace(order, drained=True))

    def enable(self, request: Request) -> Answer:
        """{"service", "server"}: takes `drain` back."""
        return self._order(request, lambda order: replace(order, drained=False))

    def weight(self, request: Request) -> Answer:
        """{"service", "server", "weight"}: instead of the configured one; null takes it back."""
        if "weight" not in request:
            raise Refused('"weight" is missing: a number, or null for the configured one')
        try:
            weight = checked_weight(request["weight"])
        except ValueError as error:
            raise Refused(str(error)) from None
        return self._order(request, lambda order: replace(order, weight=weight))

    def _order(self, request: Request, change: Callable[[Order], Order]) -> Answer:
        key, server = self._find(request)
        self._give(key, change(server.order), asked_by(request))
        return {"server": self._shown(key)}

    def _find(self, request: Request) -> tuple[DestinationKey, Server]:
        service = self._service(text(request, "service"))
        wanted = text(request, "server")
        for key, server in service.servers.items():
            if wanted in (key.endpoint, str(key.address)):
                return key, server
        raise Refused(f"{service.pool.key} has no server {wanted!r}; it has {names(service.servers)}")

    def _service(self, wanted: str) -> VirtualService:
        """By its whole name, or without the protocol where that is enough."""
        services = self._services.services
        found = [key for key in services if str(key) == wanted] or [key for key in services if short(key) == wanted]
        if len(found) == 1:
            return services[found[0]]
        if found:
            raise Refused(f"{wanted!r} is more than one service: {', '.join(map(str, found))}")
        raise Refused(f"no service {wanted!r}; there is {', '.join(map(str, services)) or 'none'}")


def text(request: Request, name: str) -> str:
    """Return one text of a request. Raises Refused where it is missing or none."""
    value = request.get(name)
    if not isinstance(value, str):
        raise Refused(f'"{name}" is missing: a text')
    return value


def short(key: ServiceKey) -> str:
    """Return the key of a service without its protocol."""
    return str(key).rpartition("/")[0]


def names(servers: Mapping[DestinationKey, Server]) -> str:
    """Return the servers of a service in one line, for a refusal."""
    return ", ".join(key.endpoint for key in servers) or "none"
