# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of a real server: its name on every path, on /long a download that lasts as long as its reader wants.

    python3 server.py NAME ADDRESS PORT

The long download is a block every 50 ms until the reader closes its half of the connection: then a line with the
number of bytes and their SHA-256 ends it. Standard library only.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys

BLOCK = 1024  # bytes
PACE = 0.05  # seconds between two blocks
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Server: {}\r\nConnection: close\r\n\r\n"


def block(number: int) -> bytes:
    """The block of a long download: different for every number, and 1024 bytes of it."""
    return (f"{number:015d} " * (BLOCK // 16)).encode()


async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Blocks until the reader has closed its half, then the sum."""
    total, sent = hashlib.sha256(), 0
    closed = asyncio.ensure_future(reader.read())
    while not closed.done():
        data = block(sent // BLOCK)
        total.update(data)
        sent += len(data)
        writer.write(data)
        await writer.drain()
        await asyncio.wait([closed], timeout=PACE)
    closed.result()  # raises where the connection was reset
    writer.write(f"end {sent} {total.hexdigest()}\n".encode())


async def serve(name: str, address: str, port: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD.format(name).encode())
            if question.split(b" ")[1] == b"/long":
                await stream(reader, writer)
            else:
                writer.write(f"{name}\n".encode())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other side has left
        finally:
            writer.close()

    server = await asyncio.start_server(answer, address, port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3])))
