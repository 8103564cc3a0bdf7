# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One long download through the service: opened, watched, ended on purpose, and every byte of it compared.

    python3 -m tests.promise.transfer ADDRESS PORT OUTPUT [SERVER]

A JSON line goes to OUTPUT when the download has begun (who answers, from which port), and one when it is over. SIGTERM
ends it as its reader would: the half of the connection that the reader sends on is closed, the rest is read. With
SERVER, downloads that another real server answers are given up until that one answers.
"""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.promise.server import BLOCK, block

PATIENCE = 10.0  # seconds without a byte: the connection is dead
TRIES = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """`right`: it ended when its reader wanted, with every byte as sent. `pause`: the longest time without a byte, in
    milliseconds."""

    right: bool
    received: int  # bytes
    pause: float
    problem: str = ""


class Broken(Exception):
    """The download is not what was sent."""


def compared(received: bytes) -> Outcome | None:
    """What a whole body is worth. Pure. None while its last line is missing; raises `Broken`."""
    head, found, last = received.rpartition(b"end ")
    if not found or not last.endswith(b"\n"):
        return None
    length, digest = last.split()
    wanted = b"".join(block(number) for number in range(len(head) // BLOCK))
    if head != wanted:
        raise Broken("other bytes than were sent")
    if (int(length), digest.decode()) != (len(head), hashlib.sha256(head).hexdigest()):
        raise Broken(f"{len(head)} bytes, {int(length)} were sent")
    return Outcome(True, len(head), 0.0)


class Download:
    """A connection of which the head has been read."""

    def __init__(self, address: str, port: int) -> None:
        self.connection = socket.create_connection((address, port), PATIENCE)
        self.connection.sendall(f"GET /long HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        self.stream = self.connection.makefile("rb")
        head = {}
        for row in iter(self.stream.readline, b"\r\n"):
            name, _, value = row.decode().partition(":")
            head[name.lower()] = value.strip()
        self.server = head.get("x-server", "")

    def leave(self) -> None:
        """Close the half that we send on; what a dead connection says to that, `run` finds out."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.stream.close()
        self.connection.close()

    def run(self) -> Outcome:
        """Read until the sender ends it."""
        received, pause, heard = bytearray(), 0.0, time.monotonic()
        try:
            while data := self.stream.read1(65536):
                now = time.monotonic()
                pause, heard = max(pause, now - heard), now
                received += data
            outcome = compared(bytes(received))
            problem = "" if outcome else "it ended before its reader wanted"
        except (OSError, Broken) as error:
            problem = str(error) or type(error).__name__
        return Outcome(not problem, len(received), round(pause * 1000, 1), problem)


def opened(address: str, port: int, server: str | None) -> Download:
    """A download that `server` answers, if one is wanted. Raises ConnectionError when it never does."""
    for _ in range(TRIES):
        download = Download(address, port)
        if server in (None, download.server):
            return download
        download.leave()
        download.run()
        download.close()
    raise ConnectionError(f"{server} answered none of {TRIES} downloads")


def main(address: str, port: int, output: Path, server: str | None) -> None:
    with output.open("a", buffering=1) as lines:

        def say(**what: Any) -> None:
            lines.write(json.dumps(what) + "\n")

        download = opened(address, port, server)
        signal.signal(signal.SIGTERM, lambda *_: download.leave())
        say(began=time.time(), server=download.server, port=download.connection.getsockname()[1])
        say(ended=time.time(), **asdict(download.run()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else None)
