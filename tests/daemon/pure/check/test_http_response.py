# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP answers, judged while they arrive."""

from __future__ import annotations

import re
import time
import tracemalloc
from hashlib import md5
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check.health import Result
from lvsd.check.probe.http_response import (
    LONGEST_HEADERS,
    MOST_CHUNKS,
    SEARCHED,
    Answer,
    Question,
    Unsearched,
    Verdict,
)
from lvsd.check.probe_spec import Page

BODY = b"hello, world"
DIGEST = md5(BODY).hexdigest()
CUT = md5(BODY[:10]).hexdigest()
OK = b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n" + BODY
LENGTH = b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 12\r\n\r\n" + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
CHUNKED += b"5;ext=1\r\nhello\r\n7\r\n, world\r\n0\r\nX: trailer\r\n\r\n"


def page(**more: Any) -> Page:
    return Page(path="/", request=b"", **more)


def judged(page: Page, *pieces: bytes) -> Result:
    """The verdict after these pieces and the end."""
    verdict = answered(page, *pieces)
    return verdict if isinstance(verdict, Result) else verdict.judge(search(verdict))


def answered(page: Page, *pieces: bytes) -> Verdict:
    answer = Answer(page)
    for piece in pieces:
        if (verdict := answer.feed(piece)) is not None:
            return verdict
    return answer.end()


def search(question: Question) -> bool:
    flags = re.I if "caseless" in question.page.regex_options else 0
    return re.search((question.page.regex or "").encode(), question.body, flags) is not None


ROWS = [
    # page, answer, passed, detail
    (page(), OK, True, "status 200"),
    (page(), b"HTTP/1.1 204 No Content\r\n\r\n", True, "status 204"),
    (page(), b"HTTP/1.0 200\n\nbare line feeds", True, "status 200"),
    (page(), b"HTTP/1.0 503 No\r\n\r\n", False, "status 503"),
    (page(), b"HTTP/1.0 301 Moved\r\n\r\n", False, "status 301"),
    (page(status_codes=((503, 503), (301, 302))), b"HTTP/1.0 302 Found\r\n\r\n", True, "status 302"),
    (page(status_codes=((503, 503),)), OK, False, "status 200"),
    (page(), b"HTTP/1.1 100 Continue\r\n\r\n" + OK, True, "status 200"),
    (page(digest=DIGEST), OK, True, "status 200"),
    (page(digest=DIGEST), LENGTH, True, "status 200"),
    (page(digest=DIGEST), LENGTH + b"beyond the body", True, "status 200"),
    (page(digest=DIGEST), CHUNKED, True, "status 200"),
    (page(digest="0" * 32), OK, False, f"digest {DIGEST}"),
    (page(regex="w[aeiou]r"), CHUNKED, True, "status 200"),
    (page(regex="WORLD"), OK, False, "regex does not match"),
    (page(regex="WORLD", regex_options=("caseless",)), OK, True, "status 200"),
    (page(regex="error", regex_no_match=True), OK, True, "status 200"),
    (page(regex="hello", regex_no_match=True), OK, False, "regex matches"),
    (page(regex="Server"), OK, False, "regex does not match"),
    (page(), b"", False, "closed without an answer"),
    (page(), b"HTTP/1.0 200 OK\r\n", False, "closed after 17 bytes without an answer"),
    (page(), b"HTTP/1.0 2000 Much\r\n\r\n", False, "no HTTP answer: 'HTTP/1.0 2000 Much\\r'"),
    (page(), LENGTH[:-2], True, "status 200, closed after 10 of 12 bytes of the body"),
    (page(), CHUNKED[:-20], True, "status 200, closed within the body, after 11 bytes"),
    (page(digest=CUT), LENGTH[:-2], True, "status 200, closed after 10 of 12 bytes of the body"),
    (page(digest=DIGEST), LENGTH[:-2], False, f"digest {CUT}, closed after 10 of 12 bytes of the body"),
    (page(regex="wor"), LENGTH[:-2], True, "status 200, closed after 10 of 12 bytes of the body"),
    (page(regex="world"), LENGTH[:-2], False, "regex does not match"),
    (page(), CHUNKED.replace(b"7\r\n", b"z\r\n"), False, "no chunk: 'z'"),
    (page(), CHUNKED.replace(b"\r\n7", b"!\r\n7"), False, "no chunk: '!'"),
]


