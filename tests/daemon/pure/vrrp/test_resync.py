# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links and addresses that cannot be read, or not in one moment: said once, tried again after a pause that grows."""

from lvsd.loop import Loop
from lvsd.vrrp import resync
from lvsd.vrrp.interfaces import Interfaces
from lvsd.vrrp.resync import Rereading


class Readings(Interfaces):
    """What becomes of each reading, one after the other: "whole", "torn", "failed"."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    def read(self):
        outcome = self.outcomes.pop(0)
        if outcome == "failed":
            raise OSError("no answer")
        if outcome == "torn":
            self.torn()


def test_it_reads_again_until_a_reading_is_whole_and_says_each_reason_once(monkeypatch):
    monkeypatch.setattr(resync, "READ_AGAIN", 0.01)
    loop, said, learned = Loop(), [], []
    interfaces = Readings("torn", "torn", "torn", "failed", "whole", "torn", "whole")

    def learn():
        learned.append(len(interfaces.outcomes))
        if len(interfaces.outcomes) == 2:
            loop.call_later(0, rereading_.read)  # lost reports, much later
        if not interfaces.outcomes:
            loop.stop()

    rereading_ = Rereading(loop, interfaces, lambda _what, _subject, text: said.append(text), learn)
    interfaces.read()  # the first reading of a start: what it saw counts
    assert learned == []
    loop.run()
    loop.close()
    assert learned == [5, 4, 2, 1, 0]
    faster = "links and addresses change faster than they can be read: what was seen counts, with the changes"
    again = "they are read again in"
    assert said == [
        f"{faster}; {again} 0.01 s",
        f"links and addresses cannot be read: no answer; {again} 0.08 s",
        f"{faster}; {again} 0.01 s",
    ]
