# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that searches: one byte for each job, an end by the kernel's timer, no word about what it cannot do."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from lvsd.check.probe.regex_child import ABSENT, FOUND, JOB, UNUSABLE, search
from lvsd.check.probe.regex_search import CHILD

HOSTILE, FOREVER = b"a" * 64 + b"b", b"(a+)+$"


def job(regex: bytes, body: bytes, *, flags: int = 0, seconds: float = 5.0) -> bytes:
    return JOB.pack(seconds, flags, len(regex), len(body)) + regex + body


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """The program as the checker starts it: as a file, without ours on its path."""
    command = [sys.executable, "-I", "-S", str(CHILD)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process
        process.kill()


def told(child: subprocess.Popen[bytes], *jobs: bytes) -> bytes:
    """What it says to these jobs until its input ends."""
    said, _errors = child.communicate(b"".join(jobs), timeout=20)
    return said


@pytest.mark.parametrize(
    ("regex", "flags", "body", "answer"),
    [
        (b"wor.d", 0, b"hello, world", FOUND),
        (b"wor.d", 0, b"hello", ABSENT),
        (b"WORLD", 0, b"hello, world", ABSENT),
        (b"WORLD", re.I, b"hello, world", FOUND),
        (b"a.b", 0, b"a\nb", ABSENT),
        (b"a.b", re.S, b"a\nb", FOUND),
        (b"^b", 0, b"a\nb", ABSENT),
        (b"^b", re.M, b"a\nb", FOUND),
        (b"a b", re.X, b"ab", FOUND),
        (b"", 0, b"", FOUND),
        (b"\xff\x00", 0, b"\x01\xff\x00", FOUND),
        (b"(", 0, b"x", UNUSABLE),
        (b"x{99999999999}", 0, b"x", UNUSABLE),
        (b"(?P<a>", 0, b"x", UNUSABLE),
        (b"(" * 20_000 + b")" * 20_000, 0, b"x", UNUSABLE),
        (b"x", 1 << 20, b"x", FOUND),
    ],
)
def test_one_byte_says_how_it_was(regex: bytes, flags: int, body: bytes, answer: bytes) -> None:
    assert search(regex, flags, body) == answer


def test_jobs_are_answered_in_their_order(child: subprocess.Popen[bytes]) -> None:
    jobs = job(b"a", b"a"), job(b"a", b"b"), job(b"(", b""), job(b"A", b"a", flags=re.I), job(b"", b"")
    assert told(child, *jobs) == FOUND + ABSENT + UNUSABLE + FOUND + FOUND
    assert child.returncode == 0


def test_an_answer_comes_before_the_next_job_is_there(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    for body, answer in ((b"x" * (1 << 20) + b"world", FOUND), (b"x" * (1 << 20), ABSENT)):
        child.stdin.write(job(b"world", body))
        child.stdin.flush()
        assert child.stdout.read(1) == answer


def test_without_a_job_it_ends_with_its_input(child: subprocess.Popen[bytes]) -> None:
    assert told(child) == b""
    assert child.returncode == 0


def test_a_job_that_takes_longer_than_its_time_ends_it(child: subprocess.Popen[bytes]) -> None:
    """By the kernel, in the middle of the search; those before it are answered."""
    assert told(child, job(b"a", b"a"), job(FOREVER, HOSTILE, seconds=0.02), job(b"a", b"a")) == FOUND
    assert child.returncode == -signal.SIGPROF


def test_each_job_has_its_own_time(child: subprocess.Popen[bytes]) -> None:
    """The short limit of the job before does not hold for the next, which needs some hundredths of a second."""
    longer = job(FOREVER, b"a" * 21 + b"b", seconds=20)
    assert told(child, job(b"a", b"a", seconds=0.01), longer) == FOUND + ABSENT
    assert child.returncode == 0


@pytest.mark.parametrize("kept", [1, JOB.size - 1])
def test_half_a_job_is_not_answered(child: subprocess.Popen[bytes], kept: int) -> None:
    """Its parent has died in the middle of writing."""
    assert told(child, job(b"a", b"a"), job(b"a", b"a")[:kept]) == FOUND
    assert child.returncode != 0
