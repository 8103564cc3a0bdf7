# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One checker takes the place of another, killed or asked to leave: nobody who uses the service can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from checkers import FIRST, SECOND, SERVICE, Checker, environment, flag_check, real, script, service, table
from inside import eventually, run
from lvsd import conf
from lvsd.check.worker import CheckerWorker
from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import Table
from lvsd.kernel.netlink import Refusal, Request
from lvsd.kernel.netlink_socket import NetlinkSocket
from lvsd.loop import Loop, WorkerOptions
from wire import LONG, VIP, Client, HttpServer, build, get

HTTP = "HTTP_GET {\n url {\n path /check\n }\n connect_timeout 5\n }"
ROUNDS = 2


def killed(checker: Checker) -> None:
    assert checker.end(signal.SIGKILL) == -signal.SIGKILL
    checker.start()


def handed_over(checker: Checker) -> None:
    """The successor is started beside the checker, and asks it to leave."""
    predecessor = checker.process
    assert predecessor is not None
    checker.start()
    assert predecessor.wait(5) == 0


replaced = pytest.mark.parametrize("replace", [killed, handed_over])
Replace = Callable[[Checker], None]


@pytest.fixture
def web() -> Iterator[dict[str, HttpServer]]:
    build()
    running = {name: HttpServer(name) for name in ("rs1", "rs2", "sorry")}
    yield running
    for server in running.values():
        server.end()


class Requests:
    """A steady stream of requests from the client, each on a connection of its own."""

    def __init__(self) -> None:
        self.answered = 0
        self.failures: list[OSError] = []
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(0.01):
            try:
                get()
                self.answered += 1
            except OSError as error:
                self.failures.append(error)


class Watch:
    """Every state of the kernel's table that was seen."""

    def __init__(self, ipvs: Ipvs) -> None:
        self.ipvs = ipvs
        self.seen: list[Table] = []
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(0.01):
            self.seen.append(self.ipvs.dump())


@contextmanager
def meanwhile(*activities: Requests | Watch) -> Iterator[None]:
    threads = [threading.Thread(target=activity.run) for activity in activities]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for activity in activities:
            activity.stop.set()
        for thread in threads:
            thread.join(15)


@replaced
def test_under_load_nothing_is_lost_and_the_table_never_moves(
    checker: Checker, web: dict[str, HttpServer], ipvs: Ipvs, replace: Replace
) -> None:
    checker.start(service(real(11, 2, HTTP), real(12, 1, HTTP), real(99, 3, HTTP), algo="rr"))
    web["sorry"].close()
    eventually(lambda: "10.0.0.99" not in table(), within=8)
    long, open_ones = Client(VIP[4], timeout=30), [Client(VIP[4]) for _ in range(4)]
    before = [client.get() for client in open_ones]
    transferred: list[int] = []
    transfer = threading.Thread(target=lambda: transferred.append(long.get_long()))
    transfer.start()
    assert checker.ask("drain", service=SERVICE, server=SECOND)["ok"]
    saved = run("ipvsadm-save", "-n")
    requests, watch = Requests(), Watch(ipvs)
    with meanwhile(requests, watch):
        for _ in range(ROUNDS):
            replace(checker)
            done = requests.answered
            eventually(lambda done=done: requests.answered > done + 5, within=10)
    assert requests.failures == []
    assert run("ipvsadm-save", "-n") == saved
    assert all(state == watch.seen[0] for state in watch.seen)  # the dead one out, the drained one at 0, all the time
    assert len(watch.seen) > 10 * ROUNDS
    assert [client.get() for client in open_ones] == before
    assert transferred == []
    for server in web.values():
        server.last_piece.set()
    transfer.join(20)
    assert transferred == [LONG]
    dead = checker.show()["servers"][2]
    assert (dead["up"], dead["effective_weight"]) == (False, None)
    web["sorry"] = HttpServer("sorry")
    eventually(lambda: "-> 10.0.0.99:80 Masq 3" in table(), within=8)  # its checks went on
    for client in (long, *open_ones):
        client.close()


class Counting(NetlinkSocket):
    """Counts what would change something."""

    written = 0

    def batch(self, requests: Sequence[Request]) -> list[Refusal]:
        self.written += len(requests)
        return super().batch(requests)


def test_the_first_comparison_writes_nothing_when_nothing_has_changed(checker: Checker, flag: Path) -> None:
    check, absent = flag_check(flag), flag_check(flag.with_name("absent"))
    checker.start(service(real(11, 3, check), real(12, 1, absent), more=" quorum 3\n hysteresis 1\n"))
    eventually(lambda: checker.show()["servers"][1]["up"] is False, within=5)
    shown = checker.show()
    run("ipvsadm", "-e", "-t", VIP[4] + ":80", "-r", FIRST, "-m", "-w", "3")
    checker.end(signal.SIGKILL)
    options = WorkerOptions(
        config=checker.config, runtime_dir=checker.folder / "run", state_dir=checker.folder / "state"
    )
    kernel = Counting(16)  # NETLINK_GENERIC
    handlers = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    worker = CheckerWorker(options, Loop(), Ipvs(kernel))
    try:
        worker.start(conf.load(options.config).configuration)
        (adopted,) = worker.checker._all_shown()["services"]
    finally:
        worker.close()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert kernel.written == 0
    for server in (*shown["servers"], *adopted["servers"]):
        for known in server["checks"]:
            del known["latency_ms"]  # when it was is not handed on
            known["failures"] = min(known["failures"], 1)  # nor how often a failed check has failed
    assert adopted == shown


