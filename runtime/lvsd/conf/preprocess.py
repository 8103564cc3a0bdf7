# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to lines of tokens: comments, `include`, `@id`, `$NAME`, `~SEQ` and `~LST` are gone afterwards.

keepalived.conf(5), "Advanced configuration".  Comments are found in the line as it stands in the file, everything else
after that, again and again until the line no longer changes; `include` is found in the result, as in keepalived 2.2.7.
Every token keeps the file and line that it came from; what a parameter expands to has the place of its use.

Nothing here touches a disk: files come through a `Reader`, the surroundings through a `Context`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Protocol

from lvsd.record import record

from .expand import DEFINITION, PARAMETER, Expander, TooMuch
from .findings import Findings, Place
from .glob import braces, has_wildcard
from .lexer import INCLUDES, split, strip_comment
from .lookalikes import Letters
from .parser import Quoted, in_words, loose

INCLUDE_DEPTH = 16
LINES = 500_000  # lines after expansion: some seconds of reading
FILE = 10  # lines that an include, and a file that it names, count for

ORDINARY = re.compile(r"(?!include)[\w.:/,%+ \t-]+(?:(?<=[ \t])\{)?|[{}]", re.ASCII)
"""A line that stands for itself: no comment, no quotes, no parameter, and no brace that touches a word."""
BLANK = " \t\r\v\f"  # what keepalived takes for the space between words
IN_BRACES = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}?")


class Reader(Protocol):
    """Where included files come from."""

    def read(self, path: str) -> str:
        """The text of a file; OSError where there is none."""

    def glob(self, pattern: str) -> list[str]:
        """The existing paths that a pattern (without braces) names, sorted; OSError where it may not look."""


def no_choice(least: int, most: int) -> int:
    """Return `least`: what `$_RANDOM` stands for where a reading must not depend on chance."""
    return least


@record(frozen=True, slots=True)
class Context:
    """What a configuration can ask about its surroundings."""

    config_id: str = ""  # `@id`; keepalived -i
    instance: str = ""  # ${_INSTANCE}
    directory: str = "/"  # what relative paths are relative to
    environment: Mapping[str, str] = field(default_factory=dict)  # ${_ENV NAME}
    random: Callable[[int, int], int] = no_choice  # ${_RANDOM least most}
    all_config: bool = False  # keepalived -e: every include must be there


Line = tuple[Place, list[str]]


