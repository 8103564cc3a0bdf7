# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker leaves to its successor, however it ends: a line that names the instances, then their numbers.

    {"version": 1, "boot": "...", "instances": [{"name": "VI_1", "vrid": 51, ...}]}   padded to a multiple of 8 bytes
    for every instance `NUMBERS` doubles of the machine, in the order of the indexes below

A number is stored at once, so a worker can be killed at any instruction; while more than one of them changes, `KIND`
is 0, which says nothing.  Clocks are CLOCK_MONOTONIC, that means the same to every process of one boot; only `SINCE`
is the time of day.  Pure: `state_file` has the file.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from ipaddress import ip_address
from math import inf, isfinite
from struct import Struct
from typing import Any

from lvsd.kernel.rtnl_types import AddressKey
from lvsd.model import Address
from lvsd.record import record

from .fsm import Active, Backup, State
from .parameters import LONGEST_V2, Identity

VERSION = 1
LONGEST = 8 << 20  # bytes; some tens of thousands of instances
ALIGNMENT = 8
KIND, LAST, DEADLINE, INTERVAL, PREEMPT_AT, FLAGS, SINCE, PRIORITY, ROUTER = range(9)
ROUTER_WORDS = 4  # of 32 bits: an address, in front padded with zero
NUMBERS = ROUTER + ROUTER_WORDS
WORDS = Struct(f"!{ROUTER_WORDS}I")
NOBODY = (0,) * ROUTER_WORDS
SLOT = Struct(f"={NUMBERS}d")
BACKUP, ACTIVE = 1.0, 2.0  # KIND
READY, YIELDING = 1, 2  # FLAGS

Numbers = tuple[float, ...]


@record(frozen=True, slots=True)
class Subject:
    """Whom the numbers are about; `addresses` are those that it holds in the kernel while it is Active."""

    name: str
    identity: Identity
    addresses: tuple[AddressKey, ...] = ()


@record(frozen=True, slots=True)
class Remembered:
    """A Virtual Router as a predecessor left it.

    `last`: when it sent (Active) or believed (Backup) its last advertisement.  `interval`: Active_Adver_Interval, or
    its own one while Active.
    """

    subject: Subject
    state: Backup | Active
    last: float
    interval: float
    since: float
    priority: int
    active_router: Address | None = None


class Slot:
    """Where the numbers of one instance are stored: `stored` is a part of the file; without one they are lost."""

    def __init__(self, stored: memoryview[float] | None = None) -> None:
        self._stored: memoryview[float] = memoryview(array("d", bytes(SLOT.size))) if stored is None else stored

    def renew(self, last: float, deadline: float) -> None:
        """Another advertisement of an instance that goes on as it was."""
        self._stored[LAST] = last
        self._stored[DEADLINE] = deadline

    def write(self, numbers: Numbers) -> None:
        """Store the numbers of one instance; `KIND` is 0 meanwhile, so that a crash leaves no mixture."""
        self._stored[KIND] = 0.0
        for at in range(KIND + 1, NUMBERS):
            self._stored[at] = numbers[at]
        self._stored[KIND] = numbers[KIND]


def numbers(
    state: State, last: float, interval: float, since: float, priority: int, active_router: Address | None
) -> Numbers:
    """What is stored of an instance; nothing of one in Initialize."""
    router = NOBODY if active_router is None else words_of(active_router)
    match state:
        case Active(deadline):
            return ACTIVE, last, deadline, interval, inf, 0, since, priority, *router
        case Backup(deadline, learned, preempt_at, ready, yielding):
            flags = READY * ready | YIELDING * yielding
            return BACKUP, last, deadline, learned, preempt_at, flags, since, priority, *router
    return (0.0,) * NUMBERS


