# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of numbers: whole ones, times, and numbers of which only some are known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from .entry import Ignored, Kind, Words

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]*)?|\.[0-9]+")
SIGNED = re.compile(r"-(?:[0-9]{1,12}(?:\.[0-9]*)?|\.[0-9]+)")
LEADING = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]*)?")


def whole(word: str, least: int, most: int) -> int:
    """Return a whole number of a closed range. Raises `Ignored` outside of it, ValueError for another word."""
    if not INTEGER.fullmatch(word):
        raise no_number(word, least, most, f"'{word}' is not a whole number from {least} to {most}")
    number = int(word)
    if not least <= number <= most:
        raise Ignored(f"'{word}' is outside {least} to {most}")
    return number


def no_number(word: str, least: float, most: float, message: str) -> ValueError:
    """keepalived takes the digits that a word begins with, or 0, where that is in the range, and warns."""
    leading = LEADING.match(word)
    taken = float(leading[0]) if leading else 0.0
    return ValueError(message) if least <= taken <= most else Ignored(message)


def integer(least: int, most: int, unit: str = "") -> Kind:
    """A whole number in a closed range."""
    syntax = f"N ({least}..{most}{', ' + unit if unit else ''})"
    return Kind(
        syntax,
        lambda words: whole(words[0], least, most),
        lambda value, _: (str(value),),
        type="int",
        low=least,
        high=most,
        unit=unit,
    )


def none_of(word: str, known: Iterable[object]) -> str:
    """The rest of a sentence about a word that is not one of those that are known."""
    names = list(map(str, known))
    meant = next((f", did you mean {name}?" for name in names if name.lower() == word.lower()), "")
    return f"'{word[:80]}' is none of {', '.join(names)}{meant}"


def number(*known: int) -> Kind:
    """One of some whole numbers."""
    least, most = min(known), max(known)

    def read(words: Words) -> int:
        try:
            found = whole(words[0], least, most)
        except ValueError as error:
            raise type(error)(none_of(words[0], known)) from None
        if found not in known:
            raise Ignored(none_of(words[0], known))
        return found

    return Kind("|".join(map(str, known)), read, lambda value, _: (str(value),), type="int", choices=known)


def raised(least: int, most: int, *, lowered: bool = False) -> Kind:
    """A whole number that keepalived raises to `least`, and with `lowered` lowers to `most`, with a warning."""

    def read(words: Words) -> int:
        try:
            return whole(words[0], least, most)
        except ValueError as error:
            if not INTEGER.fullmatch(words[0]) or (int(words[0]) > most and not lowered) or words[0].startswith("-"):
                raise ValueError(str(error)) from None
            return least if int(words[0]) < least else most

    def remark(words: Words) -> str | None:
        number = read(words)
        return None if number == int(words[0]) else f"'{words[0]}' is outside {least} to {most}: it is {number}"

    return replace(integer(least, most), read=read, remark=remark)


def decimal(word: str, least: float, most: float, *, limited: bool = True) -> float:
    """Return a time in seconds, to a microsecond. Raises `Ignored` or ValueError outside of `least` to `most`."""
    if not DECIMAL.fullmatch(word) or word == ".":
        below = SIGNED.fullmatch(word) and float(word) < least
        raise no_number(
            word, least, most, outside(word, least, most) if below else f"'{word}' is not a time in seconds"
        )
    number = round(float(word), 6)
    if not least <= number <= most:
        raise (Ignored if limited or number < least else ValueError)(outside(word, least, most))
    return number


def outside(word: str, least: float, most: float) -> str:
    """Return the message about a time that is out of its range."""
    return f"'{word}' is outside {text_of(least)} to {text_of(most)} seconds"


def text_of(number: float) -> str:
    """Return a number without trailing zeros."""
    return str(int(number)) if number == int(number) else f"{number:.6f}".rstrip("0")


def seconds(least: float, most: float, *, limited: bool = True) -> Kind:
    """A time in seconds with a resolution of a microsecond, as a float; `limited` where keepalived has a limit, too."""
    syntax = f"SECONDS ({text_of(least)}..{text_of(most)})"
    return Kind(
        syntax,
        lambda words: decimal(words[0], least, most, limited=limited),
        lambda value, _: (text_of(value),),
        type="float",
        low=least,
        high=most,
        unit="seconds",
    )


def whole_seconds(least: int, most: int) -> Kind:
    """A time that keepalived takes in whole seconds only; a float in the model."""
    return Kind(
        f"SECONDS ({least}..{most}, whole)",
        lambda words: float(whole(words[0], least, most)),
        lambda value, _: (str(round(value)),),
        type="int",
        low=least,
        high=most,
        unit="seconds",
    )
