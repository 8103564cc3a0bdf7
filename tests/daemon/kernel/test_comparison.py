# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checker makes of the table it finds: repaired, named, and never more than what is ours."""

from __future__ import annotations

import signal
from ipaddress import ip_address
from pathlib import Path

import pytest
from checkers import FIRST, SECOND, SERVICE, Checker, flag_check, real, service, table
from inside import eventually, run
from lvsd import conf
from lvsd.check import reconciler
from lvsd.check.table import KernelTable
from lvsd.check.worker import CheckerWorker
from lvsd.kernel.ipvs import Ipvs, Service, ServiceKey
from lvsd.loop import Loop, WorkerOptions


def test_what_somebody_changed_is_repaired_and_named(checker: Checker) -> None:
    checker.start(service(real(11), real(12)))
    held = table()
    run("ipvsadm", "-d", "-t", "192.0.2.10:80", "-r", FIRST)
    run("ipvsadm", "-e", "-t", "192.0.2.10:80", "-r", SECOND, "-m", "-w", "9")
    run("ipvsadm", "-E", "-t", "192.0.2.10:80", "-s", "rr")
    assert checker.ask("reload")["ok"]
    assert sorted(table().splitlines()) == sorted(held.splitlines())
    assert "services: 1 changed; destinations: 1 added, 1 changed" in checker.log


def test_the_table_is_compared_again_and_again(ipvs: Ipvs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciler, "COMPARE_EVERY", 0.2)
    config = tmp_path / "checker.conf"
    config.write_text(service(real(11)))
    options = WorkerOptions(config=config, runtime_dir=tmp_path / "run", state_dir=tmp_path / "state")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    worker = CheckerWorker(options, Loop(), ipvs)
    try:
        worker.start(conf.load(options.config).configuration)
        run("ipvsadm", "-d", "-t", "192.0.2.10:80", "-r", FIRST)
        worker.loop.call_later(1.0, worker.loop.stop)
        worker.loop.run()
    finally:
        worker.close()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"
    drifts = [event["message"] for event in worker.reporter.events.since(0) if event["what"] == "drift"]
    assert drifts == ["ipvs: the kernel's table differed: destinations: 1 added"]


def test_a_service_is_known_as_ours_before_the_kernel_has_it(ipvs: Ipvs) -> None:
    kept: list[tuple[frozenset[str], int]] = []
    ours = KernelTable(ipvs, frozenset(), lambda services: not kept.append((services, len(ipvs.services()))))
    key = ServiceKey.at(ip_address("192.0.2.10"), 80)
    assert str(ours.make({key: Service("rr")}, {})) == "services: 1 added"
    assert kept == [(frozenset({SERVICE}), 0)]
    assert str(ours.remove()) == "services: 1 removed"
    assert kept[1:] == [(frozenset(), 0)]


def test_services_of_others_are_never_touched(checker: Checker) -> None:
    run("ipvsadm", "-A", "-t", "192.0.2.77:80", "-s", "rr")
    run("ipvsadm", "-a", "-t", "192.0.2.77:80", "-r", "10.0.0.77:80", "-m")
    other = table()
    checker.start(service(real(11)))
    assert other in table()
    checker.reload("")
    assert table() == other
    checker.reload(service(real(11)))
    assert checker.end(signal.SIGTERM) == 0
    assert table() == other


def test_lvs_flush_removes_them_because_it_was_asked_to(checker: Checker) -> None:
    run("ipvsadm", "-A", "-t", "192.0.2.77:80", "-s", "rr")
    checker.start("global_defs {\n lvs_flush\n}\n" + service(real(11)))
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"


@pytest.mark.parametrize("word", ["", " VS"])
def test_lvs_flush_on_stop_clears_the_whole_table_unless_it_says_vs(checker: Checker, word: str) -> None:
    run("ipvsadm", "-A", "-t", "192.0.2.77:80", "-s", "rr")
    other = table()
    checker.start(f"global_defs {{\n lvs_flush_on_stop{word}\n}}\n" + service(real(11)))
    assert checker.end(signal.SIGTERM) == 0
    assert table() == (other if word else "")


def test_a_service_of_ours_that_somebody_else_made_before_is_taken_over(checker: Checker) -> None:
    run("ipvsadm", "-A", "-t", "192.0.2.10:80", "-s", "lc")
    run("ipvsadm", "-a", "-t", "192.0.2.10:80", "-r", "10.0.0.99:80", "-m")
    checker.start(service(real(11)))
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"


def test_without_release_the_table_stays(checker: Checker, flag: Path) -> None:
    checker.options = ("--dont-release-ipvs",)
    checker.start(service(real(11), real(12, check=flag_check(flag))))
    held = table()
    assert checker.end(signal.SIGTERM) == 0
    assert table() == held
    checker.options = ()
    checker.start()
    assert checker.log.count("ipvs: ") == 1  # nothing was written again
    checker.end(signal.SIGTERM)
    assert table() == ""


def test_what_the_kernel_refuses_is_named_and_the_rest_is_done(checker: Checker) -> None:
    nowhere = " real_server 224.0.0.9 80 {\n }\n"  # a destination is no group of hosts
    checker.start(service(nowhere, real(11)))
    held = f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"
    assert table() == held
    assert "ipvs: destination 224.0.0.9:80 of 192.0.2.10:80/TCP: " in checker.log
    refused, good = checker.show()["servers"]
    assert (refused["effective_weight"], good["effective_weight"]) == (None, 1)
    run("ipvsadm", "-d", "-t", "192.0.2.10:80", "-r", FIRST)
    eventually(lambda: table() == held, within=5)  # it is tried again, and what else is missing comes with it
    assert checker.log.count("ipvs: destination 224.0.0.9:80") == 1
