# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packet sockets that send the announcements of addresses as whole frames (packet(7))."""

from __future__ import annotations

import socket


class PacketSocket:
    """Sends whole Ethernet frames (lvsd.kernel.garp_frame) out of one interface; receives nothing."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        try:
            self._socket.bind((interface, 0))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def close(self) -> None:
        """Close the socket; no frame can be sent any more."""
        self._socket.close()

    def send(self, frame: bytes) -> None:
        """Raises OSError: ENETDOWN (interface down), ENXIO (interface gone), BlockingIOError (queue full)."""
        self._socket.send(frame)
