# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Configuration text in keepalived's language: words, lines and blocks, rendered one way only.

A `Line` is `(words, body)`; `body` is None for a plain line and a list of lines for a block.  Each word is
quoted so that it stays one word of one line, whatever it contains: no value can open or close a block, start a
comment or begin another line.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata

MARKER = "# Managed by Ansible (lvs.director): local changes are replaced."
MANAGED = MARKER + "\n"
LONGEST_LINE = 1000  # bytes; keepalived's reader takes 1024 with the line's end
INDENT = "    "

PLAIN = re.compile(r"[^\s\"'{}#!\\$@~]+")
PARAMETER = re.compile(r"\$(?=[A-Za-z_{])")  # a dollar that could be the start of a $PARAMETER
ESCAPED = frozenset(
    {
        *("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "notify"),
        *("notify_master_rx_lower_pri", "notify_up", "notify_down", "quorum_up", "quorum_down", "misc_path", "regex"),
    }
)
"""The keywords whose words have escapes: commands and regular expressions (runtime/lvsd/conf/lexer.py)."""
SECRETS = frozenset({"auth_pass"})
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
# Wherever in a line: behind a brace, an @identifier or a comment mark; to the end of the line and of what continues it.
# $NAME=... counts, because a password may be given by a parameter.
SECRET = re.compile(
    r"""((?<![\w./-])(?:auth_pass|password|key["']?[ \t]+\S+)["']?(?:[ \t]|\\\n)+"""
    r"""|^[ \t]*(?:@\S+[ \t]+)?\$\w+[ \t]*=[ \t]*)"""
    r"""((?:.*\\\n)*.+)""",
    re.MULTILINE,
)
QUOTED = re.compile(r"""(['"])(.+?)\1""")
HIDDEN = "(hidden)"

Line = t.Tuple[t.Tuple[str, ...], t.Optional[t.List[t.Any]]]


class Refused(ValueError):
    """A value cannot be written into the configuration; the message says which and why."""


def line(*words: object) -> Line:
    """A plain line of `words`."""
    return tuple(str(word) for word in words), None


def block(words: t.Sequence[object], body: t.List[Line]) -> Line:
    """`words { body }`."""
    return tuple(str(word) for word in words), body


def quote(word: str) -> str:
    """A command or a regular expression as one word of one line.  Raises `Refused` for what no quoting can carry.

    Escapes are octal, with three digits: of `\\x22` keepalived reads every hexadecimal digit that follows, and it
    counts the quote of an escaped one when it first looks at the line.
    """
    _check_characters(word, shown(word))
    if PLAIN.fullmatch(word):
        return word
    if word == "}":  # keepalived 2.2.7 takes a lone quoted brace for the end of the block
        return r'"\175"'
    return '"' + "".join(f"\\{ord(each):03o}" if each in '"\\$' else each for each in word) + '"'


def quote_literal(keyword: str, word: str) -> str:
    """Any other word: without escapes, to keepalived.  Raises `Refused`, which does not show a secret."""
    what = keyword if keyword in SECRETS else f"{keyword} {shown(word)}".lstrip()
    _check_characters(word, what)
    if PLAIN.fullmatch(word):
        return word
    if '"' in word or word == "}" or word.endswith("\\") or PARAMETER.search(word):
        raise Refused(f"{what}: no double quote, no $NAME, no backslash at the end and no lone }} can be written in it")
    return f'"{word}"'


def _check_characters(word: str, what: str) -> None:
    for character in word:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise Refused(f"{what}: control character or line break U+{ord(character):04X}")


def shown(word: str) -> str:
    """`word` for a message: escaped and cut."""
    text = repr(word)
    return text if len(text) <= 60 else text[:57] + "..."


def render(lines: t.Iterable[Line], indent: str = "") -> str:
    """Canonical text of `lines`.  Raises `Refused` for a line that keepalived's reader would cut."""
    return "".join(_render(words, body, indent) for words, body in lines)


def _render(words: t.Tuple[str, ...], body: t.Optional[t.List[Line]], indent: str) -> str:
    keyword = words[0] if words else ""
    values = [quote(word) if keyword in ESCAPED else quote_literal(keyword, word) for word in words[1:]]
    text = indent + " ".join([keyword, *values] if keyword else values)
    if len(text.encode()) > LONGEST_LINE:
        raise Refused(f"{keyword}: the line would have {len(text.encode())} bytes, the limit is {LONGEST_LINE}")
    if body is None:
        return text + "\n"
    return f"{text} {{\n{render(body, indent + INDENT)}{indent}}}\n"


def fragment(lines: t.Iterable[Line]) -> str:
    """The text of one file of ours: the marker, then the lines."""
    return MANAGED + render(lines)


def safe_name(name: str, what: str) -> str:
    """`name` if it can name a block and a file.  Raises `Refused` otherwise."""
    if not SAFE_NAME.fullmatch(name):
        raise Refused(
            f"{what} {shown(name)}: use up to 64 letters, digits and _ . + -, beginning with a letter, a digit or _"
        )
    return name


def masked(before: t.Optional[str], after: t.Optional[str]) -> t.Tuple[str, str]:
    """Both texts with every secret hidden; a secret that differs still shows as a difference."""
    kept = {match.group(2) for match in SECRET.finditer(after or "")}

    def hide_before(match: t.Match[str]) -> str:
        return match.group(1) + (HIDDEN if after is None or match.group(2) in kept else "(hidden, another value)")

    return SECRET.sub(hide_before, before or ""), SECRET.sub(rf"\1{HIDDEN}", after or "")


def discreet(message: str, about: str) -> str:
    """What is said `about` a line of a file, without the pieces of the line's secrets that it quotes."""
    secrets = [match.group(2) for match in SECRET.finditer(about)]

    def hide(match: t.Match[str]) -> str:
        told = any(character.isalnum() for character in match.group(2))
        return f"'{HIDDEN}'" if told and any(match.group(2) in secret for secret in secrets) else match.group(0)

    return QUOTED.sub(hide, message) if secrets else message
