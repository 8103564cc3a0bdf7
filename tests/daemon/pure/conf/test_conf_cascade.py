# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One mistake in a real file is few findings, of which one is at the mistake or names its block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd import conf
from lvsd.conf.findings import Finding

FILES = sorted((Path(__file__).parents[3] / "fixtures" / "conf").glob("*.conf"))
FEW, MOST = 3, 6  # errors that follow from one mistake: of nearly all, of the worst
NEAR = 2  # lines


def without_one(lines: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    """(what is missing, its line from 1, the file): each line in turn, and each brace."""
    for index, line in enumerate(lines):
        if not line.strip() or line.strip()[0] in "#!":
            continue
        yield "line", index + 1, [*lines[:index], *lines[index + 1 :]]
        for brace in "{}":
            if brace in line.partition("#")[0]:
                yield brace, index + 1, [*lines[:index], line.replace(brace, "", 1), *lines[index + 1 :]]


def errors(lines: list[str]) -> list[Finding]:
    return list(conf.parse("\n".join(lines)).errors)


def opened_at(lines: list[str], number: int) -> set[int]:
    """The lines that open a block around this one."""
    stack: list[int] = []
    for at, line in enumerate(lines[:number], 1):
        code = line.partition("#")[0]
        stack += [at] * code.count("{")
        if at < number:
            del stack[len(stack) - min(len(stack), code.count("}")) :]
    return set(stack)


def places(finding: Finding) -> set[int]:
    """The line of a finding, and the one that its message leads to."""
    return {finding.line, *map(int, re.findall(r"line (\d+)", finding.message))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_missing_line_or_brace_is_few_errors(path: Path) -> None:
    lines = path.read_text().split("\n")
    known = {finding.message for finding in errors(lines)}
    counts = []
    for missing, number, text in without_one(lines):
        found = errors(text)
        new = [finding for finding in found if finding.message not in known]
        counts.append(len(new))
        assert len(new) <= MOST, (missing, number, [str(finding) for finding in new])
        if missing in "{}" and not known:
            near = set(range(number - NEAR, number + NEAR + 1)) | opened_at(lines, number)
            assert any(places(finding) & near for finding in found), (missing, number, [str(f) for f in found])
    assert sum(count <= FEW for count in counts) >= 0.8 * len(counts), counts


def test_words_of_another_block_are_one_error() -> None:
    text = "interface eth0\nstate BACKUP\npriority 9\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n}\n"
    assert [str(finding) for finding in conf.parse(text).errors] == [
        "conf:1: unknown keyword 'interface' in this place; it belongs in garp_group or in vrrp_instance; "
        "so it is with 2 more lines, up to line 3"
    ]
