# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Forms of values: text in, canonical text out, ValueError for what the daemon would not take, in the daemon's words.

Their counterparts are `value.py`, `number.py`, `address.py` and `checks.py` in `runtime/lvsd/conf/grammar/`.
"""

from __future__ import annotations

import re
import shlex
import typing as t
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network

from ansible_collections.lvs.director.plugins.module_utils._schema import BLOCKS, Word

LINK_NAME = 15  # bytes: IFNAMSIZ less the terminating zero; a label has the same bound
SURROGATE = re.compile("[\ud800-\udfff]")
EVERYBODY = IPv4Address("255.255.255.255")
SCOPE = BLOCKS["virtual_ipaddress"]["scope"]
LIFETIME = BLOCKS["virtual_ipaddress"]["preferred_lft"]
GRANULARITY = BLOCKS["virtual_server"]["persistence_granularity"]
STATUS_CODE = BLOCKS["url"]["status_code"]
REGEX_OPTIONS = frozenset(BLOCKS["url"]["regex_options"].choices)

Address = t.Union[IPv4Address, IPv6Address]


def _address(text: str) -> Address:
    try:
        found = ip_address(text)
    except ValueError:
        raise ValueError("is not an IP address") from None
    if "%" in text:
        raise ValueError("an address is given without an interface here")
    return found


def address(text: str) -> str:
    """An IPv4 or IPv6 address."""
    return str(_address(text))


def host(text: str) -> str:
    """An address that a packet can come from or go to."""
    found = _address(text)
    if found.is_unspecified or found.is_multicast or found == EVERYBODY:
        raise ValueError("is not the address of a host")
    return str(found)


def multicast4(text: str) -> str:
    """A multicast group of IPv4."""
    return _multicast(text, 4)


def multicast6(text: str) -> str:
    """A multicast group of IPv6."""
    return _multicast(text, 6)


def _multicast(text: str, version: int) -> str:
    found = _address(text)
    if found.version != version:
        raise ValueError(f"is not an IPv{version} address")
    if not found.is_multicast:
        raise ValueError("is not a multicast address")
    return str(found)


def address_with_prefix(text: str) -> str:
    """An address with its prefix length; without one it is a host address, as keepalived takes it."""
    head, slash, length = text.partition("/")
    found = _address(head)
    if not int(found):
        raise ValueError("no interface can have this address")
    return str(ip_interface(f"{found}/{_length(length, found)}" if slash else found))


def peer(text: str) -> str:
    """The other end of a point-to-point address, with or without a prefix length."""
    head, slash, length = text.partition("/")
    found = host(head)
    if slash and not length.isdigit():
        raise ValueError("is not an IP address with a length")
    return found + (f"/{_length(length, _address(found))}" if slash else "")


def _length(text: str, of: Address) -> str:
    """The length of a prefix; the message names it, because it is not all of the value."""
    try:
        return _within(text, 0, of.max_prefixlen)
    except ValueError as error:
        raise ValueError(f"'{text}' {error}") from None


def broadcast(text: str) -> str:
    """`+`, `-` or an IPv4 address."""
    if text in ("+", "-"):
        return text
    found = _address(text)
    if found.version != 4 or found.is_unspecified:
        raise ValueError("is not an IPv4 broadcast address")
    return str(found)


def scope(text: str) -> str:
    """The reach of an address: a name of iproute2, or its number."""
    if text in SCOPE.choices:
        return text
    try:
        return _whole(text, SCOPE)
    except ValueError:
        raise ValueError(
            f"is none of {', '.join(SCOPE.choices)}, and no number from {SCOPE.low} to {SCOPE.high}"
        ) from None


def lifetime(text: str) -> str:
    """Seconds, or `forever`."""
    return text if text == "forever" else _whole(text, LIFETIME)


def _whole(text: str, word: Word) -> str:
    """A whole number in the range of `word`."""
    return _within(text, int(word.low or 0), int(word.high or 0))


def _within(text: str, low: int, high: int) -> str:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError(f"is not a whole number from {low} to {high}")
    if not low <= int(text) <= high:
        raise ValueError(f"is outside {low} to {high}")
    return str(int(text))


def netmask(text: str) -> str:
    """`persistence_granularity`: an IPv4 netmask or the length of a prefix."""
    if "." not in text:
        return _whole(text, GRANULARITY)
    try:
        ip_network(f"0.0.0.0/{IPv4Address(text)}")
    except ValueError:
        raise ValueError("is not a netmask") from None
    return text


def label(text: str) -> str:
    """What fits where the kernel keeps the name of an interface."""
    word(text)
    if len(text.encode()) > LINK_NAME:
        raise ValueError(f"is longer than {LINK_NAME} bytes")
    return text


def interface(text: str) -> str:
    """A network interface's name, by the kernel's own rules (dev_valid_name)."""
    label(text)
    if text in (".", "..") or re.search(r"[\s/:]", text):
        raise ValueError("is no name of an interface: there is no '/', ':' or space in one")
    return text


def word(text: str) -> str:
    """Any text, but not nothing."""
    if not text:
        raise ValueError("is empty")
    if SURROGATE.search(text):
        raise ValueError("is no Unicode text: it has a lone surrogate")
    return text


def command(text: str) -> str:
    """A command line: spaces separate, quotes and backslashes protect; the program by its full path."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quote in the command is not closed") from None
    if not words or not words[0]:
        raise ValueError("has no command")
    if not words[0].startswith("/"):
        raise ValueError("is not a full path, and is not run: write the path from / on")
    return text


def status_code(text: str) -> str:
    """An HTTP status or a range of them."""
    first, dash, last = text.partition("-")
    codes = [int(_whole(part, STATUS_CODE)) for part in ([first, last] if dash else [first])]
    if codes != sorted(codes):
        raise ValueError("runs backwards")
    return text


def md5(text: str) -> str:
    """A digest as genhash prints it."""
    if not re.fullmatch(r"[0-9a-fA-F]{32}", text):
        raise ValueError("is not an MD5 sum: 32 hexadecimal digits, as lvsctl genhash prints them")
    return text.lower()


def regex_option(text: str) -> str:
    """An option of PCRE2, in lower case and without its prefix."""
    if text not in REGEX_OPTIONS:
        raise ValueError("is not an option of PCRE2")
    return text


FORMS: t.Dict[str, t.Callable[[str], str]] = {
    "address": address,
    "address_with_prefix": address_with_prefix,
    "broadcast": broadcast,
    "command": command,
    "host": host,
    "interface": interface,
    "label": label,
    "lifetime": lifetime,
    "md5": md5,
    "netmask": netmask,
    "peer": peer,
    "regex_option": regex_option,
    "scope": scope,
    "status_code": status_code,
    "word": word,
}
"""Readers by the name that the daemon's schema has for them."""
