# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's reports become news, and what is lost or strange is read again."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.kernel import uapi
from lvsd.kernel.netlink import Request, encode
from lvsd.kernel.rtnl_messages import IFINFOMSG
from lvsd.vrrp.interfaces import Interfaces, News
from lvsd.vrrp.kernel_reports import KernelReports

from tests.daemon.simulation.clock import Clock, VirtualLoop
from tests.support.plain_kernel import NO_CARRIER, PlainKernel


class Scene:
    def __init__(self) -> None:
        self.kernel = PlainKernel()
        self.kernel.add_link("eth0", "192.0.2.1/24")
        self.kernel.read()
        self.learnt: list[News | str] = []
        fake: Any = self.kernel
        self.interfaces = Interfaces(fake)
        self.loop = VirtualLoop(Clock(), lambda: None)
        self.reports = KernelReports(self.loop, fake, self.interfaces, self.say, self.learnt.append, self.learn_anew)

    def say(self, *_: object, **__: object) -> None:
        pass

    def learn_anew(self) -> None:
        self.learnt.append("anew")


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_the_tables_are_read_at_once(scene: Scene) -> None:
    assert set(scene.interfaces.links) == {"eth0"}
    assert len(scene.interfaces.addresses) == 1
    assert scene.learnt == []


def test_what_is_reported_is_learnt(scene: Scene) -> None:
    scene.kernel.set_link("eth0", flags=NO_CARRIER)
    scene.reports.observe()
    assert scene.learnt == [News({"eth0"})]
    assert not scene.interfaces.links["eth0"].running


@pytest.mark.parametrize("what", ["lost", "strange"])
def test_after_a_report_that_was_lost_or_is_strange_everything_is_read(scene: Scene, what: str) -> None:
    scene.kernel.add_link("eth1")
    scene.kernel.read()
    if what == "lost":
        scene.kernel.lost = True
    else:
        scene.kernel.say(encode(Request(uapi.RTM_NEWLINK, 0, IFINFOMSG.pack(0, 1, 7, 0, 0)), 0, 0))  # without a name
    scene.reports.observe()
    assert scene.learnt == ["anew"]
    assert set(scene.interfaces.links) == {"eth0", "eth1"}


def test_catching_up_takes_it_in_and_tells_nothing_of_it(scene: Scene) -> None:
    assert not scene.reports.catch_up()
    scene.kernel.set_link("eth0", mtu=576)
    assert scene.reports.catch_up()
    scene.kernel.add_link("eth1")
    scene.kernel.read()
    scene.kernel.lost = True
    assert scene.reports.catch_up()
    assert (scene.interfaces.links["eth0"].mtu, set(scene.interfaces.links)) == (576, {"eth0", "eth1"})
    assert scene.learnt == []
