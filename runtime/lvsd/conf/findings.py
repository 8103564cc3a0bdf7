# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a configuration, where, and how bad it is.

A finding never stops the reading: everything that can be read is read, and every finding is reported, up to
a bound that keeps a hostile file from filling a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from lvsd.model import Command, Configuration
from lvsd.record import record

LIMIT = 500  # findings reported for one configuration

GOOD, ERRORS, INSECURE_SCRIPT = 0, 5, 6  # exit codes of keepalived -t (parser.h: CONFIG_*), as observed


class Place(NamedTuple):
    """Where a word stands; lines count from 1, 0 means the file as a whole."""

    path: str
    line: int


class Severity(Enum):
    """ERROR: something is not done as written. WARNING: it is done, but look. INSECURE: scripts unprotected."""

    ERROR = "error"
    WARNING = "warning"
    INSECURE = "insecure"


@record(frozen=True, slots=True)
class Finding:
    """One line of `lvsd -t`. `fatal` is False where a running daemon goes on, as with an unknown keyword."""

    path: str
    line: int
    severity: Severity
    message: str
    keyword: str | None = None
    fatal: bool = False

    def __str__(self) -> str:
        return printable(f"{self.path}:{self.line}: {self.message}")

    @property
    def reported(self) -> str:
        """The finding as `lvsd -t` prints it, as error or as warning."""
        kind = "error" if self.severity is Severity.ERROR else "warning"
        return printable(f"{self.path}:{self.line}: {kind}: {self.message}")


@record(frozen=True, slots=True)
class Script:
    """A keyword that runs a program, where it stands, and what it runs."""

    place: Place
    keyword: str
    command: Command


@record(frozen=True, slots=True)
class Loaded:
    """A configuration as it would run, what was found on the way, and the files it came from."""

    configuration: Configuration
    findings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()  # in the order of reading; none where the text was not read, but foreseen

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings of severity ERROR."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def refused(self) -> bool:
        """Whether a daemon must not run this: there is an error that is more than an unknown keyword."""
        return any(f.fatal for f in self.findings)


@record(frozen=True, slots=True)
class Summary:
    """How many findings there are, and whether a daemon would start."""

    errors: int
    warnings: int
    starts: bool

    def __str__(self) -> str:
        errors = f"{self.errors} error{'s' * (self.errors != 1)}"
        warnings = f"{self.warnings} warning{'s' * (self.warnings != 1)}"
        without = " without what is wrong" if self.errors else ""
        return f"{errors}, {warnings}: the daemon would {f'start{without}' if self.starts else 'not start'}"


def summary(loaded: Loaded) -> Summary:
    """The findings in figures; the last line of `lvsd -t`."""
    errors = len(loaded.errors)
    return Summary(errors, len(loaded.findings) - errors, not loaded.refused)


def printable(text: str) -> str:
    """One line, and nothing that a terminal obeys: what was written in a file may be quoted in a finding."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def exit_code(findings: Iterable[Finding]) -> int:
    """What `lvsd -t` exits with: 5 for errors, 6 for unprotected scripts, 0 otherwise (warnings allowed)."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return ERRORS
    return INSECURE_SCRIPT if Severity.INSECURE in severities else GOOD


class Findings:
    """Collects findings up to LIMIT; `closed` asks whether more would be dropped."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.known: set[Finding] = set()
        self.broken = (
            False  # braces or words are where they do not belong: what is missing elsewhere may follow from it
        )
        self.dropped: list[Finding] = []  # the first of each kind, for the last line
        self.count = 0

    @property
    def closed(self) -> bool:
        """Whether the list has reached `LIMIT` and takes no more findings."""
        return len(self.found) >= LIMIT

    def add(self, finding: Finding) -> None:
        """Keep a finding; the same of the same line (`~SEQ` makes many of one) is kept once."""
        if finding in self.known:
            return
        if not self.closed:
            self.known.add(finding)
            self.found.append(finding)
            return
        self.count += 1
        if not any(d.severity is finding.severity and d.fatal == finding.fatal for d in self.dropped):
            self.dropped.append(finding)

    def error(self, place: Place, message: str, keyword: str | None = None, *, fatal: bool = True) -> None:
        """Note a mistake; with `fatal` it keeps a daemon from starting with this configuration."""
        self.add(Finding(place.path, place.line, Severity.ERROR, message, keyword, fatal))

    def withdraw(self, place: Place, keyword: str) -> None:
        """Forget what was said of `keyword` at `place`: another finding says more about the same mistake."""
        self.known.clear()
        self.found = [f for f in self.found if (f.path, f.line, f.keyword) != (*place, keyword)]

    def warning(self, place: Place, message: str, keyword: str | None = None) -> None:
        """Note something that is legal, or is ignored, and is probably not what the operator meant."""
        self.add(Finding(place.path, place.line, Severity.WARNING, message, keyword))

    def insecure(self, place: Place, message: str, keyword: str | None = None) -> None:
        """Note a program that a user other than root could change."""
        self.add(Finding(place.path, place.line, Severity.INSECURE, message, keyword))

    def result(self) -> tuple[Finding, ...]:
        """All findings in the order of reading; where the bound was hit, the last ones say what was left out."""
        return (
            *self.found,
            *(
                Finding(
                    d.path,
                    d.line,
                    d.severity,
                    f"and more of this kind from here ({self.count} left out)",
                    None,
                    d.fatal,
                )
                for d in self.dropped
            ),
        )
