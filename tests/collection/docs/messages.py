# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every text in the code that could become a message, as a pattern; and whether a quoted message is one of them."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.director.tests.collection.docs.pages import ROOT

LONG = 6  # letters of its own that a text needs to be a message
TEMPLATED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
ANY = "\0"
SYSTEM = {os.strerror(number).lower() for number in errno.errorcode}


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """One for each text of the daemon, of the modules and of the playbooks; what is filled in is a group."""
    code = [*(ROOT / "runtime" / "lvsd").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    tasks = [*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "roles").glob("*/tasks/*.yml")]
    texts = {text for path in code for text in in_code(path)} | {text for path in tasks for text in in_tasks(path)}
    return tuple(re.compile(pattern(text), re.DOTALL) for text in sorted(texts) if is_telling(text))


def is_telling(text: str) -> bool:
    """Whether it has something of its own; the others fit anything."""
    return len(re.sub(r"[^A-Za-z]", "", text)) >= LONG or " -> " in text


def pattern(text: str) -> str:
    return "(.+?)".join(re.escape(part) for part in re.split(f"{ANY}+", text))


def in_code(path: Path) -> Iterator[str]:
    """Strings and f-strings; a value that is filled in becomes ANY."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.JoinedStr, ast.Constant, ast.BinOp)) and (text := flat(node)) != ANY:
            yield text


def flat(node: ast.expr) -> str:
    """The text that an expression makes; what is only known when it runs is ANY."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(flat, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return flat(node.left) + flat(node.right)
    return ANY


def in_tasks(path: Path) -> Iterator[str]:
    """Every text of a task file; a template becomes ANY."""
    for text in strings(yaml.safe_load(path.read_text())):
        yield TEMPLATED.sub(ANY, text)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inside: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        yield from strings(one)


@cache
def findings() -> frozenset[str]:
    """What `lvsd -t` says of the fixtures, as another test shows; without the places."""
    files = (ROOT / "tests" / "fixtures" / "conf").glob("*.findings")
    return frozenset(line.split(": ", 2)[-1] for path in files for line in path.read_text().splitlines())


def is_said(message: str) -> bool:
    """Whether the code can say `message`; what is filled in has to be a message itself, or short."""
    if place := re.match(r"\S+:\d+: (?:(?:error|warning): )?", message):
        return message[place.end() :] in findings()
    return fits(message) or fits(message.partition(": ")[2])


def fits(message: str) -> bool:
    for known in patterns():
        found = known.fullmatch(message)
        if found and all(is_filled_in(part) for part in found.groups()):
            return True
    return False


def is_filled_in(part: str) -> bool:
    """A name, a number, a place or a list of them; the system's own words; or another message, behind what it is of."""
    listed = all(len([word for word in item.split() if word.isalpha()]) < 2 for item in part.split(", "))
    whole = listed or part.lower() in SYSTEM or part.startswith("[Errno ") or is_said(part)
    return whole or (": " in part and is_filled_in(part.partition(": ")[2]))