def encode(boot: str, subjects: Iterable[Subject], every: Iterable[Numbers]) -> bytes:
    """The whole content of the file."""
    document = {"version": VERSION, "boot": boot, "instances": [described(subject) for subject in subjects]}
    line = json.dumps(document, separators=(",", ":")).encode() + b"\n"
    return line.rjust(-(-len(line) // ALIGNMENT) * ALIGNMENT) + b"".join(SLOT.pack(*one) for one in every)


def decode(content: bytes, boot: str) -> tuple[Remembered, ...]:
    """Those of which something is known.  Raises ValueError for anything but what this version wrote in this boot."""
    if len(content) > LONGEST:
        raise ValueError(f"it has more than {LONGEST} bytes")
    line, newline, rest = content.partition(b"\n")
    if not newline:
        raise ValueError("it does not begin with a line")
    try:
        document = json.loads(line)
    except RecursionError:
        raise ValueError("it nests too deep") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError(f"it is not of version {VERSION}")
    if document.get("boot") != boot:
        raise ValueError("it is from another boot")
    try:
        subjects = [subject(entry) for entry in document["instances"]]
    except (LookupError, TypeError, ArithmeticError) as error:
        raise ValueError(f"it does not name its instances: {error!r}") from None
    if len(rest) != SLOT.size * len(subjects):
        raise ValueError(f"it has {len(rest)} bytes for {len(subjects)} instances")
    known = zip(subjects, SLOT.iter_unpack(rest), strict=True)
    return tuple(remembered(who, what) for who, what in known if what[KIND] != 0)


def remembered(who: Subject, what: Numbers) -> Remembered:
    """Raises ValueError for numbers that no worker writes."""
    _unused, last, deadline, interval, preempt_at, flags, since, priority = what[:ROUTER]
    words = what[ROUTER:]
    sound = (
        what[KIND] in (BACKUP, ACTIVE)
        and all(isfinite(number) and number >= 0 for number in (last, deadline, interval, since))
        and 0 < interval <= LONGEST_V2
        and preempt_at >= 0
        and whole(flags, 0, READY | YIELDING)
        and whole(priority, 1, 255)
        and all(whole(word, 0, 0xFFFFFFFF) for word in words)
    )
    if not sound:
        raise ValueError(f"the numbers of {who.name!r} mean nothing")
    state = Active(deadline)
    if what[KIND] == BACKUP:
        return Remembered(
            who,
            Backup(deadline, interval, preempt_at, bool(int(flags) & READY), bool(int(flags) & YIELDING)),
            last, interval, since, int(priority), router_of(words, who.identity.family),
        )  # fmt: skip
    return Remembered(who, state, last, interval, since, int(priority))


def whole(number: float, least: int, most: int) -> bool:
    """Whether a stored number is a whole one of a closed range."""
    return least <= number <= most and number % 1 == 0


def words_of(router: Address) -> Numbers:
    """Return an address as the four words of a slot."""
    return WORDS.unpack(router.packed.rjust(WORDS.size, b"\0"))


def router_of(words: Numbers, family: int) -> Address | None:
    """Return the address in the four words of a slot; None where there is none."""
    packed = WORDS.pack(*map(int, words))
    return ip_address(packed[12:] if family == 4 else packed) if any(packed) else None


def described(subject: Subject) -> dict[str, Any]:
    """The entry of an instance in the first line."""
    who = subject.identity
    return {
        "name": subject.name,
        "vrid": who.vrid,
        "family": who.family,
        "interface": who.interface,
        "group": None if who.group is None else str(who.group),
        "source": None if who.source is None else str(who.source),
        "addresses": [[key.index, str(key.address), key.prefix_length] for key in subject.addresses],
    }


def subject(entry: dict[str, Any]) -> Subject:
    """The inverse of `described`.  Raises LookupError, TypeError, ArithmeticError or ValueError."""
    group, source = (None if entry[key] is None else ip_address(entry[key]) for key in ("group", "source"))
    vrid, family, interface = entry["vrid"], entry["family"], entry["interface"]
    if family not in (4, 6) or not isinstance(vrid, int) or not isinstance(interface, str | None):
        raise ValueError(f"there is no virtual router {vrid!r} of family {family!r} on {interface!r}")
    keys = (AddressKey(int(index), ip_address(text), int(length)) for index, text, length in entry["addresses"])
    return Subject(str(entry["name"]), Identity(vrid, family, interface, group, source), tuple(keys))


def unambiguous(left: Iterable[Remembered]) -> dict[Identity, Remembered]:
    """By identity; where two instances have one and the same, nothing is known of either."""
    found: dict[Identity, list[Remembered]] = {}
    for remembered in left:
        found.setdefault(remembered.subject.identity, []).append(remembered)
    return {identity: every[0] for identity, every in found.items() if len(every) == 1}
