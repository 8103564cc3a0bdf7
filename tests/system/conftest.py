# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of the tests' own, beside any that a developer has up; logs of a failed test are kept under .cache/lab/run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.lab import PAIR, Lab, leftovers
from tests.lab.paths import Paths, paths


def pytest_configure() -> None:
    """A runner that gives up sends SIGTERM: fixtures then end as they do at the end of a run."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@pytest.fixture(scope="session")
def where() -> Paths:
    return replace(paths(), name="test")


@pytest.fixture(scope="module")
def lab(where: Paths) -> Iterator[Lab]:
    """The pair, up; shared by a file's tests: each heals what it hurts. Nothing may be left when it has gone."""
    with Lab(PAIR, where=where) as running:
        yield running
    assert leftovers(where) == []


@pytest.fixture
def healed(lab: Lab) -> Iterator[Lab]:
    """The same lab, with every fault ended and every machine on after the test."""
    try:
        yield lab
    finally:
        for machine in lab.machines.values():
            if machine.pid is None:
                machine.power_on()
            machine.heal()
