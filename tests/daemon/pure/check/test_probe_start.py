# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of an attempt: of the kind of its probe, and what keeps us from it is a result, not an exception."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from lvsd.check import kinds
from lvsd.check.health import Result
from lvsd.check.kinds import CheckKind
from lvsd.check.probe.attempt import AttemptOptions, RunningProbe, passed
from lvsd.check.probe.http import HttpAttempt
from lvsd.check.probe.misc import MiscAttempt
from lvsd.check.probe.regex_search import Searcher
from lvsd.check.probe.start import start
from lvsd.check.probe.tcp import TcpAttempt
from lvsd.check.probe_spec import HttpProbe, MiscProbe, NoProbe, Page, Probe, TcpProbe
from lvsd.loop import Loop
from lvsd.model import Command
from lvsd.programs.client import Programs

from tests.support.attempts import outcome, turns
from tests.support.loop_server import closed_port


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@dataclass(frozen=True, slots=True)
class OddCheck:
    """The check of a kind that the tests make."""


@dataclass(frozen=True, slots=True)
class OddProbe(Probe):
    """Its probe: raises `error`, where there is one."""

    error: Exception | None


seen: list[AttemptOptions] = []


def begin(probe: OddProbe, options: AttemptOptions) -> RunningProbe:
    seen.append(options)
    if probe.error is not None:
        raise probe.error
    return passed(options, "odd")


ODD: CheckKind[OddCheck, OddProbe] = CheckKind(
    check=OddCheck, probe=OddProbe, name=lambda _: "ODD_CHECK", spec=lambda *_: NoProbe("odd"), start=begin
)


@pytest.fixture
def odd() -> Iterator[None]:
    kinds.register(ODD)
    seen.clear()
    yield
    kinds.forget(ODD)


def started(loop: Loop, probe: Probe) -> Result:
    searcher = Searcher(loop)
    return outcome(loop, lambda done: start(loop, probe, 7, 2.5, done, searcher, Programs(loop)))


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "too many open files"),
        (OSError("Odd"), "odd"),
        (ImportError("no module named _ssl"), "no module named _ssl"),
    ],
)
@pytest.mark.usefixtures("odd")
def test_what_keeps_us_from_beginning_says_nothing_about_the_server(loop: Loop, error: Exception, detail: str) -> None:
    result = started(loop, OddProbe(error))
    assert (result.passed, result.looked, result.detail) == (False, False, detail)


@pytest.mark.usefixtures("odd")
def test_a_fault_of_the_code_is_none_of_the_host(loop: Loop) -> None:
    with pytest.raises(ZeroDivisionError):
        started(loop, OddProbe(ZeroDivisionError()))


@pytest.mark.usefixtures("odd")
def test_a_kind_gets_what_it_needs(loop: Loop) -> None:
    assert started(loop, OddProbe(None)).detail == "odd"
    (options,) = seen
    assert (options.loop, options.url, options.timeout) == (loop, 7, 2.5)


def test_each_kind_begins_its_own_attempt(loop: Loop) -> None:
    before = set(loop._callbacks)
    results: list[Result] = []
    pages = tuple(Page(path=path, request=f"GET {path}\r\n\r\n".encode()) for path in ("/a", "/b", "/c"))
    probes = {
        TcpAttempt: TcpProbe(closed_port()),
        HttpAttempt: HttpProbe(target=closed_port(), pages=pages),
        MiscAttempt: MiscProbe(command=Command(("/does/not/exist",))),
    }
    for kind, probe in probes.items():
        running = start(loop, probe, 7, 2.5, results.append, Searcher(loop), Programs(loop))
        assert type(running) is kind
        if isinstance(running, HttpAttempt):
            assert running._page.path == "/b"  # the eighth of three
        running.cancel()
    turns(loop)
    assert results == []
    assert set(loop._callbacks) == before


def test_what_is_not_looked_at_passes(loop: Loop) -> None:
    assert started(loop, NoProbe("DNS_CHECK")).passed
