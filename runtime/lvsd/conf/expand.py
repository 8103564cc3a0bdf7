# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line to the lines it stands for: `@id`, `$NAME=value`, `$NAME`, `${NAME}`, `~SEQ(...)`, `~LST(...)`.

keepalived.conf(5): substitution happens at the place of use and again in what it produced; a name that is not
defined stays as it is.  Nothing may stand between the name and the "=" of a definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .findings import Findings, Place

if TYPE_CHECKING:
    from .preprocess import Context

DEPTH = 24  # parameters in parameters
LENGTH = 1_048_576  # characters of one parameter, and of one line after substitution
BUDGET = 64 * 1024 * 1024  # characters of all lines, before and after substitution

DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)", re.DOTALL)
PARAMETER = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)((?: +[A-Za-z0-9_]+)*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)\n]|$))"
)
CONDITION = re.compile(r"@(\^?)(\S*)(?:[ \t]+(.*))?", re.DOTALL)
GENERATOR = re.compile(r"~(SEQx|SEQ|LST)[ \t]*\(((?:[^(){}]|\{[^(){}]*\})*)\)[ \t]*(.*)", re.DOTALL)
ITEM = re.compile(r"\s*(\{[^{}]*\}|[^,{}]*?)\s*(?:,|$)")
NUMBER = re.compile(r"-?(?:0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10})")


class TooMuch(Exception):
    """The configuration grows beyond its bounds; reading stops."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


class Expander:
    """The parameters defined so far, and what lines become with them."""

    def __init__(self, context: Context, findings: Findings) -> None:
        self.context = context
        self.findings = findings
        self.values: dict[str, str] = {}
        self.multiline: set[str] = set()
        self.directory = context.directory  # ${_PWD}, of the file being read
        self.budget = BUDGET

    def define(self, text: str, place: Place, *, multiline: bool = False) -> None:
        """Set a parameter from `$NAME=value`, or report what is no definition. Raises `TooMuch` for a long value."""
        found = DEFINITION.match(text)
        if not found:
            self.findings.error(place, "a parameter is defined as $NAME=value")
            return
        name, value = found.groups()
        if len(value) > LENGTH:
            raise TooMuch(place, f"the parameter {name} is longer than {LENGTH} characters")
        self.values[name] = value.lstrip("\n") if multiline else value
        (self.multiline.add if multiline else self.multiline.discard)(name)

    def expand(self, text: str, place: Place, depth: int = 0) -> Iterator[str]:
        """The lines that one line stands for; definitions on the way take effect and yield nothing."""
        for _unused in range(DEPTH):
            self.budget -= len(text) + 16
            if self.budget < 0 or depth > DEPTH:
                break
            text = text.strip()
            if not text:
                return
            if text[0] == "@" and (found := CONDITION.fullmatch(text)):
                text = self.condition(*found.groups())
                continue
            if text[0] == "$" and DEFINITION.match(text) and "\n" not in text:
                self.define(text, place)
                return
            if text[0] == "~":
                yield from self.generate(text, place, depth)
                return
            replaced = PARAMETER.sub(self.value, text, count=64) if "$" in text else text
            if replaced == text:
                yield text
                return
            if len(replaced) > LENGTH:
                break
            if "\n" in replaced:
                for line in replaced.split("\n"):
                    yield from self.expand(line, place, depth + 1)
                return
            text = replaced
        raise TooMuch(place, "parameters grow beyond all bounds: does one contain itself?")

    def condition(self, negated: str, wanted: str, rest: str | None) -> str:
        """`@id rest`: the rest where the identity is this one, or with `@^id` where it is not."""
        return (rest or "") if (wanted == self.context.config_id) != bool(negated) else ""

    def chosen(self, text: str) -> str:
        """A line without its `@id`, or nothing where that is for other hosts."""
        found = CONDITION.fullmatch(text) if text.startswith("@") else None
        return self.condition(*found.groups()) if found else text

    def value(self, found: re.Match[str]) -> str:
        """Return what one `$NAME` or `${NAME}` stands for; one that is not defined stays as it is written."""
        name = found[1] or found[3]
        words = (found[2] or "").split()
        if name in self.values and not words:
            return self.values[name]
        match name, words:
            case "_PWD", []:
                return self.directory
            case "_INSTANCE", []:
                return self.context.instance
            case "_HASH", []:
                return "#"
            case "_BANG", []:
                return "!"
            case "_ENV", [variable] if variable in self.context.environment:
                return self.context.environment[variable].replace("\n", " ")
            case "_RANDOM", [*bounds] if len(bounds) <= 2 and all(
                b.isascii() and b.isdigit() and len(b) < 10 for b in bounds
            ):
                least = int(bounds[0]) if bounds else 0
                return str(self.context.random(least, max(least, int(bounds[1]) if len(bounds) == 2 else 32767)))
        return found[0]

    def generate(self, text: str, place: Place, depth: int) -> Iterator[str]:
        """`~SEQ(var, start, step, end) rest` and `~LST(var, value, ...) rest`: the rest once per value."""
        found = GENERATOR.fullmatch(text)
        if not found:
            self.findings.error(
                place, f"'{text[:40]}': expected ~SEQ(name, start, step, end) or ~LST(name, value, ...)"
            )
            return
        kind, inside, rest = found.groups()
        inside = PARAMETER.sub(self.value, inside)
        items = [item.strip() for item in ITEM.findall(inside)]
        if items and not items[-1] and not inside.rstrip().endswith(","):
            items.pop()  # the empty match at the end
        names = members(items[0]) if items else [""]
        rounds = (
            list_rounds(items[1:], len(names))
            if kind == "LST"
            else number_rounds(items[1:], hexadecimal=kind == "SEQx")
        )
        if not all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in names) or rounds is None:
            self.findings.error(place, f"~{kind}({inside}): expected a name and then {EXPECTED[kind]}")
            return
        for values in rounds:
            self.values.update(zip(names, values, strict=True))
            self.multiline.difference_update(names)
            yield from self.expand(rest, place, depth + 1)


EXPECTED = {
    "SEQ": "one to three numbers: [start, [step,]] end",
    "SEQx": "one to three numbers that are not negative: [start, [step,]] end",
    "LST": "values, each in {} where several names are set at once",
}


def members(item: str) -> list[str]:
    """`a` or `{a, b}` as a list."""
    return [word.strip() for word in item[1:-1].split(",")] if item.startswith("{") else [item]


def list_rounds(items: list[str], width: int) -> list[list[str]] | None:
    """Return the values of each round of `~LST`, `width` of them; None where a round has more or fewer."""
    rounds = [members(item) if width > 1 or item.startswith("{") else [item] for item in items]
    return rounds if rounds and all(len(values) == width for values in rounds) else None


def number_rounds(items: list[str], *, hexadecimal: bool) -> Iterator[list[str]] | None:
    """One value per round; start and step may be left out (keepalived.conf(5), "Sequence blocks")."""
    if not 1 <= len(items) <= 3 or not all(NUMBER.fullmatch(item) for item in items):
        return None
    numbers = [int(item, 16 if "x" in item.lower() else 10) for item in items]
    end = numbers[-1]
    start = numbers[0] if len(numbers) > 1 else (1 if end >= 0 else -1)
    step = numbers[1] if len(numbers) == 3 else (1 if start <= end else -1)
    if not step or (end - start) * step < 0 or (hexadecimal and min(start, end) < 0):
        return None
    return ([f"{n:x}" if hexadecimal else str(n)] for n in range(start, end + (1 if step > 0 else -1), step))
