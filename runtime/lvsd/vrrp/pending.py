# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the election has decided in this wake-up and the router has still to carry out.

A wake-up collects everything that happens, then the router carries it out at once, in the order in which it must
happen: advertisements, addresses, announcements, scripts.
"""

from __future__ import annotations

from collections.abc import Callable

from lvsd.loop import Loop

from .instance import Instance, Todo, Work


class Pending:
    """`carry_out` gets what has been added, once in a wake-up, before the loop sleeps."""

    def __init__(self, loop: Loop, carry_out: Callable[[Todo], None]) -> None:
        self._loop = loop
        self._carry_out = carry_out
        self._todo: Todo = []
        self._due = False
        self._asserted: set[tuple[Instance, Work]] = set()  # what Active instances answer in this wake-up

    def add(self, todo: Todo) -> None:
        """Carry this out before the loop sleeps."""
        if todo:
            self._todo += todo
            self.soon()

    def answer(self, todo: Todo) -> None:
        """As `add`, for what an advertisement has caused.

        An Active instance asserts itself once in a wake-up, however many routers have made it do so.
        """
        for one in todo:
            if not one[0].active:
                self._todo.append(one)
            elif one not in self._asserted:
                self._asserted.add(one)
                self._todo.append(one)
        if self._todo:
            self.soon()

    def soon(self) -> None:
        """Call `carry_out` before the loop sleeps, even with nothing that an election has decided."""
        if not self._due:
            self._due = True
            self._loop.before_sleep(self._wake)

    def flush(self) -> None:
        """Carry out now."""
        todo, self._todo = self._todo, []
        self._carry_out(todo)

    def _wake(self) -> None:
        self._due = False
        self._asserted.clear()
        self.flush()
