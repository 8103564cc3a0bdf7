# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each source of the daemon has a test file of its own name, so that a reader knows where to look and to write.

The test of `check/pool.py` is `test_pool.py` or `test_check_pool.py`, that of `conf/grammar/method.py` may also be
`test_grammar_method.py`, that of `ctl/__main__.py` is `test_ctl_main.py`; it lies below `tests/daemon` and imports or
runs the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.imports import names

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parents[1] / "runtime" / "lvsd"
SOURCES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if path.name != "__init__.py")
FILES = {path.name: path for path in TESTS.rglob("test_*.py")}


def possible(source: str) -> list[str]:
    """The names that the test of a source may have: its own, or with that of a folder in front of it."""
    *folders, name = Path(source).with_suffix("").parts
    name = name.strip("_")
    return [f"test_{name}.py", *(f"test_{folder}_{name}.py" for folder in folders)]


def used(text: str) -> Iterator[str]:
    """The dotted names that a test imports, and its texts: programs and the arguments of programs."""
    for node in ast.walk(ast.parse(text)):
        yield from names(node, TESTS / "test.py", TESTS)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from node.value.split()


def module(source: str) -> str:
    """The dotted name of a source; that of a folder for its `__main__`."""
    return ".".join([ROOT.name, *Path(source).with_suffix("").parts]).removesuffix(".__main__")


def has_test(source: str, files: dict[str, Path]) -> bool:
    """Whether one of the files has the name for this source, and imports or runs it."""
    name = module(source)
    inside = f"{name}.__main__" if source.endswith("__main__.py") else name
    return any(
        one == name or f"{one}.".startswith(f"{inside}.")
        for test in possible(source)
        if test in files
        for one in used(files[test].read_text())
    )


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_a_test_of_its_own_name(source: str) -> None:
    assert has_test(source, FILES), f"one of {', '.join(possible(source))}"


@pytest.mark.parametrize(
    ("source", "test", "text", "found"),
    [
        ("check/pool.py", "test_pool.py", "from lvsd.check.pool import pool", True),
        ("check/pool.py", "test_check_pool.py", "from lvsd.check import pool", True),
        ("check/pool.py", "test_check_pool.py", "import lvsd.check.pool as one", True),
        ("check/pool.py", "test_pools.py", "from lvsd.check.pool import pool", False),
        ("check/pool.py", "test_pool.py", "from lvsd.check.pools import pool", False),
        ("check/pool.py", "test_pool.py", "from lvsd import check", False),
        ("check/probe/tcp.py", "test_probe_tcp.py", "from lvsd.check.probe.tcp import TcpAttempt", True),
        ("worker/start.py", "test_start.py", "run(['python3', '-m', 'lvsd.worker.start'])", True),
        ("ctl/__main__.py", "test_ctl_main.py", "from lvsd.ctl.__main__ import main", True),
        ("ctl/__main__.py", "test_ctl_main.py", "run('-m', 'lvsd.ctl')", True),
        ("ctl/__main__.py", "test_ctl_main.py", "from lvsd.ctl.table import table", False),
    ],
)
def test_what_counts(tmp_path: Path, source: str, test: str, text: str, found: bool) -> None:
    path = tmp_path / test
    path.write_text(text)
    assert has_test(source, {test: path}) == found
