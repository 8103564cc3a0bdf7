# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of values that are no numbers: each reads words, checks them, and writes words again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from lvsd.model import Address, Command

from ..lexer import Literal, command_text, literal
from ..lexer import command_words as words_of
from .entry import Ignored, Kind, Words
from .number import none_of, whole

EVERYBODY = IPv4Address("255.255.255.255")
LINK_NAME = 15  # bytes: IFNAMSIZ less the terminating zero; a label has the same bound
TRUE = {"on", "true", "yes"}
FALSE = {"off", "false", "no"}


def text(syntax: str, form: str, read: Callable[[str], Any], **more: Any) -> Kind:
    """A word that `read` takes as the value, or refuses; `form` is its name for the collection."""
    return Kind(syntax, lambda words: read(words[0]), lambda value, _: (str(value),), form=form, **more)


def string(syntax: str = "STRING") -> Kind:
    """A word without escapes, as all are to keepalived but commands and regular expressions."""
    return Kind(syntax, read_literal, lambda value, _: (Literal(value),), remark=remark_on_literal, form="word")


def pattern() -> Kind:
    """A regular expression, a word with escapes."""
    return Kind("PATTERN", read_word, lambda value, _: (value,), form="word")


def secret(syntax: str) -> Kind:
    """A word whose bytes have to be those that keepalived sends; no message shows it."""
    return Kind(syntax, read_literal, lambda value, _: (Literal(value),), remark=remark_on_literal)


def read_literal(words: Words) -> str:
    """Return a word as keepalived takes it without escapes.

    Raises ValueError where it is empty or cannot be written.
    """
    word, rest = literal(words[0])
    if rest.count('"') % 2:
        raise ValueError("cannot hold a double quote: keepalived knows no way to write one here")
    if not word:
        raise ValueError("is empty")
    return word


def remark_on_literal(words: Words) -> str | None:
    """Return a warning where the word is not what its quotes and backslashes seem to say."""
    if literal(words[0]) == (words[0], ""):
        return None
    return (
        'is read as keepalived does: a backslash is a backslash, the only quotes are one pair of " around the whole, '
        "and what follows it, or an unquoted # or !, is left out"
    )


def read_word(words: Words) -> str:
    """Return a word that is not empty. Raises ValueError."""
    if not words[0]:
        raise ValueError("is empty")
    return str(words[0])


def link_name(word: str) -> str:
    """The name of an interface, by the kernel's own rules (dev_valid_name)."""
    short(word)
    if word in (".", "..") or any(mark in "/:" or mark.isspace() for mark in word):
        raise ValueError(f"'{word}' is no name of an interface: there is no '/', ':' or space in one")
    return str(word)


def short(word: str) -> str:
    """What fits where the kernel keeps the name of an interface."""
    if not word or "\0" in word:
        raise ValueError("is empty" if not word else "holds a zero byte")
    if len(word.encode("utf-8", "surrogatepass")) > LINK_NAME:
        raise ValueError(f"'{word[:80]}' is longer than {LINK_NAME} bytes")
    return str(word)


def interface() -> Kind:
    """Return the kind of value that names an interface."""
    return text("INTERFACE", "interface", link_name)


def choice(*values: str, fold: bool = False, otherwise: str = "") -> Kind:
    """One of some words, in their own case unless `fold` (as keepalived does for the protocol).

    Any other word is an error, or with `otherwise` means that one, with a warning.
    """
    known = {value.lower(): value for value in values}

    def read(words: Words) -> str:
        if words[0] in values:
            return str(words[0])
        meant = known.get(words[0].lower())
        if fold and meant is not None:
            return meant
        if otherwise:
            return otherwise
        raise Ignored(none_of(words[0], values))

    def remark(words: Words) -> str | None:
        if not otherwise or words[0] in values:
            return None
        return f"'{words[0][:80]}' is none of {', '.join(values)}: it is {otherwise}"

    return Kind("|".join(values), read, lambda value, _: (value,), remark=remark, choices=values)


def flag(value: bool = True) -> Kind:
    """A bare word that sets a field to `value`."""
    return Kind("", lambda _: value, lambda held, _: () if held is value else None, 0, 0, type="flag")


def boolean(*, strict: bool = True) -> Kind:
    """A word that may be followed by on or off; bare it means on, as with any other word where it is not `strict`."""

    def read(words: Words) -> bool:
        if words and words[0].lower() in FALSE:
            return False
        if strict and words and words[0].lower() not in TRUE:
            raise Ignored(f"'{words[0]}' is none of on, off, true, false, yes, no")
        return True

    def remark(words: Words) -> str | None:
        odd = words and words[0].lower() not in TRUE | FALSE
        return f"'{words[0][:80]}' is none of on, off, true, false, yes, no: it is on" if odd else None

    return Kind("[on|off]", read, lambda value, _: () if value else ("off",), 0, 1, remark=remark, type="switch")


def member(value: str) -> Kind:
    """A bare word that adds `value` to a tuple."""
    return Kind("", lambda _: value, lambda held, _: () if value in held else None, 0, 0, append=True, type="member")