class Preprocessor:
    """Reads one tree of files; `files` are the ones that were read."""

    def __init__(self, reader: Reader | None, context: Context, findings: Findings) -> None:
        self.reader = reader
        self.context = context
        self.findings = findings
        self.expander = Expander(context, findings)
        self.files: list[str] = []
        self.stack: list[str] = []
        self.left = LINES
        self.letters = Letters()

    def lines(self, path: str, text: str) -> Iterator[Line]:
        """The lines of tokens of a file and of everything that it includes."""
        try:
            yield from self.file(path, text)
        except TooMuch as stop:
            self.findings.error(stop.place, f"{stop}; nothing after this line is read")
        self.letters.report(self.findings)

    def file(self, path: str, text: str) -> Iterator[Line]:
        """Yield the lines of tokens of the file `path`, with what it includes. Raises `TooMuch`."""
        self.files.append(path)
        self.stack.append(posixpath.normpath(path))
        self.expander.directory = posixpath.normpath(
            posixpath.join(self.context.directory, posixpath.dirname(path) or ".")
        )
        definition: list[str] | None = None  # the lines of a multi-line definition that is being read
        begun = Place(path, 0)
        for number, raw in enumerate(text.split("\n"), 1):
            row = raw.strip(BLANK)
            place = Place(path, number)
            if definition is not None:
                if not self.continues(definition, row, place):
                    self.define(definition, begun)
                    definition = None
            elif row and ORDINARY.fullmatch(row):
                self.spend(place)
                yield place, row.split()
            elif row and row[0] not in "#!":
                bare = self.bare(row, place)
                opening = self.expander.chosen(bare) if ends_open(row, bare) else ""
                if DEFINITION.match(opening):
                    definition, begun = [opening.removesuffix("\\").rstrip()], place
                else:
                    yield from self.line(bare, place)
        if definition is not None:
            self.define(definition, begun)
        self.stack.pop()

    def continues(self, definition: list[str], row: str, place: Place) -> bool:
        """Add a line to a multi-line definition; whether another one follows.

        None does after an empty line, and after one without a backslash before or behind its comment (keepalived
        2.2.7).  A line that is only a comment changes nothing.
        """
        bare = self.bare(row, place)
        definition.append(bare.removesuffix("\\").rstrip())
        return bool(row) and (ends_open(row, bare) or not bare)

    def define(self, definition: list[str], place: Place) -> None:
        """Set the parameter of a definition that took several lines and began at `place`."""
        self.expander.define("\n".join(filter(None, definition)), place, multiline=True)

    def line(self, row: str, place: Place) -> Iterator[Line]:
        """One line of a file without its comment, which may stand for many."""
        for text in self.expander.expand(row, place):
            if text.startswith("include") and text.split(maxsplit=1)[0] in INCLUDES:
                yield from self.include(text, place)
                continue
            self.spend(place)
            words, unterminated = split(text)
            if unterminated:
                self.findings.error(place, "a quoted string is not closed on its line")
            if "$" in text:
                self.undefined(words, place)
            tokens = loose(words)
            for word in in_words(tokens):
                self.findings.warning(
                    place,
                    f"the brace in '{word}' is read as part of it, but ends the word for keepalived: write \"{word}\"",
                )
            yield place, tokens

    def undefined(self, words: list[str], place: Place) -> None:
        """Parameters that are left: keepalived takes their names for the value, and says nothing."""
        for word in words[1:]:
            found = None if isinstance(word, Quoted) else PARAMETER.match(word) or IN_BRACES.search(word)
            if found:
                name = found[0].strip("${}")
                self.findings.warning(
                    place,
                    f"the parameter '{name}' is not defined: '{word}' is taken as it stands;"
                    f" define it before this line: ${name}=VALUE",
                )

    def spend(self, place: Place, lines: int = 1) -> None:
        """Take `lines` off the lines that are left to this reading. Raises `TooMuch` when none are left."""
        self.left -= lines
        if self.left < 0:
            raise TooMuch(place, f"the configuration has more than {LINES} lines")

    def bare(self, row: str, place: Place) -> str:
        """A line without its comment, and with spaces of ASCII alone."""
        text = self.uncommented(row, place) if "#" in row or "!" in row else row
        return text if text.isascii() else self.letters.plain(text, place).strip(BLANK)

    def uncommented(self, row: str, place: Place) -> str:
        """Return a line without its comment; warn where the mark of the comment follows a word directly."""
        text, comment = strip_comment(row)
        if comment and text and text[-1] not in " \t{}" and comment[1:2].strip():
            word = text.replace("\t", " ").rpartition(" ")[2]
            after = comment.split()[0]
            self.findings.warning(
                place,
                f"'{comment[0]}' in '{word}{after}' starts a comment: the value is '{word}';"
                f' write "{word}{after}" in quotes where the mark belongs to it',
            )
        return text.rstrip(BLANK)

    def include(self, text: str, place: Place) -> Iterator[Line]:
        """What an `include` names, in its place; to keepalived everything behind the word is one name."""
        self.spend(place, FILE)
        words, _unused = split(text)
        keyword, rest = words[0], text[len(words[0]) :].strip(BLANK)
        strict = "rmwb" if self.context.all_config else INCLUDES[keyword]
        if len(words) == 1:
            self.findings.error(place, f"'{keyword}' needs a file name or a pattern", keyword, fatal=False)
            return
        if self.reader is None:
            self.findings.error(
                place, f"'{keyword} {words[1]}': nothing can be included into a text without a file", keyword
            )
            return
        if len(words) > 2:
            self.findings.warning(
                place, f"{keyword}: '{rest}' is one name, as in keepalived: write a line for each file", keyword
            )
        elif set(rest) & {'"', "'"}:
            self.findings.warning(
                place, f"{keyword}: to keepalived the quotes in {rest} belong to the name: leave them out", keyword
            )
        self.undefined(words, place)
        here = self.expander.directory
        for path in self.matches(words[1] if len(words) == 2 else rest, strict, place):
            yield from self.included(path, keyword, strict, place)
            self.expander.directory = here

    def matches(self, pattern: str, strict: str, place: Place) -> list[str]:
        """The files that an include names, in its order."""
        assert self.reader is not None
        base = posixpath.dirname(place.path)
        found: list[str] = []
        parts = [pattern] if IN_BRACES.search(pattern) else braces(pattern)
        for part in parts:
            try:
                names = self.reader.glob(posixpath.join(base, part))
            except OSError as error:
                why = f"include: cannot look into '{error.filename}': {error.strerror}"
                self.findings.error(place, why, "include")
                continue
            found += names
            wanted = ("w" if has_wildcard(part) else "m") if len(parts) == 1 else "b"
            if names:
                continue
            if wanted in strict:
                self.findings.error(place, f"include: no file matches '{part}'", "include")
            elif has_wildcard(part):
                self.findings.warning(place, f"include: no file matches '{part}': nothing is included", "include")
            else:
                self.findings.warning(place, f"include: there is no file '{part}'", "include")
        return found

    def included(self, path: str, keyword: str, strict: str, place: Place) -> Iterator[Line]:
        """Yield the lines of one file that `keyword` includes; report it where it cannot be read.

        `strict` holds the kinds of failure that keep the configuration from being used.
        """
        assert self.reader is not None
        if posixpath.normpath(path) in self.stack:
            self.findings.error(place, f"include: '{path}' includes itself; it is read once", keyword)
            return
        if len(self.stack) >= INCLUDE_DEPTH:
            self.findings.error(place, f"include: '{path}' is nested deeper than {INCLUDE_DEPTH} files", keyword)
            return
        self.spend(place, FILE)
        try:
            text = self.reader.read(path)
        except IsADirectoryError:
            self.findings.warning(
                place, f"include: '{path}' is a directory and is left out: write {path.rstrip('/')}/*.conf", keyword
            )
            return
        except OSError as error:
            hidden = isinstance(error, PermissionError)  # a daemon must not run without what another user may read
            say = self.findings.error if strict or hidden else self.findings.warning
            say(place, f"include: cannot read '{path}': {error.strerror or error}", keyword)
            return
        yield from self.file(path, text)


def ends_open(row: str, bare: str) -> bool:
    """Whether a backslash ends the line, with or without its comment (as keepalived has it)."""
    return row.endswith("\\") or bare.endswith("\\")
