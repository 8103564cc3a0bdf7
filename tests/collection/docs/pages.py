# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages for people, as data: fenced blocks, commands, links, headings and words in `code`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
MADE = ("keywords.md", "options.md", "benchmarks.md")  # by programs; the others are by hand
DOCS = sorted((ROOT / "docs").rglob("*.md"))
ROLES = sorted((ROOT / "roles").glob("*/README.md"))
ALL = [README, *DOCS, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *ROLES]
BY_HAND = [page for page in ALL if page.name not in MADE]

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of its first line."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Word:
    """Something on a line of a page: the target of a link, a text in backquotes, or a command."""

    page: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: {self.text}"


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """The fenced blocks of `page`, all or those of one language."""
    text = page.read_text()
    found = [Block(page, line_of(text, m.start(3)), m[2], dedent(m[3])) for m in FENCE.finditer(text)]
    return [block for block in found if language in (None, block.language)]


def prose(page: Path) -> str:
    """The page without its fenced blocks, line for line."""
    return FENCE.sub(lambda match: "\n" * match[0].count("\n"), page.read_text())


def links(page: Path) -> list[Word]:
    text = prose(page)
    return [Word(page, line_of(text, match.start()), match[1]) for match in LINK.finditer(text)]


def codes(page: Path) -> list[Word]:
    """Every text in backquotes; a word in a table has its `\\|` as `|`."""
    text = prose(page)
    return [Word(page, line_of(text, m.start()), m[1].replace("\\|", "|")) for m in CODE.finditer(text)]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub and GitLab make them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(prose(page))
    }


def commands(page: Path) -> list[Word]:
    """Each command of the blocks marked `sh`, without its comment."""
    return [command for block in blocks(page, "sh") for command in commands_of(block)]


def commands_of(block: Block) -> Iterator[Word]:
    for number, line in enumerate(block.text.splitlines()):
        command = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if command:
            yield Word(block.page, block.line + number, command)