@replaced
def test_scripts_do_not_run_again(checker: Checker, flag: Path, tmp_path: Path, replace: Replace) -> None:
    note, notes = script(tmp_path, "note", f"echo $1 >> {tmp_path}/notes"), tmp_path / "notes"
    hooks = f' notify_up "{note} up" root\n notify_down "{note} down" root\n'
    quorum = f' quorum_up "{note} quorum" root\n quorum_down "{note} none" root\n alpha\n omega\n'
    checker.start(service(real(11, 1, flag_check(flag), more=hooks), more=quorum))
    eventually(lambda: notes.exists() and sorted(notes.read_text().split()) == ["quorum", "up"], within=5)
    replace(checker)
    held = table()
    assert held == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"  # `alpha` does not begin again
    eventually(lambda: checker.show()["servers"][0]["checks"][0]["latency_ms"] is not None, within=5)
    assert len(notes.read_text().split()) == 2
    flag.unlink()
    eventually(lambda: sorted(notes.read_text().split()[2:]) == ["down", "none"], within=5)


def test_a_successor_that_cannot_run_leaves_everything_to_its_predecessor(checker: Checker) -> None:
    checker.start(service(real(11)))
    held, predecessor = table(), checker.process
    assert predecessor is not None
    checker.config.write_text("virtual_server {")
    words = ["--worker", "checker", "--use-file", str(checker.config), "--log-console", "--no-syslog"]
    places = ["--runtime-dir", str(checker.folder / "run"), "--state-dir", str(checker.folder / "state")]
    said = subprocess.run(
        [sys.executable, "-m", "lvsd", *words, *places], capture_output=True, timeout=30, env=environment(), check=False
    )
    assert said.returncode == 5
    assert checker.ask("ping")["pid"] == predecessor.pid
    assert table() == held


def test_a_predecessor_that_hangs_is_replaced_all_the_same(checker: Checker) -> None:
    checker.start(service(real(11)))
    held, predecessor = table(), checker.process
    assert predecessor is not None
    predecessor.send_signal(signal.SIGSTOP)
    checker.start()
    assert predecessor.wait(5) == -signal.SIGKILL
    assert table() == held


def test_what_is_left_behind_goes_with_an_orderly_stop(checker: Checker) -> None:
    state = checker.folder / "run" / "checker" / "checker.state"
    checker.start(service(real(11)))
    assert checker.ask("adopt", parent=os.getpid())["ok"]
    assert checker.ask("leave")["ok"]
    assert checker.process is not None
    assert checker.process.wait(5) == 0
    assert state.exists()
    checker.start()
    assert checker.end(signal.SIGTERM) == 0
    assert not state.exists()
    assert table() == ""


def test_killed_and_started_again_it_flushes_nothing(checker: Checker, web: dict[str, HttpServer], ipvs: Ipvs) -> None:
    run("ipvsadm", "-A", "-t", "192.0.2.10:9999", "-s", "rr")  # somebody else's
    two = service(real(11, 1, HTTP), real(12, 1, HTTP))
    gone = service(real(11, 1, HTTP), head="virtual_server 192.0.2.10 8888")
    checker.start(two + gone)
    connections = [Client(VIP[4]) for _ in range(4)]
    before = [client.get() for client in connections]
    web["rs2"].close()
    eventually(lambda: "-> 10.0.0.12:80" not in table(), within=8)
    held = table()
    assert checker.end(signal.SIGKILL) == -signal.SIGKILL
    assert table() == held

    watch = Watch(ipvs)
    with meanwhile(watch):
        checker.start(two)
    assert "10.0.0.12" not in str(watch.seen)  # a dead server is not added until its first check has passed
    assert "TCP 192.0.2.10:8888 wrr" not in table()  # left the configuration while nobody was there
    assert "TCP 192.0.2.10:9999 rr" in table()  # never ours
    alive = [name for name in before if name == "rs1"]
    assert [c.get() for c, name in zip(connections, before, strict=True) if name == "rs1"] == alive
    web["rs2"] = HttpServer("rs2")
    eventually(lambda: "-> 10.0.0.12:80 Masq 1" in table(), within=8)
    for client in connections:
        client.close()
    assert checker.end(signal.SIGTERM) == 0
    assert table() == "TCP 192.0.2.10:9999 rr"