@pytest.mark.parametrize(("page", "answer", "passed", "detail"), ROWS)
def test_verdicts(page: Page, answer: bytes, passed: bool, detail: str) -> None:
    expected = Result(passed, detail)
    assert judged(page, answer) == expected
    assert judged(page, *(answer[n : n + 1] for n in range(len(answer)))) == expected


def test_what_is_no_http_is_told_from_its_first_bytes() -> None:
    assert Answer(page()).feed(b"SSH-2.0-OpenSSH") == Result(False, "no HTTP answer: 'SSH-2.0-OpenSSH'")


def test_it_does_not_wait_for_the_server_to_close_when_the_body_is_complete() -> None:
    assert Answer(page()).feed(LENGTH) == Result(True, "status 200")
    assert Answer(page()).feed(CHUNKED) == Result(True, "status 200")
    assert Answer(page()).feed(OK) is None


def test_a_wrong_status_needs_no_body() -> None:
    assert Answer(page(digest=DIGEST)).feed(b"HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\n") == Result(
        False, "status 500"
    )


def test_endless_headers_are_cut_off() -> None:
    verdict = judged(page(), b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * LONGEST_HEADERS)
    assert verdict == Result(False, f"headers longer than {LONGEST_HEADERS} bytes")


def test_of_an_endless_body_a_megabyte_is_enough() -> None:
    answer = Answer(page())
    answer.feed(b"HTTP/1.0 200 OK\r\n\r\n")
    assert answer.feed(b"x" * SEARCHED) == Result(True, "status 200")


def test_a_regex_sees_the_first_megabyte_and_no_more_is_kept() -> None:
    head = b"HTTP/1.0 200 OK\r\n\r\n"
    assert judged(page(regex="end"), head, b"x" * SEARCHED, b"end") == Result(False, "regex does not match")
    assert judged(page(regex="end"), head, b"x" * SEARCHED + b"end") == Result(False, "regex does not match")
    assert judged(page(regex="end"), head, b"x" * (SEARCHED - 3), b"end") == Result(True, "status 200")


def test_a_digest_sees_all_of_the_body() -> None:
    body = b"x" * (2 * SEARCHED)
    assert judged(page(digest=md5(body).hexdigest()), b"HTTP/1.0 200 OK\r\n\r\n", body).passed


@pytest.mark.parametrize("wanted", [False, True])
def test_a_regex_that_nobody_could_search_is_not_fulfilled(wanted: bool) -> None:
    question = answered(page(regex="(", regex_no_match=wanted), OK)
    assert isinstance(question, Question)
    assert question.judge("regex cannot be compiled") == Result(False, "regex cannot be compiled")
    assert question.judge(Unsearched("no memory")) == Result(False, "no memory", looked=False)


FLOODS = [
    (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536, f"headers longer than {LONGEST_HEADERS} bytes"),
    (b"", b"HTTP/1.1 100 Go on\r\n\r\n" * 2000, "more than 16 interim answers"),
    (CHUNKED[:53], b"1\r\nx\r\n" * 10_000, f"more than {MOST_CHUNKS} chunks"),
    (CHUNKED[:53], b"0" * 65536, "a chunk's size is too long"),
]


@pytest.mark.parametrize(("start", "more", "detail"), FLOODS)
def test_a_flood_is_cut_off_with_little_work_and_memory(start: bytes, more: bytes, detail: str) -> None:
    began = time.thread_time()
    assert judged(page(digest=DIGEST), start, *([more] * 200)) == Result(False, detail)
    assert time.thread_time() - began < 2  # it takes some 0.2 s: nothing is looked at again and again
    tracemalloc.start()
    judged(page(digest=DIGEST), start, more)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


pages = st.sampled_from([page(), page(digest=DIGEST), page(regex="l+o"), page(status_codes=((100, 599),), regex="x")])
starts = st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n\r\n", CHUNKED[:58], LENGTH[:30], CHUNKED, LENGTH])


@given(pages, starts, st.binary(max_size=200), st.lists(st.integers(0, 300), max_size=6))
def test_garbage_in_any_pieces_gets_one_verdict(page: Page, start: bytes, garbage: bytes, cuts: list[int]) -> None:
    data = start + garbage
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    verdict = judged(page, *pieces)
    if not verdict.detail.startswith("no HTTP answer"):  # how much is quoted depends on what has arrived
        assert verdict == judged(page, data)
    else:
        assert not judged(page, data).passed
