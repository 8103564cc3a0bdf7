# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of `virtual_ipaddress`: an address, its prefix length and the options of `ip address`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from lvsd.model import Address, VirtualAddress

from .entry import Ignored, Keyword, Words
from .line import options, readers, remaining
from .number import whole
from .value import address_of, flag, host_of, interface, looks_like_address, short, text

VIRTUAL_ADDRESS = (
    "ADDRESS[/LENGTH] [dev INTERFACE] [brd ADDRESS|+|-] [scope SCOPE] [label LABEL] [peer ADDRESS] [home] [-nodad] "
    "[mngtmpaddr] [noprefixroute] [autojoin] [preferred_lft N|forever] [use_vmac] [no_track] [track_group NAME]"
)
SCOPES = ("site", "link", "host", "nowhere", "global")
LARGEST_SCOPE = 255
LONGEST_LIFE = 2**32 - 1  # seconds


def some(word: str) -> str:
    """Return a word that is not empty. Raises ValueError."""
    if not word:
        raise ValueError("is empty")
    return str(word)


def scope(word: str) -> str:
    """Return the scope of an address: a name of iproute2, or a number up to 255. Raises `Ignored`."""
    try:
        return word if word in SCOPES else str(whole(word, 0, LARGEST_SCOPE))
    except ValueError:
        known = ", ".join(SCOPES)
        raise Ignored(f"'{word[:80]}' is none of {known}, and no number from 0 to {LARGEST_SCOPE}") from None


def broadcast(word: str) -> str:
    """Return an IPv4 broadcast address, `+` or `-` as in `ip address`. Raises `Ignored`."""
    if word in ("+", "-"):
        return str(word)
    address = address_of(word)
    if address.version != 4 or address.is_unspecified:
        raise Ignored(f"'{word}' is not an IPv4 broadcast address")
    return str(address)


def label(word: str) -> str:
    """Return a label that fits into the kernel's 15 bytes. Raises `Ignored`."""
    try:
        return short(word)
    except ValueError as error:
        raise Ignored(str(error)) from None


def peer(word: str) -> str:
    """Return the other end of a point-to-point address, with a length where one is given.

    Raises `Ignored` or ValueError.
    """
    host, slash, length = word.partition("/")
    address = host_of(host)
    if slash and not length.isdigit():
        raise Ignored(f"'{word}' is not an IP address with a length")
    return str(address) + (f"/{whole(length, 0, address.max_prefixlen)}" if slash else "")


def lifetime(word: str) -> str:
    """Return a lifetime in seconds as text, or `forever`. Raises `Ignored` or ValueError."""
    return word if word == "forever" else str(whole(word, 0, LONGEST_LIFE))


LINE = (
    Keyword(
        "address",
        "address",
        text("ADDRESS[/LENGTH]", "address_with_prefix", lambda word: host_and_length(word, [])),
        "Address and prefix length; without a length it is a host address.",
    ),
    Keyword("dev", "dev", interface(), "Interface that carries the address.", "the instance's"),
    Keyword(
        "brd",
        "broadcast",
        text("ADDRESS|+|-", "broadcast", broadcast),
        "Broadcast address of IPv4; + derives it from the prefix length, - sets none.",
        aliases=("broadcast",),
    ),
    Keyword(
        "scope",
        "scope",
        text("SCOPE", "scope", scope, low=0, high=LARGEST_SCOPE, choices=SCOPES),
        f"Reach of the address: {', '.join(SCOPES)}, or a number.",
    ),
    Keyword("label", "label", text("LABEL", "label", label), "Label: the interface's name with a suffix; IPv4 only."),
    Keyword("peer", "peer", text("ADDRESS[/LENGTH]", "peer", peer), "Other end of a point-to-point link."),
    Keyword("home", "home", flag(), "Marks it as a home address of Mobile IPv6."),
    Keyword("-nodad", "nodad", flag(), "No duplicate address detection; IPv6 only.", aliases=("nodad",)),
    Keyword("mngtmpaddr", "mngtmpaddr", flag(), "Manages temporary addresses; IPv6 only."),
    Keyword("noprefixroute", "noprefixroute", flag(), "Adds no route for the prefix."),
    Keyword("autojoin", "autojoin", flag(), "Joins the multicast group that the address is."),
    Keyword(
        "preferred_lft",
        "preferred_lft",
        text("SECONDS|forever", "lifetime", lifetime, low=0, high=LONGEST_LIFE),
        "Preferred lifetime in seconds, or forever.",
    ),
    Keyword("no_track", "no_track", flag(), "Does not give the addresses up when this one is deleted by others."),
)
LATER: dict[str, Callable[[str], Any] | None] = {"use_vmac": None, "track_group": some}  # read and written, no more
OPTIONS = {**readers(LINE[1:]), **LATER}
FORGIVEN = frozenset({"scope", "peer"})  # where keepalived leaves out the word, not the address
FIELDS = {word.name: str(word.field) for word in LINE}


def read_virtual_address(words: Words) -> VirtualAddress:
    """A line as an address; without a prefix length it is a host address (keepalived.conf(5))."""
    said: list[str] = []
    address, prefix_length = host_and_length(words[0], said)
    found = options(words[1:], OPTIONS, FORGIVEN, said) if len(words) > 1 else {}
    fields = {FIELDS.get(name, name): value for name, value in found.items()}
    virtual = assignable(VirtualAddress(address=address, prefix_length=prefix_length, **fields), said)
    return cast(VirtualAddress, remaining(virtual, said)) if said else virtual


def host_and_length(word: str, said: list[str]) -> tuple[Address, int]:
    """The address, and its prefix length or the longest where none is given."""
    host, slash, length = word.partition("/")
    address = address_of(host)
    return address, prefix(length, address.max_prefixlen, said) if slash else address.max_prefixlen


def prefix(length: str, longest: int, said: list[str]) -> int:
    """The length behind the slash; keepalived takes the longest for one that is outside of what there is."""
    try:
        return whole(length, 0, longest)
    except Ignored as error:
        said.append(f"{error}: it is {longest}")
        return longest


def assignable(virtual: VirtualAddress, said: list[str]) -> VirtualAddress:
    """What the kernel can be asked for.  Raises ValueError for what it refuses, Ignored for what keepalived skips."""
    address, broadcast = virtual.address, virtual.broadcast
    if not int(address):
        raise ValueError("no interface can have this address")
    if address.version == 6 and address.is_multicast and not virtual.autojoin:
        raise ValueError("no interface can have this address without 'autojoin'")
    if broadcast is not None and address.version == 6:
        raise Ignored(f"brd {broadcast}: an IPv6 address has no broadcast address; leave 'brd' out")
    if virtual.peer is not None and address_of(virtual.peer.partition("/")[0]).version != address.version:
        said.append(f"peer {virtual.peer} is not IPv{address.version} as the address")
        return replace(virtual, peer=None)
    return virtual


def write_virtual_address(virtual: VirtualAddress) -> Words:
    """Return the words of one line: the address with its length, then each option that is set."""
    words = [f"{virtual.address}/{virtual.prefix_length}"]
    for name in OPTIONS:
        if name in ("broadcast", "nodad"):
            continue  # the same fields as brd and -nodad
        value = getattr(virtual, FIELDS.get(name, name))
        if value is True:
            words.append(name)
        elif value is not None and value is not False:
            words += (name, value)
    return tuple(words)


def starts_address(words: Words, index: int) -> bool:
    """Whether a word begins the next address of a line, and is not the value of an option before it."""
    return looks_like_address(words[index]) and words[index - 1] not in ("brd", "broadcast", "peer", "label", "dev")
