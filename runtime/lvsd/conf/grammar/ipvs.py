# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`virtual_server`, `real_server` and `virtual_server_group`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any

from lvsd.model import CheckTiming, Forwarding, Method, RealServer, SorryServer, VirtualServer

from .checks import CHECKS, timing
from .entry import Block, Ignored, Keyword, Kind, Words, kept
from .line import options, readers
from .notify import NO_MAIL
from .number import integer, none_of, whole
from .value import (
    address_of,
    address_port,
    boolean,
    choice,
    command,
    flag,
    member,
    port_of,
    remark_on_length,
    string,
    text,
    without_length,
)

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos")
FLAGS = ("flag-1", "flag-2", "flag-3", "sh-port", "sh-fallback", "mh-port", "mh-fallback")
CHECKSUMS = ("nocsum", "csum", "remcsum")
METHODS = ("NAT", "DR", "TUN")
TUNNELS = ("ipip", "gue", "gre")


def tunnel_type(word: str) -> str:
    """Return the kind of a tunnel. Raises ValueError for one that IPVS does not have."""
    if word not in TUNNELS:
        raise ValueError(none_of(word, TUNNELS))
    return word


# --- lvs_method ----------------------------------------------------------------------------------

TUNNEL = (
    Keyword(
        "type", "tunnel_type", text("ipip|gue|gre", "", tunnel_type, choices=TUNNELS), "The encapsulation.", "ipip"
    ),
    Keyword("port", "tunnel_port", integer(0, 65535), "The UDP port of gue."),
    Keyword("checksum", "tunnel_flags", choice(*CHECKSUMS), "How the outer header is summed."),
)
TUNNEL_OPTIONS = readers(TUNNEL[:2])  # a word of `checksum` stands by itself


def read_method(words: Words) -> Method:
    """Return a forwarding method, with the options of a tunnel. Raises `Ignored` or ValueError."""
    kind = str(words[0])
    if kind not in METHODS:
        raise Ignored(none_of(kind, METHODS))
    forwarding = Forwarding[kind]
    if len(words) == 1 or forwarding is not Forwarding.TUN:
        return Method(forwarding=forwarding)
    try:
        return tunnel(words)
    except ValueError as error:  # what keepalived makes of it is another tunnel
        raise ValueError(str(error)) from None


def remark_on_method(words: Words) -> str | None:
    """Return a warning about options behind NAT or DR, which have none."""
    if len(words) == 1 or words[0] not in ("NAT", "DR"):
        return None
    return f"{words[0]} takes no options, they belong to TUN: '{' '.join(words[1:])}' is ignored"


def tunnel(words: Words) -> Method:
    """Return the method TUN with its options. Raises ValueError where type and port do not belong together."""
    flags = [word for word in words[1:] if word in CHECKSUMS]
    found = options(tuple(word for word in words[1:] if word not in CHECKSUMS), TUNNEL_OPTIONS)
    method = Method(
        forwarding=Forwarding.TUN,
        tunnel_type=found.get("type"),
        tunnel_port=found.get("port"),
        tunnel_flags=flags[-1] if flags else None,
    )
    if (method.tunnel_type == "gue") != (method.tunnel_port is not None):
        raise ValueError("TUN type gue and port N need each other")
    return method


def write_method(method: Method, _unused: Any) -> Words:
    """Return a forwarding method as words."""
    kind = ("type", method.tunnel_type) if method.tunnel_type else ()
    port = ("port", str(method.tunnel_port)) if method.tunnel_port is not None else ()
    return (method.forwarding.name, *kind, *port, *filter(None, (method.tunnel_flags,)))


METHOD = Kind(
    "NAT|DR|TUN [type ipip|gue|gre] [port N] [nocsum|csum|remcsum]",
    read_method,
    write_method,
    1,
    6,
    remark=remark_on_method,
    choices=METHODS,
    words=TUNNEL,
)

# --- persistence ---------------------------------------------------------------------------------


LENGTHS = (1, 128)  # bits of a prefix
MASK = re.compile(r"[0-9]+(\.[0-9]+){3}")


def read_granularity(word: str) -> int:
    """Return the length of the mask for persistence, from a length or an IPv4 mask. Raises `Ignored` or ValueError."""
    if "." not in word:
        try:
            return whole(word, *LENGTHS)
        except ValueError as error:
            raise Ignored(str(error)) from None
    try:
        return IPv4Network(f"0.0.0.0/{IPv4Address(word)}").prefixlen
    except ValueError:
        raise (ValueError if MASK.fullmatch(word) else Ignored)(f"'{word}' is not a netmask") from None


def engine() -> Kind:
    """The kernel has one; what it refuses, keepalived asks for all the same."""

    def read(words: Words) -> str:
        if words[0] != "sip":
            raise ValueError(none_of(words[0], ["sip"]))
        return "sip"

    return Kind("sip", read, lambda value, _: (value,), choices=("sip",))


