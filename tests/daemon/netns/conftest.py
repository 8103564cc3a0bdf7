# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests marked `beside` run beside each other: they mostly wait for timers, each in a network of its own.

The first of them that is called starts all that were selected; each call then waits for its own.  So a file of thirty
scenarios takes little longer than its longest one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from pyroute2 import NetNS

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "runtime"), str(Path(__file__).parent), str(ROOT)]

from lvsd.kernel.netlink_socket import EventSocket, route_netlink  # noqa: E402
from lvsd.kernel.rtnetlink import Route  # noqa: E402
from network import Network  # noqa: E402
from oracle import OURS, inside, namespace  # noqa: E402

from tests.support.keepalived import NoKeepalived, release  # noqa: E402

AT_ONCE = 12
LONGEST = 900  # seconds that one scenario may take beside the others: two processors run twelve at once

started = pytest.StashKey[dict[str, "Future[None]"]]()
pool = pytest.StashKey[ThreadPoolExecutor]()
peers: dict[str, str] = {}
"""Which keepaliveds took part, by suite: what each says of itself."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "beside: a scenario that may run at the same time as others")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that want the processors for themselves come first."""
    items.sort(key=lambda item: item.get_closest_marker("beside") is not None)


@pytest.fixture
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Network | None]:
    """An empty network; a test marked `beside` gets one of its own when it is started."""
    if request.node.get_closest_marker("beside"):
        yield None
        return
    with Network(tmp_path) as made:
        yield made


@pytest.fixture
def oracle() -> Iterator[NetNS]:
    """pyroute2 in a namespace of its own, which has eth0."""
    with namespace() as ours:
        yield ours


@pytest.fixture
def route(oracle: NetNS) -> Iterator[Route]:
    with inside(OURS):
        opened = route_netlink()
    yield Route(opened)
    opened.close()


@pytest.fixture
def events(oracle: NetNS) -> Iterator[EventSocket]:
    with inside(OURS):
        opened = EventSocket()
    yield opened
    opened.close()


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not pyfuncitem.get_closest_marker("beside"):
        return None
    session = pyfuncitem.session
    if started not in session.stash:
        functions = [item for item in session.items if isinstance(item, pytest.Function)]
        scenarios = [item for item in functions if item.get_closest_marker("beside")]
        prepare({arguments(item)["suite"] for item in scenarios if "suite" in arguments(item)})
        session.stash[pool] = ThreadPoolExecutor(AT_ONCE)
        session.stash[started] = {item.nodeid: session.stash[pool].submit(scenario, item) for item in scenarios}
    session.stash[started][pyfuncitem.nodeid].result(LONGEST)
    return True


def arguments(item: pytest.Item) -> dict[str, object]:
    """Those of its parameters."""
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def prepare(suites: set[object]) -> None:
    """The keepaliveds, before a clock runs; one that cannot be had fails its own scenarios."""
    for suite in sorted(map(str, suites)):
        try:
            peers[suite] = str(release(suite))
        except NoKeepalived as reason:
            peers[suite] = str(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if peers:
        terminalreporter.write_line(f"peers: {', '.join(peers.values())}")


def scenario(item: pytest.Function) -> None:
    made: pytest.TempPathFactory = vars(item.session.config)["_tmp_path_factory"]
    folder = made.mktemp("net")  # short: a socket's path has 107 bytes
    with Network(folder) as network:
        item.function(network=network, **arguments(item))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """No scenario outlives the session: those that did not begin never do, the others end and clean up."""
    if pool in session.stash:
        session.stash[pool].shutdown(wait=True, cancel_futures=True)
