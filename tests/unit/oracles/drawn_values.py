# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values for an option, in and out of what the daemon's schema allows: at the edges, and anywhere, by a seed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword

FAR = {"int": 10**17, "float": 10**11}  # more digits are no number to the daemon
LETTERS = "abcXYZ019._-+:/@,;=%é ßx"
ADDRESSES = ("0.0.0.0", "255.255.255.255", "224.0.0.18", "127.0.0.1", "::", "::1", "ff02::12", "fe80::1", "fe80::1%lo")
WORDS = (
    *("x", "a b", "on", "off", "none", "+", "-", ".", "..", "forever", "global"),
    *("é" * 7, "é" * 8, "a" * 15, "a" * 16),
)


def values(keyword: Keyword, random: Random, count: int) -> Iterator[Any]:
    """At most `count` values for an option that takes other ones than yes and no, as it takes them."""
    is_list = keyword.kind in ("words", "names") or keyword.type == "list"
    for value in _scalars(keyword, random, count):
        yield [value] if is_list else value


def _scalars(keyword: Keyword, random: Random, count: int) -> Iterator[Any]:
    if keyword.type in ("int", "float") and keyword.low is not None and keyword.high is not None:
        return _numbers(keyword, random, count)
    if keyword.choices and keyword.type == "int":
        return iter(range(min(keyword.choices) - 9, max(keyword.choices) + 9))
    if keyword.choices:
        return _words(tuple(map(str, keyword.choices)), random, count)
    return _texts(keyword, random, count)


def _numbers(keyword: Keyword, random: Random, count: int) -> Iterator[float]:
    """At both ends of the range, beside them, inside, outside and far away."""
    low, high = keyword.low or 0, keyword.high or 0
    far = FAR[keyword.type]
    step = 0.000001 if keyword.type == "float" else 1
    edges = [end + by * step for end in (low, high) for by in (-2, -1, 0, 1, 2)] + [0, 1, -1, -far, far]
    width = high - low + 1
    for number in range(count):
        if number < len(edges):
            found = edges[number]
        else:
            found = random.choice(
                (
                    lambda: random.uniform(low, high),
                    lambda: random.uniform(high, high + width),
                    lambda: random.uniform(low - width, low),
                    lambda: far ** random.uniform(-0.5, 1),
                )
            )()
        yield round(float(found), 6) if keyword.type == "float" else int(found)


def _words(known: tuple[str, ...], random: Random, count: int) -> Iterator[str]:
    """Words that are known, in other letters, with more or fewer of them, and others."""
    yield from known
    for _number in range(count - len(known)):
        word = random.choice(known)
        yield random.choice(
            (word.lower(), word.upper(), word[:-1], word + random.choice(LETTERS), _any(random), word.swapcase())
        )


def _texts(keyword: Keyword, random: Random, count: int) -> Iterator[str]:
    form = keyword.form.__name__ if keyword.form else ""
    fitting = FITTING.get(form, _any)
    yield from ("", *WORDS)
    for number in range(count - len(WORDS) - 1):
        text = (fitting if number % 4 else _any)(random)
        yield text if number % 5 else _bent(text, random)


def _any(random: Random) -> str:
    return "".join(random.choice(LETTERS) for _unused in range(random.randrange(1, 20)))


def _bent(text: str, random: Random) -> str:
    """With one character more, less or other."""
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(("", random.choice(LETTERS))) + text[at + random.randrange(2) :]


def _address(random: Random) -> str:
    kind = random.randrange(8)
    if kind == 0:
        return random.choice(ADDRESSES)
    if kind < 5:
        return ".".join(str(random.randrange(0, 258)) for _unused in range(random.choice((4, 4, 4, 4, 3, 5))))
    return str(ipaddress.IPv6Address(random.getrandbits(128) & random.getrandbits(128) & random.getrandbits(128)))


def _with_length(random: Random) -> str:
    return _address(random) + random.choice(("", f"/{random.randrange(0, 34)}", f"/{random.randrange(-1, 131)}"))


def _number(low: int, high: int) -> Callable[[Random], str]:
    return lambda random: str(random.choice((low - 1, low, high, high + 1, random.randint(low - 9, high + 9))))


def _mask(random: Random) -> str:
    bits = random.randrange(0, 34)
    valid = str(ipaddress.IPv4Address((2**32 - 1) ^ (2 ** (32 - min(bits, 32)) - 1)))
    return random.choice((valid, valid, _address(random), str(random.randrange(0, 132))))


def _status(random: Random) -> str:
    one, other = (str(random.choice((99, 100, 599, 600, random.randrange(90, 610)))) for _unused in range(2))
    return random.choice((one, f"{one}-{other}", f"{one}-"))


def _digest(random: Random) -> str:
    return "".join(random.choice("0123456789abcdefABCDEF") for _unused in range(random.choice((31, 32, 32, 32, 33))))


def _command(random: Random) -> str:
    words = [random.choice(("/bin/true", "/bin/echo", "true", "./x", "")), *(_any(random) for _unused in range(2))]
    return " ".join(words) + random.choice(("", "", " 'x y'", " 'x", ' "x'))


FITTING: dict[str, Callable[[Random], str]] = {
    **dict.fromkeys(("address", "host", "multicast4", "multicast6", "broadcast"), _address),
    **dict.fromkeys(("address_with_prefix", "peer"), _with_length),
    "netmask": _mask,
    "scope": _number(0, 255),
    "lifetime": _number(0, 2**32 - 1),
    "status_code": _status,
    "md5": _digest,
    "command": _command,
}
