# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP server in the loop of the test: no thread, no pause; what it does comes of what it has heard."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address

from lvsd.check.probe_spec import Target
from lvsd.loop import Loop


class Client:
    """One connection to the server; `heard` is all that the client has sent."""

    def __init__(self, server: LoopServer, connection: socket.socket) -> None:
        self.server = server
        self.socket = connection
        self.heard = b""
        self.left = False  # the client has closed its side
        self._unsent = b""
        connection.setblocking(False)
        server.loop.add_reader(connection.fileno(), self._read)

    def say(self, data: bytes) -> None:
        """Send `data`, as fast as the client takes it."""
        self._unsent += data
        self._write()

    def close(self) -> None:
        """Close the connection."""
        if self.socket.fileno() >= 0:
            self.server.loop.remove(self.socket.fileno())
            self.socket.close()

    def end(self) -> None:
        """Close the sending side, once all is said."""
        assert not self._unsent
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close the connection with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def _read(self) -> None:
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.heard += data
        if not data:
            self.left = True
            self.close()
            return
        self.server.hear(self)

    def _write(self) -> None:
        if self.socket.fileno() < 0:
            return
        try:
            self._unsent = self._unsent[self.socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:  # the client has left
            self._unsent = b""
        if self._unsent:
            self.server.loop.add_writer(self.socket.fileno(), self._write)
        else:
            self.server.loop.remove_writer(self.socket.fileno())


class LoopServer:
    """Listens on `address` until `close`; `hear` is called with a client that has said more, `greet` with a new one."""

    def __init__(
        self,
        loop: Loop,
        hear: Callable[[Client], None] = lambda _: None,
        greet: Callable[[Client], None] = lambda _: None,
        address: str = "127.0.0.1",
    ) -> None:
        self.loop = loop
        self.hear = hear
        self.greet = greet
        self.clients: list[Client] = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, 0), family=family)
        self.listener.setblocking(False)
        self.target = Target(address=ip_address(address), port=self.listener.getsockname()[1])
        loop.add_reader(self.listener.fileno(), self._accept)

    def close(self) -> None:
        """Close every connection and the port."""
        for client in self.clients:
            client.close()
        self.loop.remove(self.listener.fileno())
        self.listener.close()

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        self.clients.append(Client(self, connection))
        self.greet(self.clients[-1])


def answering(*pieces: bytes, then: Callable[[Client], None] = Client.close) -> Callable[[Client], None]:
    """For `hear`: when the request is complete, say these pieces, each in a turn of its own, then do `then`."""

    def go_on(client: Client, rest: tuple[bytes, ...]) -> None:
        if rest:
            client.say(rest[0])
        if rest and not client.left:
            client.server.loop.call_at(client.server.loop.now, lambda: go_on(client, rest[1:]))
        elif client._unsent:
            client.server.loop.call_at(client.server.loop.now, lambda: go_on(client, ()))
        elif client.socket.fileno() >= 0:
            then(client)

    def hear(client: Client) -> None:
        if client.heard.endswith(b"\r\n\r\n"):
            go_on(client, pieces)

    return hear


def closed_port() -> Target:
    """Where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return Target(address=ip_address("127.0.0.1"), port=listener.getsockname()[1])
