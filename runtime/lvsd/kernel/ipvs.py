# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS over generic netlink: read the table, make it so. Nothing is ever flushed.

ipvs = Ipvs(generic_netlink())                       # lvsd.kernel.netlink_socket
actual = ipvs.dump()
ipvs.apply(changes(actual.services, desired.services), changes(actual.destinations, desired.destinations))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from errno import EEXIST, EINVAL, ENOENT, ESRCH
from struct import error as CannotPack
from typing import NamedTuple

from lvsd.reconcile import Changes

from . import ipvs_decode, ipvs_encode
from .ipvs_types import (
    Connections,
    Destination,
    DestinationKey,
    ForwardingMethod,
    Service,
    ServiceKey,
    Table,
    TunnelFlags,
    TunnelType,
    normal,
)
from .netlink import (
    GENERIC,
    NLM_F_DUMP,
    BadMessage,
    NetlinkError,
    NetlinkTransport,
    Refusal,
    Request,
    attribute,
    attributes,
    generic,
    string,
)
from .uapi import (
    CTRL_ATTR_FAMILY_ID,
    CTRL_ATTR_FAMILY_NAME,
    CTRL_CMD_GETFAMILY,
    GENL_ID_CTRL,
    IPVS_GENL_NAME,
    IPVS_GENL_VERSION,
    IpvsCmd,
)

__all__ = [
    "Connections",
    "Destination",
    "DestinationKey",
    "ForwardingMethod",
    "Ipvs",
    "IpvsUnavailable",
    "NetlinkError",
    "Service",
    "ServiceKey",
    "Table",
    "TunnelFlags",
    "TunnelType",
    "normal",
]

NO_SERVICES: Changes[ServiceKey, Service] = Changes()
NO_DESTINATIONS: Changes[DestinationKey, Destination] = Changes()


class IpvsUnavailable(Exception):
    """The kernel has no IPVS."""


class TableStep(NamedTuple):
    """One request of a batch, and what to say when it is refused; `already` are the refusals that mean it is so.

    What cannot even be said to the kernel has no request but the reason, and counts as refused.
    """

    request: Request | str
    subject: ServiceKey | DestinationKey
    service: Service | None = None
    already: frozenset[int] = frozenset()


GONE = frozenset({ENOENT, ESRCH})
UNSPEAKABLE = (ValueError, OverflowError, CannotPack)  # a value that has no place in its message


class Ipvs:
    """The IPVS table of the network namespace that `socket` was opened in.

    Raises IpvsUnavailable when the kernel has no IPVS.
    """

    def __init__(self, socket: NetlinkTransport) -> None:
        self._socket = socket
        self._family = family(socket)

    def services(self) -> dict[ServiceKey, Service]:
        """Read every virtual service of the kernel, without the destinations."""
        return dict(map(ipvs_decode.decode_service, self._dump(IpvsCmd.GET_SERVICE)))

    def dump(self) -> Table:
        """The whole table. Raises BadMessage, NetlinkError."""
        return self._table(self.services(), {})

    def counted(self, service: ServiceKey | None = None) -> tuple[Table, dict[DestinationKey, Connections]]:
        """The whole table, or one service of it, and how much each destination carries: read once, so they fit."""
        counts: dict[DestinationKey, Connections] = {}
        services = self.services()
        if service is not None:
            services = {key: value for key, value in services.items() if key == service}
        return self._table(services, counts), counts

    def _table(self, services: dict[ServiceKey, Service], counts: dict[DestinationKey, Connections]) -> Table:
        table = Table(services)
        for service in services:
            for key, destination, (active, inactive, persistent) in self._destinations(service):
                table.destinations[key] = destination
                if active or inactive or persistent:
                    counts[key] = Connections(active, inactive, persistent)
        return table

    def destinations(self, service: ServiceKey) -> dict[DestinationKey, Destination]:
        """Those of one service; none when there is no such service."""
        return {key: destination for key, destination, _unused in self._destinations(service)}

    def connections(self, services: Iterable[ServiceKey] | None = None) -> dict[DestinationKey, Connections]:
        """How much each destination of these services carries; of all services without an argument."""
        return {
            key: Connections(*counts)
            for service in (self.services() if services is None else services)
            for key, _unused, counts in self._destinations(service)
        }

    def apply(
        self,
        services: Changes[ServiceKey, Service] = NO_SERVICES,
        destinations: Changes[DestinationKey, Destination] = NO_DESTINATIONS,
    ) -> None:
        """Carry out the changes: a service before its destinations come, and after they went.

        Wanted destinations come before unwanted ones go, so a service is never empty in between. What is refused does
        not stop the rest; all of it is in one NetlinkError, object by object. What is gone already counts as removed.
        """
        steps = [*self._service_steps(services), *self._destination_steps(services, destinations)]
        steps += [self._step(IpvsCmd.DEL_SERVICE, key, already=GONE) for key in services.remove]
        refused = [(step, Refusal(0, EINVAL, step.request)) for step in steps if isinstance(step.request, str)]
        asked = [(step, step.request) for step in steps if isinstance(step.request, Request)]
        for refusal in self._socket.batch([request for _unused, request in asked]) if asked else ():
            step = asked[refusal.position][0]
            if refusal.code not in step.already:
                refused.append((step, refusal))
        if refused:
            raise NetlinkError(named(refused))

    def _request(self, payload: bytes, flags: int = 0) -> Request:
        return Request(self._family, flags, payload)

    def _dump(self, command: IpvsCmd) -> list[bytes]:
        return self._socket.dump(self._request(generic(command, IPVS_GENL_VERSION), NLM_F_DUMP))

    def _destinations(self, service: ServiceKey) -> Iterable[ipvs_decode.Entry]:
        asked = ipvs_encode.destination_head(IpvsCmd.GET_DEST, service)
        payloads = self._socket.dump(self._request(asked, NLM_F_DUMP))
        return (ipvs_decode.decode_destination(service, payload) for payload in payloads)

    def _step(
        self,
        command: IpvsCmd,
        key: ServiceKey,
        service: Service | None = None,
        already: frozenset[int] = frozenset(),
    ) -> TableStep:
        try:
            request: Request | str = self._request(ipvs_encode.service_message(command, key, service))
        except UNSPEAKABLE as error:
            request = unspeakable(error)
        return TableStep(request, key, service, already)

    def _service_steps(self, services: Changes[ServiceKey, Service]) -> list[TableStep]:
        added = [self._step(IpvsCmd.NEW_SERVICE, key, service) for key, service in services.add.items()]
        return added + [self._step(IpvsCmd.SET_SERVICE, key, service) for key, service in services.update.items()]

    def _destination_steps(
        self, services: Changes[ServiceKey, Service], destinations: Changes[DestinationKey, Destination]
    ) -> list[TableStep]:
        """The destinations of a removed service go with it."""
        heads: dict[tuple[IpvsCmd, ServiceKey], bytes] = {}

        def step(
            command: IpvsCmd, key: DestinationKey, value: Destination | None, already: frozenset[int]
        ) -> TableStep:
            head = heads.get((command, key.service))
            if head is None:
                head = heads[command, key.service] = ipvs_encode.destination_head(command, key.service)
            try:
                request = Request(self._family, 0, ipvs_encode.destination_message(head, key, value))
            except UNSPEAKABLE as error:
                return TableStep(unspeakable(error), key, None, already)
            return TableStep(request, key, None, already)

        none: frozenset[int] = frozenset()
        steps = [step(IpvsCmd.NEW_DEST, key, value, none) for key, value in destinations.add.items()]
        steps += [step(IpvsCmd.SET_DEST, key, value, none) for key, value in destinations.update.items()]
        gone = (key for key in destinations.remove if key.service not in services.remove)
        return steps + [step(IpvsCmd.DEL_DEST, key, None, GONE) for key in gone]


