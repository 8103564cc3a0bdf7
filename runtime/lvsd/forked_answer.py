# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A child that works something out, so that no packet, check or program waits for it, and writes it into a pipe."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import NoReturn

from lvsd.forked import keep_only
from lvsd.loop import Loop


class ForkedAnswer:
    """A fork of this process that calls `work`; `done` is called once with what that has returned, pickled.

    The bytes are as many as the child came to write: none, or some, where it ended early.  Raises OSError where there
    can be no child.
    """

    def __init__(self, loop: Loop, work: Callable[[], object], done: Callable[[bytes], object]) -> None:
        self._loop = loop
        self._done = done
        self._received = bytearray()
        self._pipe, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            pid = os.fork()
        except OSError:
            os.close(self._pipe)
            os.close(write)
            raise
        if pid == 0:
            _answer(write, work)
        os.close(write)
        self._child = loop.watch_process(pid, lambda _: None)
        loop.add_reader(self._pipe, self._read)

    def cancel(self) -> None:
        """End the child; `done` is not called."""
        self._child.send(signal.SIGKILL)
        self._close()

    def _read(self) -> None:
        try:
            while data := os.read(self._pipe, 1 << 20):
                self._received += data
        except BlockingIOError:
            return
        self._close()
        self._done(bytes(self._received))

    def _close(self) -> None:
        self._loop.remove(self._pipe)
        os.close(self._pipe)


def _answer(pipe: int, work: Callable[[], object]) -> NoReturn:
    """In the child: write what `work` returns, and end at once."""
    import pickle

    try:
        signal.set_wakeup_fd(-1)
        keep_only(pipe)  # who waits for our parent's answer hears at once when it has ended
        os.set_blocking(pipe, True)
        with open(pipe, "wb") as out:
            out.write(pickle.dumps(work(), pickle.HIGHEST_PROTOCOL))
    finally:  # the parent carries on from here, not the child
        os._exit(0)
