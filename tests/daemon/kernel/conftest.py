# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test of this folder runs inside a User-Mode Linux kernel, though it reads like any other test.

    pytest tests/daemon/kernel                      boots one machine, runs all selected tests in it, stops it
    pytest tests/daemon/kernel -k wrr -x            selection and options as usual

How: the pytest on the host collects the tests and, at the first one, boots one machine (uml.py) in which a second
pytest runs exactly the selected tests. Its reports come back one by one and are the host's reports. A test whose
report never comes (the kernel crashed, time ran out) fails, with the console's last lines.

What a test finds inside:
* It is root in a kernel with every IPVS scheduler (modules load by themselves), veth, bridge, dummy, ipip, fou, gre;
  no nftables. Its root is the host's disk, read-only; `tmp_path`, /run and /dev/shm can be written.
* The fixture `namespace` (used by each test without asking): a fresh network namespace with `lo` up is current, so the
  IPVS table is empty; everything that the test starts inherits it, everything it makes there is gone afterwards.
  `ip netns add` works for more of them; the fixture deletes what is left of those, and ends what still runs in them.
* The fixture `ipvs`: an lvsd.kernel.ipvs.Ipvs of that namespace. The function `run("ipvsadm", "-Ln")` of
  the module `inside` returns what a command prints and raises when it fails.
* No fixture runs on the host. LVSD_UML_LIMIT (seconds, default 600) bounds the machine's life.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "runtime"), str(ROOT)]

import inside  # noqa: E402
from checkers import Checker  # noqa: E402
from lvsd.kernel.ipvs import Ipvs  # noqa: E402
from lvsd.kernel.netlink_socket import generic_netlink  # noqa: E402
from uml import Machine, MachineError  # noqa: E402

HERE = Path(__file__).parent
INSIDE = "LVSD_INSIDE" in os.environ
JOB = Path("/run/job")  # inside
LIMIT = float(os.environ.get("LVSD_UML_LIMIT", "600"))


# --- fixtures, which only ever run inside -------------------------------------------------------------


@pytest.fixture(autouse=True)
def namespace() -> Iterator[None]:
    """A network namespace of the test's own."""
    with inside.fresh_namespace():
        yield


@pytest.fixture
def ipvs(namespace: None) -> Iterator[Ipvs]:
    socket = generic_netlink()
    yield Ipvs(socket)
    socket.close()


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[Checker]:
    """Not started yet; gone at the end, and its log shown where the test has failed."""
    checker = Checker(tmp_path)
    yield checker
    checker.close()
    print(checker.log)


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """A file that is there: see `checkers.flag_check`."""
    path = tmp_path / "up"
    path.touch()
    return path


# --- inside: run what the host selected, report to the host --------------------------------------------


if INSIDE:

    def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
        selected = json.loads((JOB / "selected").read_text())
        known = {item.nodeid: item for item in items}
        items[:] = [known[nodeid] for nodeid in selected if nodeid in known]

    class Reporter:
        def __init__(self, config: pytest.Config) -> None:
            self.config = config
            self.file = (JOB / "reports").open("a")

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
            self.file.write(json.dumps(data) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())  # now the host sees it

    def pytest_configure(config: pytest.Config) -> None:
        config.pluginmanager.register(Reporter(config), "lvsd-reporter")


# --- on the host: boot, hand over, take the reports ----------------------------------------------------


class Run:
    """The machine's run of all selected tests."""

    def __init__(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        self.config = config
        self.machine = Machine()
        self.reports: dict[str, list[pytest.TestReport]] = {}
        self.read = 0
        self.deadline = time.monotonic() + LIMIT
        (self.machine.folder / "selected").write_text(json.dumps([item.nodeid for item in items]))
        (self.machine.folder / "reports").touch()
        files = sorted({str(item.path) for item in items})
        options = ["-p", "no:cacheprovider", "--basetemp", "/run/tmp/pytest", "--rootdir", str(config.rootpath)]
        if config.inipath:
            options += ["-c", str(config.inipath)]
        environment = {
            "LVSD_INSIDE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ":".join(path for path in sys.path if path),
            "HYPOTHESIS_STORAGE_DIRECTORY": "/run/tmp/hypothesis",
            "TMPDIR": "/run/tmp",
            **{name: value for name, value in os.environ.items() if name == "LVSD_WITHOUT"},
        }
        words = [*(f"{name}={value}" for name, value in environment.items()), sys.executable, "-m", "pytest", *options]
        self.machine.start(f"cd {shlex.quote(str(config.rootpath))} && exec env {shlex.join([*words, *files])}\n")

    def reports_of(self, item: pytest.Item) -> list[pytest.TestReport]:
        """All three reports of a test, as soon as it has ended. Raises MachineError."""
        while True:
            over = self.machine.exit_code is not None or not self.machine.running  # before reading: nothing is missed
            self.collect()
            reports = self.reports.get(item.nodeid, [])
            if any(report.when == "teardown" for report in reports):
                return reports
            if over:
                raise MachineError(f"the machine's pytest ended without this test\n{self.machine.last_words()}")
            if time.monotonic() > self.deadline:
                raise MachineError(f"the machine took more than {LIMIT:g} s\n{self.machine.last_words()}")
            time.sleep(0.05)

    def collect(self) -> None:
        with (self.machine.folder / "reports").open() as file:
            file.seek(self.read)
            while (line := file.readline()).endswith("\n"):
                self.read += len(line)
                data = json.loads(line)
                report = self.config.hook.pytest_report_from_serializable(config=self.config, data=data)
                self.reports.setdefault(report.nodeid, []).append(report)


RUN = pytest.StashKey[Run]()


if not INSIDE:

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        try:
            reports = run_of(item.session).reports_of(item)
        except MachineError as reason:
            reports = [failure(item, str(reason))]
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_sessionfinish(session: pytest.Session) -> None:
        if run := session.stash.get(RUN, None):
            run.machine.stop()


def run_of(session: pytest.Session) -> Run:
    """The run, started by the first test that asks."""
    if RUN not in session.stash:
        signal.signal(signal.SIGTERM, interrupt)
        ours = [item for item in session.items if item.path.is_relative_to(HERE)]
        session.stash[RUN] = Run(session.config, ours)
    return session.stash[RUN]


def interrupt(number: int, frame: object) -> None:
    """SIGTERM ends the session as Ctrl-C does: with the machine stopped."""
    raise KeyboardInterrupt


def failure(item: pytest.Item, reason: str) -> pytest.TestReport:
    keywords: dict[str, Any] = {}
    return pytest.TestReport(item.nodeid, item.location, keywords, "failed", reason, "call", duration=0.0)
