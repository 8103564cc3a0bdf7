# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`virtual_server` and `virtual_server_group`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvsd.model import CheckTiming, SorryServer, VirtualServer

from .entry import Block, Keyword, Words, kept
from .method import METHOD
from .notify import NO_MAIL
from .number import integer, whole
from .persistence import GRANULARITY, PERSISTENCE, engine
from .real_server import REAL_SERVER, WEIGHT, service_port
from .timing import timing
from .value import (
    address_of,
    address_port,
    boolean,
    choice,
    command,
    flag,
    member,
    remark_on_length,
    string,
    without_length,
)

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos")
FLAGS = ("flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback")


def read_service_key(words: Words) -> Mapping[str, Any] | None:
    """ADDRESS [PORT], fwmark N; None for `group NAME`."""
    match words:
        case ("group", name) if name:
            return None
        case ("fwmark", mark):
            return {"fwmark": mark_of(mark)}
        case (address,) if address != "fwmark":
            return {"address": address_of(without_length(address))}
        case (address, port):
            return {"address": address_of(without_length(address)), "port": service_port(port)}
    raise ValueError("needs ADDRESS PORT, fwmark N or group NAME")


def mark_of(word: str) -> int:
    """Return a firewall mark of 1 to 2**32 - 1. Raises ValueError."""
    try:
        return whole(word, 1, 2**32 - 1)
    except ValueError as error:  # keepalived reads memory that is not the service's
        raise ValueError(str(error)) from None


def write_service_key(server: VirtualServer) -> Words:
    """Return the words behind `virtual_server`: a mark, or an address with its port."""
    if server.address is None:
        return ("fwmark", str(server.fwmark))
    return (str(server.address), str(server.port)) if server.port else (str(server.address),)


VIRTUAL_SERVER = Block(
    "virtual_server",
    "virtual_servers",
    VirtualServer,
    (
        Keyword("ip_family", "ip_family", choice("inet", "inet6"), "Family of a fwmark service.", "inet"),
        Keyword(
            "lb_algo", "scheduler", choice(*SCHEDULERS), "The scheduler.", "wlc", aliases=("lvs_sched",), always=True
        ),
        *(Keyword(name, "scheduler_flags", member(name), f"The scheduler's flag {name}.") for name in FLAGS),
        Keyword("ops", "one_packet", flag(), "Schedules every datagram by itself (one-packet scheduling); UDP only."),
        Keyword(
            "lb_kind",
            "method",
            METHOD,
            "How packets reach the real servers.",
            "NAT",
            aliases=("lvs_method",),
            always=True,
        ),
        Keyword(
            "persistence_timeout",
            "persistence_timeout",
            PERSISTENCE,
            "A client stays with its server this long.",
            "0, off",
        ),
        Keyword(
            "persistence_granularity",
            "persistence_netmask",
            GRANULARITY,
            "Netmask, or prefix length of IPv6: clients in one such network stay together.",
            "one address",
        ),
        Keyword("persistence_engine", "persistence_engine", engine(), "Keeps SIP calls together."),
        Keyword(
            "protocol",
            "protocol",
            choice("TCP", "UDP", "SCTP", fold=True),
            "The protocol; keepalived wants it said.",
            "UDP",
        ),
        Keyword("weight", "weight", WEIGHT, "Weight of real servers that do not say one.", "1"),
        *timing("", strict=False),
        Keyword("quorum", "quorum", integer(1, 2**31 - 1), "Weight of live real servers that the service needs.", "1"),
        Keyword(
            "hysteresis",
            "hysteresis",
            integer(0, 2**31 - 1),
            "How far the weight has to be above the quorum to regain it, or below to lose it.",
            "0",
        ),
        Keyword("quorum_up", "quorum_up", command(), "Command that runs when the quorum is gained."),
        Keyword("quorum_down", "quorum_down", command(), "Command that runs when the quorum is lost."),
        Keyword("omega", "omega", flag(), "Runs notify_down and quorum_down at stop."),
        Keyword(
            "inhibit_on_failure",
            "inhibit_on_failure",
            boolean(strict=False),
            "A server that is down stays in the table with weight 0 and keeps its connections.",
            "off",
        ),
        Keyword("virtualhost", "virtualhost", string("NAME"), "Host name in HTTP checks.", bare=True),
        Keyword(
            "sorry_server",
            ("sorry_server.address", "sorry_server.port"),
            address_port(),
            "Takes the place of the real servers while the quorum is lost.",
        ),
        Keyword(
            "sorry_server_lvs_method",
            "sorry_server.method",
            METHOD,
            "How packets reach the sorry server.",
            "the virtual server's",
        ),
        Keyword(
            "sorry_server_inhibit",
            "sorry_server.inhibit",
            flag(),
            "Keeps the sorry server in the table with weight 0 while the quorum holds.",
        ),
        REAL_SERVER,
        kept("hashed", "The kernel sets this flag of every service itself.", None),
        kept("ha_suspend", "Checks only while the address is on this host.", "the checks always run"),
        kept("smtp_alert", "Sends a mail when the quorum changes.", NO_MAIL, "[on|off]"),
        kept("snmp_name", "Name over SNMP.", "there is no SNMP agent", "NAME"),
    ),
    "A service of the kernel's load balancer.",
    "ADDRESS [PORT] | fwmark N | group NAME",
    read_service_key,
    write_service_key,
    groups={"timing": CheckTiming, "sorry_server": SorryServer},
    most=2,
    remark=remark_on_length,
    kept_effect="'virtual_server group' is known but not implemented yet: the service is not set up",
)

VIRTUAL_SERVER_GROUP = kept(
    "virtual_server_group",
    "Addresses, ranges and marks that share one virtual server.",
    "the services of the group are not set up",
    "NAME { ADDRESS[-RANGE] [PORT] | fwmark N ... }",
    lines=True,
    worker="checker",
)