def write_granularity(length: int, server: VirtualServer) -> Words:
    """Return the mask as keepalived wants it: a length for IPv6, a mask for IPv4."""
    six = server.ip_family == "inet6" or isinstance(server.address, IPv6Address)
    return (str(length) if six or length > 32 else str(IPv4Network(f"0.0.0.0/{length}").netmask),)


LONGEST = 31 * 86400  # seconds


def remark_on_persistence(words: Words) -> str | None:
    """Return a warning about the timeout 0, which keepalived reads as no persistence."""
    return f"'0' is outside 1 to {LONGEST}: there is no persistence" if words and words[0] == "0" else None


PERSISTENCE = Kind(
    "[SECONDS] (360)",
    lambda words: (0 if words[0] == "0" else whole(words[0], 1, LONGEST)) if words else 360,
    lambda value, _: (str(value),),
    0,
    1,
    remark=remark_on_persistence,
    type="int",
    low=1,
    high=LONGEST,
    unit="seconds",
)

# --- keys ----------------------------------------------------------------------------------------


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


def service_port(word: str) -> int:
    """Return the port of a service or a server. Raises `Ignored`, as a bad one is left out."""
    try:
        return port_of(word)
    except ValueError as error:
        raise Ignored(str(error)) from None


def write_service_key(server: VirtualServer) -> Words:
    """Return the words behind `virtual_server`: a mark, or an address with its port."""
    if server.address is None:
        return ("fwmark", str(server.fwmark))
    return (str(server.address), str(server.port)) if server.port else (str(server.address),)


def read_server_key(words: Words) -> Mapping[str, Any]:
    """Return the address and the port behind `real_server`. Raises ValueError."""
    if not 1 <= len(words) <= 2:
        raise ValueError("needs ADDRESS [PORT]")
    return {
        "address": address_of(without_length(words[0])),
        "port": service_port(words[1]) if len(words) == 2 else None,
    }


def write_server_key(server: RealServer) -> Words:
    """Return the words behind `real_server`."""
    return (str(server.address),) if server.port is None else (str(server.address), str(server.port))


# --- real_server ---------------------------------------------------------------------------------

LARGE = 65535  # above it, newer versions of keepalived refuse a weight


def remark_on_weight(words: Words) -> str | None:
    """Return a warning about a weight that only older versions of keepalived take."""
    return f"'{words[0]}' is outside 0 to {LARGE}, the range of newer versions" if int(words[0]) > LARGE else None


def read_weight(words: Words) -> int:
    """Return a weight, also a large one of older versions. Raises `Ignored` or ValueError."""
    try:
        return whole(words[0], 0, LARGE)
    except ValueError:
        if words[0].isdigit() and words[0].isascii() and LARGE < int(words[0][:12]) < 2**31:
            return int(words[0])
        raise


WEIGHT = replace(integer(0, LARGE), read=read_weight, remark=remark_on_weight)
REAL_SERVER = Block(
    "real_server",
    "real_servers",
    RealServer,
    (
        Keyword(
            "weight", "weight", WEIGHT, "Share of the connections; 0 takes no new ones.", "the virtual server's, else 1"
        ),
        Keyword("lvs_method", "method", METHOD, "How packets reach the real server.", "the virtual server's"),
        Keyword(
            "uthreshold",
            "upper_threshold",
            integer(0, 2**32 - 1),
            "Takes no new connections above this many.",
            "0, no limit",
        ),
        Keyword(
            "lthreshold", "lower_threshold", integer(0, 2**32 - 1), "Takes new connections again below this many.", "0"
        ),
        Keyword(
            "inhibit_on_failure",
            "inhibit_on_failure",
            boolean(),
            "A server that is down stays in the table with weight 0 and keeps its connections.",
            "the virtual server's",
        ),
        Keyword(
            "virtualhost", "virtualhost", string("NAME"), "Host name in HTTP checks.", "the virtual server's", bare=True
        ),
        *timing("the virtual server's"),
        Keyword("notify_up", "notify_up", command(), "Command that runs when the real server comes up."),
        Keyword("notify_down", "notify_down", command(), "Command that runs when the real server goes down."),
        *CHECKS,
        kept("smtp_alert", "Sends a mail on every change.", NO_MAIL, "[on|off]"),
        kept("snmp_name", "Name over SNMP.", "there is no SNMP agent", "NAME"),
    ),
    "A server that answers for the virtual server. It is up while no check of it has failed.",
    "ADDRESS [PORT]",
    read_server_key,
    write_server_key,
    groups={"timing": CheckTiming},
    most=2,
    remark=remark_on_length,
)

# --- virtual_server ------------------------------------------------------------------------------

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
            replace(
                text("NETMASK|LENGTH", "netmask", read_granularity, low=LENGTHS[0], high=LENGTHS[1]),
                write=write_granularity,
            ),
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