def family(socket: NetlinkTransport) -> int:
    """The number that generic netlink gave IPVS. Raises IpvsUnavailable."""
    name = attribute(CTRL_ATTR_FAMILY_NAME, string(IPVS_GENL_NAME))
    try:
        answer = socket.ask(Request(GENL_ID_CTRL, 0, generic(CTRL_CMD_GETFAMILY, 1, name)))
    except NetlinkError as reason:
        if any(refusal.code == ENOENT for _unused, refusal in reason.refusals):
            raise IpvsUnavailable("the kernel has no IPVS: modprobe ip_vs") from reason
        raise
    number = attributes(answer, GENERIC.size).get(CTRL_ATTR_FAMILY_ID, b"")
    if len(number) != ipvs_encode.U16.size:
        raise BadMessage("generic netlink does not say the number of IPVS")
    return int(ipvs_encode.U16.unpack(number)[0])


def unspeakable(error: Exception) -> str:
    """Return in words why a value of a request was not sent to the kernel."""
    return f"a value does not fit into the message to the kernel ({error})"


def named(refused: Sequence[tuple[TableStep, Refusal]]) -> list[tuple[str, Refusal]]:
    """Which object, and why; the destinations of a service that could not be made go without saying."""
    missing = {step.subject for step, refusal in refused if step.service is not None and refusal.code != EEXIST}
    told = []
    for step, refusal in refused:
        if isinstance(step.subject, ServiceKey):
            told.append((f"service {step.subject}", refusal._replace(reason=why(step, refusal))))
        elif step.subject.service not in missing:
            told.append((f"destination {step.subject}", refusal._replace(reason=why(step, refusal))))
    return told


def why(step: TableStep, refusal: Refusal) -> str:
    """An errno in the words of IPVS (net/netfilter/ipvs/ip_vs_ctl.c)."""
    service = step.service
    if service is not None and refusal.code == ENOENT:
        unknown = f"scheduler {service.scheduler!r} unknown to the kernel: module ip_vs_{service.scheduler}"
        if service.persistence_engine:
            engine = service.persistence_engine
            unknown += f"; or persistence engine {engine!r}: module ip_vs_pe_{engine}"
        return unknown
    words: dict[int, str] = {}
    if isinstance(step.subject, ServiceKey):
        words = {EEXIST: "exists already", ESRCH: "no such service"}
    else:
        words = {EEXIST: "exists already", ENOENT: "no such destination", ESRCH: "no such service"}
    return words.get(refusal.code, refusal.reason)
