# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line of text to words and back: comments, quotes, escapes.

keepalived.conf(5) "Quoted strings": pieces in ' or " join with what touches them, and `\\C` inside a quoted piece is
an escape.  Outside quotes a backslash only protects a space, a quote, a comment mark or itself; before any other
character it stands for itself.  A comment starts at an unprotected `#` or `!`, also in the middle of a word.

keepalived 2.2.7 has two ways to read a word, and what is written here has to mean the same in both programs:

* Commands and regular expressions have escapes.  `quote` writes a `"` as `\\042`, a backslash as `\\134`, a `$` as
  `\\044`, a control character in octal, always with three digits.  Of `\\x22` keepalived reads every hexadecimal
  digit that follows, and it counts the quote of a `\\"` in a first look at the line.  `command_text` is for the
  quotes inside.
* All other words have none (`literal`).  `quote` writes a `Literal` as it is, between double quotes.
"""

from __future__ import annotations

import re

from .parser import Quoted

ESCAPES = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPE = re.compile(r"((?:\\(?:[0-7]{1,3}|x[0-9A-Fa-f]+))+)|\\(?:c([@-_a-z])|([\s\S]))")
BYTE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]+))")
DOUBLE = r'"(?:[^"\\]|\\[\s\S])*"'
SINGLE = r"'(?:[^'\\]|\\[\s\S])*'"
CODE = re.compile(rf"""[^"'\\#!]+|{DOUBLE}|{SINGLE}|\\[\s\S]|["'\\]""")
PIECE = re.compile(
    rf"""(?P<space>[ \t\v\f\r\n]+)|(?P<plain>[^ \t\v\f\r\n"'\\]+)|(?P<quoted>{DOUBLE}|{SINGLE})"""
    r"""|\\(?P<protected>[ \t"'\\#!])|(?P<open>"[\s\S]*)|(?P<literal>['\\])"""
)
INCLUDES = {"include": "", "includer": "r", "includem": "m", "includew": "mw", "includeb": "mb", "includea": "rmwb"}
LITERAL_END = re.compile(r'[ \t\v\f\r\n"]|\\?[#!]')
COMMAND = re.compile(
    rf"""(?P<space>[ \t\v\f\r\n]+)|(?P<quoted>{DOUBLE}|{SINGLE})|(?P<escape>(?:\\c[@-_a-z]|\\[\s\S][0-9A-Fa-f]*)+)"""
    r"""|(?P<plain>[^ \t\v\f\r\n"'\\]+)|(?P<open>["'\\])"""
)
COMMAND_SAFE = re.compile(r"[A-Za-z0-9_.:/@%+=,-]+")  # what no shell changes, either
PLAIN = re.compile(r"[A-Za-z0-9_.:/%+=,;*?|&<>^()\[\]-][A-Za-z0-9_.:/@%+=,;*?|&<>^()\[\]~-]*")


def strip_comment(text: str) -> tuple[str, str]:
    """(the line without its comment, the comment with its mark, or "")."""
    if "#" not in text and "!" not in text:
        return text, ""
    at = 0
    while at < len(text) and (found := CODE.match(text, at)):
        at = found.end()
    return text[:at], text[at:]


def split(text: str) -> tuple[list[str], bool]:
    """(words of a line without its comment, whether a double quote stays open)."""
    words: list[str] = []
    pieces: list[str] = []
    quoted = unterminated = False
    start = 0
    for found in PIECE.finditer(text):
        kind = found.lastgroup or "space"
        piece = found.group(kind)
        if kind == "space":
            if pieces:
                words.append(Quoted("".join(pieces), text[start : found.start()]) if quoted else "".join(pieces))
            pieces, quoted, start = [], False, found.end()
        elif kind == "quoted":
            pieces.append(unescape(piece[1:-1]))
            quoted = True
        elif kind == "open":
            pieces.append(unescape(piece[1:]))
            quoted = unterminated = True
        elif quoted and piece[0] in "{}":  # a brace that touches a quoted word, as in `vrrp_instance "a b"{`
            words.append(Quoted("".join(pieces), text[start : found.start()]))
            pieces, quoted, start = [piece], False, found.start()
        else:
            pieces.append(piece)
            quoted = quoted or kind == "protected"
    if pieces:
        words.append(Quoted("".join(pieces), text[start:]) if quoted else "".join(pieces))
    return words, unterminated


def literal(word: str) -> tuple[str, str]:
    """(a word as keepalived reads all that are no commands and no regular expressions, what is left of its source).

    To it a backslash is a backslash, and quotes are one pair of " around the whole.  Outside of them a comment mark
    ends the word, protected or not: its workers read the text a second time.
    """
    source = word.source if isinstance(word, Quoted) else str(word)
    if source[:1] == '"':
        inside, _unused, rest = source[1:].partition('"')
        return inside, rest
    end = LITERAL_END.search(source)
    return (source[: end.start()], source[end.start() :]) if end else (source, "")


def unescape(text: str) -> str:
    """Return the text inside double quotes with each backslash sequence replaced by its character."""
    return ESCAPE.sub(character, text) if "\\" in text else text


def character(found: re.Match[str]) -> str:
    """Return what one match of `ESCAPE` stands for: bytes in octal or hexadecimal, `\\cX`, or one letter."""
    numbers, control, other = found.groups()
    if numbers:
        given = bytes(number(*one) for one in BYTE.findall(numbers))
        try:
            return given.decode()
        except UnicodeDecodeError:
            return given.decode("latin-1")
    return chr(ord(control) & 0x1F) if control else ESCAPES.get(other, other)


def number(octal: str, hexadecimal: str) -> int:
    """One byte: keepalived takes the last of what more digits than two make."""
    return (int(octal, 8) if octal else int(hexadecimal[-2:], 16)) & 0xFF


def command_words(text: str) -> tuple[str, ...]:
    """A command line to words, as keepalived reads it: escapes count inside quotes of either kind and outside.

    Raises ValueError for a quote that is not closed and for a backslash at the end.
    """
    if text.isascii() and not any(mark in text for mark in "'\"\\"):
        return tuple(text.split())
    words: list[str] = []
    word: str | None = None
    for found in COMMAND.finditer(text):
        kind = found.lastgroup or "open"
        piece = found.group(kind)
        if kind == "open":
            what = (
                "nothing follows the last backslash of the command"
                if piece == "\\"
                else "a quote in the command is not closed"
            )
            raise ValueError(f"'{text[:80]}': {what}")
        if kind == "space":
            words += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + (unescape(piece[1:-1]) if kind == "quoted" else unescape(piece))
    return (*words, *([] if word is None else [word]))


def command_text(words: tuple[str, ...]) -> str:
    """Words to a command line that `command_words`, keepalived and a shell without expansions read alike."""
    return " ".join(word if PLAIN.fullmatch(word) and COMMAND_SAFE.fullmatch(word) else inner(word) for word in words)


def inner(word: str) -> str:
    """Return a word in double quotes as a quoted argument of a quoted command needs it."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Literal(str):
    """A word to be written for `literal`; it has no double quote in it, and no space where a backslash is its end."""

    __slots__ = ()


def quote(word: str) -> str:
    """A word as a line needs it: plain where that is safe, else in double quotes, for both programs (see above)."""
    if PLAIN.fullmatch(word) and word not in INCLUDES and not isinstance(word, Quoted):
        return word
    if isinstance(word, Literal):  # a last backslash would protect the quote
        return str(word) if (len(word) - len(word.rstrip("\\"))) % 2 else f'"{word}"'
    return '"' + "".join(map(protected, word)) + '"'


def protected(character: str) -> str:
    """Return one character as double quotes hold it: in octal where it would end or change the word."""
    if character in '"\\$' or character < " " or character == "\x7f":
        return f"\\{ord(character):03o}"
    return character
