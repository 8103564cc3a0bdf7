# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker and its starter say to each other, and what is none of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from lvsd.model import Command
from lvsd.programs import protocol as module
from lvsd.programs.protocol import (
    ConfiguredReport,
    ConfigureOrder,
    Ended,
    EndOrder,
    EndReport,
    FailureReport,
    Garbled,
    JudgedReport,
    JudgeOrder,
    NotRun,
    Order,
    RefusalReport,
    RefusedProgram,
    Report,
    SocketOrder,
    SocketReport,
    StartOrder,
)

ORDERS: list[Order] = [
    ConfigureOrder(3),
    JudgeOrder(7),
    StartOrder(1, Command(("/bin/x", "a b", "\udcff\u00e9"), "ann", "staff"), ("INSTANCE", ""), 60.0, 5.0),
    StartOrder(2, Command(("/bin/x",)), (), 0.0, 0.0),
    EndOrder(1, at_once=False),
    EndOrder(1, at_once=True),
    SocketOrder(7),
]
REPORTS: list[Report] = [
    RefusalReport(1, NotRun("/x: no such file or directory", known=True)),
    EndReport(1, Ended(0, None, 2)),
    EndReport(1, Ended(None, "did not start: permission denied")),
    RefusedProgram("/x", "root", "it is a folder", 1.7e9),
    ConfiguredReport(3, "vrrp.conf:1: wrong"),
    ConfiguredReport(3),
    JudgedReport(7),
    SocketReport(7),
    SocketReport(7, "/run/lvsd/vrrp.sock: file exists"),
    FailureReport("Traceback"),
]
READERS: tuple[Callable[[bytes], Order | Report], ...] = (module.order, module.report)


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_an_order_arrives_as_it_was_sent(order: Order) -> None:
    assert module.order(module.packet(order)) == order


@pytest.mark.parametrize("report", REPORTS, ids=str)
def test_a_report_arrives_as_it_was_sent(report: Report) -> None:
    assert module.report(module.packet(report)) == report


@pytest.mark.parametrize("message", [*ORDERS, *REPORTS], ids=str)
def test_what_is_changed_a_little_is_understood_or_garbled_and_nothing_else(message: Order | Report) -> None:
    """Fields of other types, fewer and more of them, and bytes that are others."""
    dice = random.Random(str(message))
    others: list[object] = [None, True, -1, 1.5, "x", [], [1], ["x"], {}, 1 << 80, float("inf"), float("nan")]
    for _ in range(500):
        fields = json.loads(module.packet(message))
        place = dice.randrange(len(fields))
        changed = [[*fields[:place], dice.choice(others), *fields[place + 1 :]], fields[:place], [*fields, "x"]]
        raw = bytearray(module.packet(message))
        raw[dice.randrange(len(raw))] = dice.randrange(256)
        for received in (json.dumps(dice.choice(changed)).encode(), bytes(raw)):
            for read in READERS:
                try:
                    understood = read(received)
                except Garbled:
                    continue
                assert isinstance(understood, (type(message), *map(type, ORDERS), *map(type, REPORTS)))
                assert read(module.packet(understood)) == understood


@pytest.mark.parametrize("received", [
    b"", b"1", b"{}", b"[]", b'["start"]', b'["start",true,["/x"],null,null,[],1,1]', b'["stop","1"]', b'["kill"]',
    b'["start",1,["/x"],null,null,[],-1,1]', b'["start",1,["/x"],null,null,[],1,1e10]',
    b'["stop",1' + b"0" * 5000 + b"]",
    b'["start",1,["/x"],0,null,[],1,1]', b'["start",1,"/x",null,null,[],1,1]', b'["configure"]', b"[" * 60000,
    b'["ended",1,0,null,0]', b'["judged",0]',
])  # fmt: skip
def test_what_is_no_order_is_garbled(received: bytes) -> None:
    with pytest.raises(Garbled):
        module.order(received)