@lru_cache(4096)
def address_of(word: str) -> Address:
    """Return an address of either family. Raises `Ignored`, or ValueError for one with an interface."""
    try:
        address = ip_address(word)
    except ValueError:
        raise Ignored(f"'{word[:80]}' is not an IP address") from None
    if isinstance(address, IPv6Address) and address.scope_id:
        raise ValueError(f"'{word}': an address is given without an interface here")
    return address


def without_length(word: str) -> str:
    """An address as it was meant, of which keepalived leaves out a prefix length where none can stand."""
    host, slash, length = word.partition("/")
    return host if slash and length.isdigit() and ("." in host or ":" in host) else word


def remark_on_length(words: Words) -> str | None:
    """Return a warning about a prefix length, which has no meaning where one address stands."""
    if not words or without_length(words[0]) == words[0]:
        return None
    return f"'{words[0][:80]}': an address stands here without a length, which is left out: {without_length(words[0])}"


def looks_like_address(word: str) -> bool:
    """Whether a word of a line can only be an address (with or without a prefix length)."""
    return (word[:1].isdigit() and word.count(".") == 3) or word.count(":") >= 2


def host_of(word: str) -> Address:
    """An address that a packet can come from or go to."""
    found = address_of(word)
    if found.is_unspecified or found.is_multicast or found == EVERYBODY:
        raise ValueError(f"'{word}' is not the address of a host")
    return found


def host(condition: Callable[[Any], bool]) -> Kind:
    """The address of a host; written only where `condition` holds for the object."""
    return Kind(
        "ADDRESS",
        lambda words: host_of(without_length(words[0])),
        lambda value, owner: (str(value),) if condition(owner) else None,
        remark=remark_on_length,
        form="host",
    )


def address() -> Kind:
    """An IPv4 or IPv6 address."""
    return Kind(
        "ADDRESS",
        lambda words: address_of(without_length(words[0])),
        lambda value, _: (str(value),),
        remark=remark_on_length,
        form="address",
    )


def address4() -> Kind:
    """Return the kind of value that is an IPv4 address."""
    return family(IPv4Address, "an IPv4", "address4")


def address6() -> Kind:
    """Return the kind of value that is an IPv6 address."""
    return family(IPv6Address, "an IPv6", "address6")


def family(wanted: type[IPv4Address] | type[IPv6Address], name: str, form: str) -> Kind:
    """Return the kind of value that is an address of one family; `name` stands in the message."""

    def read(words: Words) -> Address:
        found = address_of(without_length(words[0]))
        if not isinstance(found, wanted):
            raise Ignored(f"'{words[0]}' is not {name} address")
        return found

    return Kind("ADDRESS", read, lambda value, _: (str(value),), remark=remark_on_length, form=form)


def address_port() -> Kind:
    """`ADDRESS [PORT]`, for two fields."""

    def read(words: Words) -> tuple[Address, int | None]:
        try:
            return address_of(without_length(words[0])), port_of(words[1]) if len(words) > 1 else None
        except ValueError as error:
            raise Ignored(str(error)) from None

    def write(value: tuple[Address, int | None], _unused: Any) -> Words:
        return (str(value[0]),) if value[1] is None else (str(value[0]), str(value[1]))

    return Kind("ADDRESS [PORT]", read, write, 1, 2, remark=remark_on_length)


def port_of(word: str) -> int:
    """Return a port of 0 to 65535. Raises `Ignored` or ValueError."""
    return whole(word, 0, 65535)


def command_words(text: str) -> Words:
    """A command line to words; raises ValueError where there is none."""
    words = words_of(text)
    if not words or not words[0]:
        raise ValueError("has no command")
    return words


def command() -> Kind:
    """`COMMAND [USER [GROUP]]`; a command with arguments is one quoted word."""

    def read(words: Words) -> Command:
        user, group = (*map(str, words[1:3]), None, None)[:2]
        return Command(command_words(words[0]), user, group)

    def write(value: Command, _unused: Any) -> Words:
        return (command_text(value.words), *filter(None, (value.user, value.group)))

    return Kind('"COMMAND ARGUMENTS" [USER [GROUP]]', read, write, 1, 3, form="command")


def command_line() -> Kind:
    """A command whose user has a keyword of its own."""

    def read(words: Words) -> Words:
        return command_words(words[0]) if len(words) == 1 else tuple(map(str, words))

    def remark(words: Words) -> str | None:
        if len(words) == 1:
            return None
        return (
            "is run with its arguments, but keepalived leaves them out: write the whole command in one pair of quotes"
        )

    return Kind(
        '"COMMAND ARGUMENTS"', read, lambda value, _: (command_text(value),), 1, None, remark=remark, form="command"
    )


def user_group() -> Kind:
    """`USER [GROUP]`, for two fields."""
    return Kind(
        "USER [GROUP]",
        lambda words: (*map(str, words), None)[:2],
        lambda value, _: tuple(filter(None, value)) if value[0] else None,
        1,
        2,
        type="words",
    )
