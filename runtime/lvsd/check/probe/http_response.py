# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP/1 answer, judged while it arrives: status code, digest and regular expression.

    answer = Answer(page)
    while (verdict := answer.feed(data)) is None: ...   # data as it comes from the server
    verdict = answer.end()                              # the server closed

What a server leaves out of a body that it has announced is told, and what has arrived is judged, as in keepalived.
A page with a regex ends in a `Question` instead, which `regex_search.py` answers: `verdict = question.judge(found)`.
Nothing a server sends makes it hold more than `SEARCHED` bytes, work without a bound, or raise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..health import Result
from ..probe_spec import Page

if TYPE_CHECKING:
    import hashlib

LONGEST_HEADERS = 64 << 10
LONGEST_CHUNK_LINE = 4 << 10
MOST_CHUNKS = 20_000
MOST_INTERIM = 16  # answers 1xx before the real one
SEARCHED = 1 << 20  # bytes of the body that a regex sees; with neither digest nor regex, as many are enough

STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?:[ \t\r]|$)")
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
CONTENT_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$")
CHUNKED = re.compile(rb"(?im)^transfer-encoding[ \t]*:[^\n]*\bchunked\b")
CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


@dataclass(frozen=True, slots=True)
class Question:
    """Whether the regex of `page` is in `body`: an expression can take forever, so it is not searched here."""

    page: Page
    body: bytes
    good: Result  # if the regex agrees

    def judge(self, found: bool | str) -> Result:
        """`found` as a text: why it was not searched.  Then the server has not passed, unless it is our fault."""
        if isinstance(found, str):
            return Result(False, found, looked=not isinstance(found, Unsearched))
        if found is self.page.regex_no_match:
            return Result(False, "regex matches" if found else "regex does not match")
        return self.good


class Unsearched(str):
    """Why our side could not search."""

    __slots__ = ()


Verdict = Result | Question


class Answer:
    """The state of one answer; `feed` and `end` return the verdict once there is one."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status: int | None = None
        self.length: int | None = None  # Content-Length
        self.received = 0  # bytes of the body
        self._unparsed = b""
        self._interim = 0
        self._chunks: Chunks | None = None
        self._digest = None if page.digest is None else new_digest()
        self._searched = bytearray()

    def feed(self, data: bytes) -> Verdict | None:
        """Take what has arrived. Returns the verdict as soon as there is one."""
        if self.status is None:
            searched = max(0, len(self._unparsed) - 3)
            self._unparsed += data
            verdict = self._headers(searched)
            if verdict is not None or self.status is None:
                return verdict
            data, self._unparsed = self._unparsed, b""
        return self._body(data)

    def end(self) -> Verdict:
        """The server has closed its side."""
        if self.status is None:
            said = len(self._unparsed)
            return Result(False, f"closed after {said} bytes without an answer" if said else "closed without an answer")
        if self._chunks is not None:
            return self._judge(f", closed within the body, after {self.received} bytes")
        if self.length is not None and self.received < self.length:
            return self._judge(f", closed after {self.received} of {self.length} bytes of the body")
        return self._judge()

    def _headers(self, searched: int) -> Result | None:
        """Read the headers once they are complete; interim answers (1xx) are passed over."""
        while end := END_OF_HEADERS.search(self._unparsed, searched):
            searched = 0
            head, self._unparsed = self._unparsed[: end.start() + 1], self._unparsed[end.end() :]
            found = STATUS.match(head)
            if found is None:
                return Result(False, f"no HTTP answer: {excerpt(head)}")
            status = int(found[1])
            if not (100 <= status < 200 and status != 101):
                return self._begin(status, head)
            self._interim += 1
            if self._interim > MOST_INTERIM:
                return Result(False, f"more than {MOST_INTERIM} interim answers")
        if len(self._unparsed) > LONGEST_HEADERS:
            return Result(False, f"headers longer than {LONGEST_HEADERS} bytes")
        if not b"HTTP/".startswith(self._unparsed[:5]):
            return Result(False, f"no HTTP answer: {excerpt(self._unparsed)}")
        return None

    def _begin(self, status: int, head: bytes) -> Result | None:
        self.status = status
        if not any(low <= status <= high for low, high in self.page.status_codes):
            return Result(False, f"status {status}")
        if status in (204, 304):
            self.length = 0
        elif CHUNKED.search(head):
            self._chunks = Chunks()
        elif length := CONTENT_LENGTH.search(head):
            self.length = int(length[1])
        return None

    def _body(self, data: bytes) -> Verdict | None:
        if self._chunks is not None:
            try:
                data = self._chunks.feed(data)
            except ValueError as error:
                return Result(False, str(error))
        elif self.length is not None:
            data = data[: self.length - self.received]
        self.received += len(data)
        if self._digest is not None:
            self._digest.update(data)
        if self.page.regex is not None and len(self._searched) < SEARCHED:
            self._searched += data[: SEARCHED - len(self._searched)]
        return self._judge() if self._enough() else None

    def _enough(self) -> bool:
        if self._chunks is not None and self._chunks.complete:
            return True
        if self.length is not None and self.received >= self.length:
            return True
        return self._digest is None and self.received >= SEARCHED

    def _judge(self, missing: str = "") -> Verdict:
        if self._digest is not None and self._digest.hexdigest() != self.page.digest:
            return Result(False, f"digest {self._digest.hexdigest()}{missing}")
        good = Result(True, f"status {self.status}{missing}")
        if self.page.regex is not None:
            return Question(self.page, bytes(self._searched), good)
        return good


class Chunks:
    """Transfer-Encoding chunked (RFC 9112 §7.1): the data out of the chunks; trailers are not waited for."""

    def __init__(self) -> None:
        self.complete = False
        self._count = 0
        self._left = 0  # bytes of the present chunk
        self._line = b""
        self._after_data = False  # a line end follows the data of a chunk

    def feed(self, data: bytes) -> bytes:
        """Raises ValueError for what is no chunk."""
        pieces = []
        at = 0
        while at < len(data) and not self.complete:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                self._after_data = not self._left
            else:
                at = self._size(data, at)
        return b"".join(pieces)

    def _size(self, data: bytes, at: int) -> int:
        """Where the line of a chunk's size ends."""
        end = data.find(b"\n", at)
        self._line += data[at:] if end < 0 else data[at:end]
        if len(self._line) > LONGEST_CHUNK_LINE:
            raise ValueError("a chunk's size is too long")
        if end < 0:
            return len(data)
        line, self._line = self._line.rstrip(b"\r"), b""
        if self._after_data and not line:
            self._after_data = False
            return end + 1
        found = CHUNK_SIZE.fullmatch(line)
        if found is None or self._after_data:
            raise ValueError(f"no chunk: {excerpt(line)}")
        self._count += 1
        if self._count > MOST_CHUNKS:
            raise ValueError(f"more than {MOST_CHUNKS} chunks")
        self._left = int(found[1], 16)
        self.complete = not self._left
        return end + 1


def new_digest() -> hashlib._Hash:
    """MD5, as keepalived's `digest` has it."""
    from hashlib import md5  # OpenSSL takes time and memory: only where it is needed

    return md5(usedforsecurity=False)


def excerpt(data: bytes) -> str:
    """The beginning of what was received, fit for a log line."""
    return repr(bytes(data[:32]))[1:]
