# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to lines of tokens: comments, `include`, `@id`, `$NAME`, `~SEQ` and `~LST` are gone afterwards.

keepalived.conf(5), "Advanced configuration".  Comments and `include` are found in the line as it stands in the
file, everything else after that, again and again until the line no longer changes.  Every token keeps the file and
line that it came from; what a parameter expands to has the place of its use.

Nothing here touches a disk: files come through a `Reader`, the surroundings through a `Context`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lvsd.conf.blocks import loose
from lvsd.conf.expand import DEFINITION, Expander, TooMuch
from lvsd.conf.findings import Findings, Place
from lvsd.conf.glob import braces, has_wildcard
from lvsd.conf.words import INCLUDES, split, strip_comment

INCLUDE_DEPTH = 16
LINES = 500_000  # lines after expansion: some seconds of reading

ORDINARY = re.compile(r"(?!include)[\w.:/,%+ \t-]+(?:(?<=[ \t])\{)?|[{}]", re.ASCII)
"""A line that stands for itself: no comment, no quotes, no parameter, and no brace that touches a word."""


class Reader(Protocol):
    """Where included files come from."""

    def read(self, path: str) -> str:
        """The text of a file; OSError where there is none."""

    def glob(self, pattern: str) -> list[str]:
        """The existing paths that a pattern (without braces) names, sorted."""


def no_choice(least: int, most: int) -> int:
    return least


@dataclass(frozen=True, slots=True)
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

    def lines(self, path: str, text: str) -> Iterator[Line]:
        """The lines of tokens of a file and of everything that it includes."""
        try:
            yield from self.file(path, text)
        except TooMuch as stop:
            self.findings.error(stop.place, f"{stop}; nothing after this line is read")

    def file(self, path: str, text: str) -> Iterator[Line]:
        self.files.append(path)
        self.stack.append(posixpath.normpath(path))
        self.expander.directory = posixpath.normpath(
            posixpath.join(self.context.directory, posixpath.dirname(path) or ".")
        )
        definition: list[str] | None = None  # the lines of a multi-line definition that is being read
        for number, raw in enumerate(text.split("\n"), 1):
            row = raw.strip()
            if not row or (row[0] in "#!" and definition is None):
                continue
            place = Place(path, number)
            if definition is None and ORDINARY.fullmatch(row):
                self.spend(place)
                yield place, row.split()
                continue
            if definition is not None:
                row = self.uncommented(row, place)
                definition.append(row.removesuffix("\\").rstrip())
                if not row.endswith("\\"):
                    self.expander.define("\n".join(filter(None, definition)), place, multiline=True)
                    definition = None
                continue
            if row.endswith("\\") and (found := DEFINITION.match(row)) and not found[2].rstrip("\\").strip():
                definition = [row.removesuffix("\\").rstrip()]
                continue
            yield from self.line(row, place)
        if definition is not None:
            self.expander.define("\n".join(filter(None, definition)), Place(path, number), multiline=True)
        self.stack.pop()

    def line(self, row: str, place: Place) -> Iterator[Line]:
        """One line of a file, which may stand for many."""
        row = self.uncommented(row, place)
        if row.startswith("include"):
            words, _unused = split(row)
            if words[0] in INCLUDES:
                yield from self.include(words, place)
                return
        for text in self.expander.expand(row, place):
            self.spend(place)
            words, unterminated = split(text)
            if unterminated:
                self.findings.error(place, "a quoted string is not closed on its line")
            yield place, loose(words)

    def spend(self, place: Place) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMuch(place, f"the configuration has more than {LINES} lines")

    def uncommented(self, row: str, place: Place) -> str:
        if "#" not in row and "!" not in row:
            return row
        text, comment = strip_comment(row)
        if comment and text and text[-1] not in " \t{}" and comment[1:2].strip():
            word = text.split()[-1]
            after = comment.split()[0]
            self.findings.warning(
                place,
                f"'{comment[0]}' in '{word}{after}' starts a comment: the value is '{word}';"
                f' write "{word}{after}" in quotes where the mark belongs to it',
            )
        return text.rstrip()

    def include(self, words: list[str], place: Place) -> Iterator[Line]:
        keyword = words[0]
        strict = "rmwb" if self.context.all_config else INCLUDES[keyword]
        if len(words) != 2:
            self.findings.error(place, f"'{keyword}' needs exactly one file name or pattern", keyword)
            return
        if self.reader is None:
            self.findings.error(
                place, f"'{keyword} {words[1]}': nothing can be included into a text without a file", keyword
            )
            return
        here = self.expander.directory
        for path in self.matches(words[1], strict, place):
            yield from self.included(path, keyword, strict, place)
            self.expander.directory = here

    def matches(self, pattern: str, strict: str, place: Place) -> list[str]:
        """The files that an include names, in its order."""
        assert self.reader is not None
        base = posixpath.dirname(place.path)
        found: list[str] = []
        parts = braces(pattern)
        for part in parts:
            names = self.reader.glob(posixpath.join(base, part))
            found += names
            wanted = ("w" if has_wildcard(part) else "m") if len(parts) == 1 else "b"
            if not names and wanted in strict:
                self.findings.error(place, f"include: no file matches '{part}'", "include")
            elif not names and not has_wildcard(part) and len(parts) == 1:
                self.findings.warning(place, f"include: there is no file '{part}'", "include")
        return found

    def included(self, path: str, keyword: str, strict: str, place: Place) -> Iterator[Line]:
        assert self.reader is not None
        if posixpath.normpath(path) in self.stack:
            self.findings.error(place, f"include: '{path}' includes itself; it is read once", keyword)
            return
        if len(self.stack) >= INCLUDE_DEPTH:
            self.findings.error(place, f"include: '{path}' is nested deeper than {INCLUDE_DEPTH} files", keyword)
            return
        try:
            text = self.reader.read(path)
        except IsADirectoryError:
            return
        except OSError as error:
            say = self.findings.error if strict else self.findings.warning
            say(place, f"include: cannot read '{path}': {error.strerror or error}", keyword)
            return
        yield from self.file(path, text)
