# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters that look like a space, or like nothing, and are letters of a word to keepalived.

They come from web pages, word processors and editors that begin a file with a byte order mark.  Beside a space, a brace
or the end of the line one is read as a space; inside a word and inside quotes it stays what it is.
"""

from __future__ import annotations

import re

from .findings import Findings, Place
from .lexer import DOUBLE, SINGLE

ODD = "\x85\xa0\xad\u1680\u180e\u2000-\u200f\u2028\u2029\u202f\u205f\u2060-\u2064\u3000\ufeff"
"""Unicode: White_Space beyond ASCII, and the invisible ones of the general category Cf."""
QUOTED = rf"(?P<quoted>{DOUBLE}|{SINGLE}|\\[\s\S])"
EDGE = re.compile(rf"{QUOTED}|(?:(?<![^ \t{{}}])[{ODD}]+|[{ODD}]+(?![^ \t{{}}]))")
INSIDE = re.compile(rf"{QUOTED}|[{ODD}]")


class Letters:
    """The odd characters of a configuration: by file and character the first place, and in how many lines."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str, bool], tuple[Place, set[int]]] = {}

    def plain(self, text: str, place: Place) -> str:
        """A line with spaces for those that stand at the edge of a word."""

        def space(found: re.Match[str]) -> str:
            if found["quoted"]:
                return found[0]
            for character in found[0]:
                self.note(character, place, edge=True)
            return " "

        text = EDGE.sub(space, text)
        for found in INSIDE.finditer(text):
            if not found["quoted"]:
                self.note(found[0], place, edge=False)
        return text

    def note(self, character: str, place: Place, *, edge: bool) -> None:
        """Count the line of one odd character; `edge` says that it stands beside a space, a brace or an end."""
        self.found.setdefault((place.path, character, edge), (place, set()))[1].add(place.line)

    def report(self, findings: Findings) -> None:
        """One warning for each character of each file."""
        import unicodedata  # of use only where something is odd

        for (_path, character, edge), (place, lines) in self.found.items():
            name = unicodedata.name(character, "a control character")
            how = (
                "is read as a space, but keepalived takes it"
                if edge
                else "stands in a word and is taken, as by keepalived,"
            )
            more = f" (also in {len(lines) - 1} more lines)" if len(lines) > 1 else ""
            findings.warning(place, f"U+{ord(character):04X} ({name}) {how} for a letter: write a plain space{more}")
