# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every public name of the daemon and the plugins says what it is, and every sentence names who acts.

The two tables hold what is still missing.  They may only shrink: a package that gets better has to be written down, so
that it stays so; one that is not in a table is complete.
"""

from __future__ import annotations

import pytest

from tests.collection.gates.prose import ROOT, astray, packages, undocumented, unnamed

PACKAGES = packages()

WITHOUT_DOCSTRING: dict[str, int] = {}
WITHOUT_ACTOR: dict[str, int] = {}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_public_name_has_a_docstring(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}" for path in PACKAGES[package] for name in undocumented(path.read_text())
    ]
    assert len(found) == WITHOUT_DOCSTRING.get(package, 0), "\n".join(found)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_sentence_names_who_acts(package: str) -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in PACKAGES[package] for line in unnamed(path.read_text())]
    assert len(found) == WITHOUT_ACTOR.get(package, 0), "\n".join(found)


@pytest.mark.parametrize("package", PACKAGES)
def test_sources_that_texts_name_are_there(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in PACKAGES[package] for line in astray(path, path.read_text())
    ]
    assert found == []


def test_the_tables_name_packages_that_are_there() -> None:
    assert {*WITHOUT_DOCSTRING, *WITHOUT_ACTOR} <= set(PACKAGES)
    assert all([*WITHOUT_DOCSTRING.values(), *WITHOUT_ACTOR.values()])  # a zero is what every other package has


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", ["(module)"]),
        ("", []),
        ('"""A module."""', []),
        ('DOCUMENTATION = ""\ndef main(): pass', ["main"]),
        ('"""A."""\ndef f():\n """Does."""\ndef g(): pass\ndef _h(): pass', ["g"]),
        ('"""A."""\nclass A:\n def b(self): pass\n def __len__(self): pass', ["A", "A.b"]),
        ('"""A."""\nclass A:\n """B."""\n @property\n def c(self): pass', ["A.c"]),
        ('"""A."""\nclass _A:\n def b(self): pass', []),
        ('"""A."""\nasync def f(): pass', ["f"]),
    ],
)  # fmt: skip
def test_what_counts_as_undocumented(source: str, names: list[str]) -> None:
    assert list(undocumented(source)) == names


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""Nobody listens."""', ["1: Nobody listens."]),
        ('"""One.\n\nTwo, whoever asks."""', ["3: Two, whoever asks."]),
        ("x = 1  # somebody asks", ["1: # somebody asks"]),
        ("say(f'{x}: nobody knows')", ["1: : nobody knows"]),
        ("say('removed by somebody else')", ["1: removed by somebody else"]),
        ("x = 1  # somebody else's child", []),
        ("nobody = 1", []),
    ],
)
def test_what_counts_as_an_actor_without_a_name(source: str, lines: list[str]) -> None:
    assert list(unnamed(source)) == lines


def test_what_counts_as_a_source_that_is_not_there() -> None:
    path = ROOT / "runtime" / "lvsd" / "vrrp" / "rx.py"
    text = (
        '"""See fsm.py, check/health.py, loop.py and tests/levels.py, but not inlet.py (vrrp/bond.py)."""  # herald.py'
    )
    assert list(astray(path, text)) == ["1: herald.py", "1: inlet.py", "1: vrrp/bond.py"]
