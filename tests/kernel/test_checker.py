# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker as a process: what it keeps, repairs, refuses and runs; the table is read back with `ipvsadm -Ln`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from inside import eventually, run
from lvsd.check import keeper
from lvsd.check.table import KernelTable
from lvsd.check.worker import Worker, load
from lvsd.kernel.ipvs import Ipvs, Service, ServiceKey
from lvsd.loop import WorkerOptions
from wire import Checker, environment, table

SERVICE = "192.0.2.10:80/TCP"
FIRST, SECOND = "10.0.0.11:80", "10.0.0.12:80"


def script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def real(number: int, weight: int = 1, check: str = "", more: str = "") -> str:
    return f" real_server 10.0.0.{number} 80 {{\n weight {weight}\n {more}\n {check}\n }}\n"


def service(*servers: str, more: str = "", head: str = "virtual_server 192.0.2.10 80", algo: str = "wrr") -> str:
    base = f" protocol TCP\n delay_loop 0.2\n delay_before_retry 0.1\n lb_algo {algo}\n lb_kind NAT\n{more}\n"
    return f"{head} {{\n{base}{''.join(servers)}}}\n"


def flag_check(flag: Path, more: str = "") -> str:
    """Up while the file exists."""
    return f'MISC_CHECK {{\n misc_path "/usr/bin/test -e {flag}"\n misc_timeout 5\n user root\n {more}\n }}'


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[Checker]:
    checker = Checker(tmp_path)
    yield checker
    checker.close()
    print(checker.log)


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    path = tmp_path / "up"
    path.touch()
    return path


Lines = Callable[[], list[str]]


@pytest.fixture
def noted(tmp_path: Path) -> tuple[str, Lines]:
    """A script that notes its argument, and what it has noted."""
    path, notes = tmp_path / "note", tmp_path / "notes"
    script(tmp_path, "note", f"echo $1 >> {notes}")
    return str(path), lambda: notes.read_text().split() if notes.exists() else []


# --- orders of the operator ----------------------------------------------------------------------------


def test_orders_survive_a_restart_and_end_with_the_configuration(checker: Checker) -> None:
    two = service(real(11, 3), real(12))
    checker.start(two)
    assert checker.ask("drain", service=SERVICE, server=FIRST)["server"]["effective_weight"] == 0
    assert checker.ask("weight", service=SERVICE, server=SECOND, weight=7)["server"]["effective_weight"] == 7
    held = f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 0\n-> {SECOND} Masq 7"
    assert table() == held
    checker.end(signal.SIGKILL)
    checker.start()
    assert table() == held
    checker.end(signal.SIGTERM)
    assert table() == ""
    checker.start()
    assert table() == held
    shown = checker.show()["servers"]
    assert [(s["admin"], s["weight"], s["weight_override"]) for s in shown] == [("drained", 3, None), ("enabled", 1, 7)]

    checker.reload(service(real(12)))
    checker.reload(two)  # the first server is new again
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 3\n-> {SECOND} Masq 7"
    assert checker.ask("weight", service=SERVICE, server=SECOND, weight=None)["server"]["effective_weight"] == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1, "services": {"x": 3}}', "\0\xff" * 99, "[" * 100_000])
def test_garbage_in_its_files_is_named_and_ignored(checker: Checker, text: str) -> None:
    state = checker.folder / "state"
    state.mkdir()
    (state / "servers.json").write_text(text)
    (state / "services.json").write_text(text)
    checker.start(service(real(11)))
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"
    assert "servers.json: ignored" in checker.log
    assert checker.ask("drain", service=SERVICE, server=FIRST)["ok"]
    assert json.loads((state / "servers.json").read_text())["services"] == {
        SERVICE: {FIRST: {"drained": True, "weight": None}}
    }


REFUSALS = [
    ("drain", {}, '"service" is missing'),
    ("drain", {"service": SERVICE}, '"server" is missing'),
    ("drain", {"service": "192.0.2.11:80/TCP", "server": FIRST}, f"there is {SERVICE}"),
    ("enable", {"service": SERVICE, "server": "10.0.0.13:80"}, f"it has {FIRST}"),
    ("weight", {"service": SERVICE, "server": FIRST}, '"weight" is missing'),
    ("weight", {"service": SERVICE, "server": FIRST, "weight": -1}, "from 0 to 65535"),
    ("weight", {"service": SERVICE, "server": FIRST, "weight": "3"}, "from 0 to 65535"),
    ("weight", {"service": SERVICE, "server": FIRST, "weight": True}, "from 0 to 65535"),
]


def test_orders_that_make_no_sense_are_refused_with_the_reason(checker: Checker) -> None:
    checker.start(service(real(11)))
    held = table()
    for verb, arguments, reason in REFUSALS:
        answer = checker.ask(verb, **arguments)
        assert not answer["ok"]
        assert reason in answer["error"]
    assert table() == held


# --- comparison with the kernel ------------------------------------------------------------------------


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
    monkeypatch.setattr(keeper, "COMPARE_EVERY", 0.2)
    config = tmp_path / "checker.conf"
    config.write_text(service(real(11)))
    options = WorkerOptions(config=config, runtime_dir=tmp_path / "run", state_dir=tmp_path / "state")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    worker = Worker(options, ipvs)
    try:
        worker.start(load(options))
        run("ipvsadm", "-d", "-t", "192.0.2.10:80", "-r", FIRST)
        worker.loop.call_later(1.0, worker.loop.stop)
        worker.loop.run()
    finally:
        worker.close()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"
    drifts = [event["message"] for event in worker.events.since(0) if event["what"] == "drift"]
    assert drifts == ["ipvs: the kernel's table differed: destinations: 1 added"]


def test_a_service_is_known_as_ours_before_the_kernel_has_it(ipvs: Ipvs) -> None:
    kept: list[tuple[frozenset[str], int]] = []
    ours = KernelTable(ipvs, frozenset(), lambda services: kept.append((services, len(ipvs.services()))))
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


# --- reload --------------------------------------------------------------------------------------------


def test_a_bad_configuration_is_refused_and_the_old_one_stays(checker: Checker) -> None:
    good = service(real(11))
    checker.start(good)
    held = table()
    answer = checker.reload(
        good + "virtual_server 192.0.2.11 80 {\n protocol TCP\n real_server 10.0.0.300 80 {\n }\n}\n"
    )
    assert not answer["ok"]
    assert "checker.conf:" in answer["error"]
    assert answer["findings"]
    assert table() == held
    checker.config.unlink()
    assert not checker.ask("reload")["ok"]
    assert table() == held
    assert checker.reload(good)["changes"] == {}


def test_a_reload_names_its_changes_and_keeps_what_it_does_not_touch(checker: Checker, flag: Path) -> None:
    check = flag_check(flag)
    checker.start(service(real(11, check=check), real(12, check=check)))
    flag.unlink()
    eventually(lambda: table() == "TCP 192.0.2.10:80 wrr", within=5)
    answer = checker.reload(
        service(real(11, 5, check=check), real(13, check=check), more=" persistence_timeout 60\n", algo="wlc")
    )
    assert answer["changes"] == {
        "services": {"changed": [SERVICE]},
        "servers": {
            "added": [f"10.0.0.13:80 of {SERVICE}"],
            "removed": [f"{SECOND} of {SERVICE}"],
            "changed": [f"{FIRST} of {SERVICE}"],
        },
    }
    first, third = checker.show()["servers"]
    assert not first["up"]  # its check is the same: it stays down
    assert first["effective_weight"] is None
    assert third["key"] == "10.0.0.13:80"
    assert table().splitlines()[0] == "TCP 192.0.2.10:80 wlc persistent 60"


# --- checks --------------------------------------------------------------------------------------------


def test_alpha_servers_wait_for_their_first_check(checker: Checker, flag: Path, noted: tuple[str, Lines]) -> None:
    note, lines = noted
    flag.unlink()
    quorum = f' alpha\n quorum 2\n quorum_up "{note} quorum" root\n quorum_down "{note} none" root\n'
    checker.start(service(real(11, check=flag_check(flag)), real(12), more=quorum))
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {SECOND} Masq 1"
    assert f"{SERVICE}: quorum not there yet (weight 1 of 2)" in checker.log
    flag.touch()
    eventually(lambda: f"-> {FIRST} Masq 1" in table(), within=5)
    eventually(lambda: lines() == ["quorum"], within=5)


def test_a_script_moves_the_weight(checker: Checker, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.write_text("12")
    path = script(tmp_path, "load", f"exit $(cat {code})")
    check = f"MISC_CHECK {{\n misc_path {path}\n misc_dynamic\n misc_timeout 5\n user root\n }}"
    checker.start(service(real(11, 3, check=check)))
    eventually(lambda: table().endswith(f"-> {FIRST} Masq 10"), within=5)
    checker.end(signal.SIGKILL)
    checker.start()
    assert table().endswith(f"-> {FIRST} Masq 10")  # what the script had said
    code.write_text("0")
    eventually(lambda: table().endswith(f"-> {FIRST} Masq 3"), within=5)
    code.write_text("1")
    eventually(lambda: table() == "TCP 192.0.2.10:80 wrr", within=5)


def test_scripts_run_when_servers_and_quorum_come_and_go(
    checker: Checker, flag: Path, noted: tuple[str, Lines]
) -> None:
    note, lines = noted
    hooks = f' notify_up "{note} up" root\n notify_down "{note} down" root\n'
    quorum = f' quorum_up "{note} quorum" root\n quorum_down "{note} none" root\n omega\n'
    checker.start(service(real(11, check=flag_check(flag), more=hooks), more=quorum))
    eventually(lambda: lines() == ["quorum"], within=5)
    flag.unlink()
    eventually(lambda: sorted(lines()[1:]) == ["down", "none"], within=5)
    flag.touch()
    eventually(lambda: sorted(lines()[3:]) == ["quorum", "up"], within=5)
    checker.end(signal.SIGKILL)
    checker.start()  # it was up and is up: nothing to tell
    eventually(lambda: checker.show()["servers"][0]["checks"][0]["latency_ms"] is not None, within=5)
    assert len(lines()) == 5
    checker.end(signal.SIGTERM)
    assert sorted(lines()[5:]) == ["down", "none"]  # omega


def test_events_tell_who_from_to_and_why(checker: Checker, flag: Path) -> None:
    checker.start(service(real(11, check=flag_check(flag)), more=" sorry_server 10.0.0.99 80\n"))
    flag.unlink()
    eventually(lambda: not checker.show()["quorum"]["up"], within=5)
    events = checker.ask("events")["events"]
    assert [event["message"] for event in events if event["what"] in ("health", "quorum")] == [
        f"{SERVICE}: quorum gained (weight 1 of 1)",
        f"{FIRST} of {SERVICE}: up -> down (MISC_CHECK: exit status 1)",
        f"{SERVICE}: quorum lost (weight 0 of 1): sorry server 10.0.0.99:80 in",
    ]
    assert table() == "TCP 192.0.2.10:80 wrr\n-> 10.0.0.99:80 Masq 1"
    assert checker.show()["sorry_in_use"]


def test_equal_checks_of_many_services_are_run_once(checker: Checker, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    path = script(tmp_path, "count", f"echo x >> {runs}; sleep 0.05")
    check = f"MISC_CHECK {{\n misc_path {path}\n misc_timeout 5\n user root\n delay_loop 0.5\n }}"
    heads = [f"virtual_server 192.0.2.{n} 80" for n in range(20, 40)]
    checker.start("".join(service(real(11, check=check), head=head) for head in heads))
    eventually(
        lambda: all(s["servers"][0]["checks"][0]["latency_ms"] for s in checker.ask("show")["services"]), within=10
    )
    checker.end(signal.SIGTERM)
    assert len(runs.read_text().split()) < 20


def test_a_running_script_is_gone_with_the_checker(checker: Checker, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    path = script(tmp_path, "slow", f"echo $$ > {pid_file}; exec sleep 60")
    check = f"MISC_CHECK {{\n misc_path {path}\n misc_timeout 50\n user root\n }}"
    checker.start(service(real(11, check=check)))
    eventually(lambda: pid_file.exists() and pid_file.read_text(), within=5)
    assert checker.end(signal.SIGTERM) == 0
    pid = pid_file.read_text().strip()
    eventually(lambda: not Path(f"/proc/{pid}").exists() or state(pid) == "Z", within=5)


def state(pid: str) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def ended(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """The checker with this folder's configuration, which ends by itself."""
    words = ["--worker", "checker", "--log-console", "--no-syslog", "--use-file", str(tmp_path / "checker.conf")]
    places = ["--runtime-dir", str(tmp_path / "run"), "--state-dir", str(tmp_path / "state")]
    return subprocess.run(
        [sys.executable, "-m", "lvsd", *words, *places],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize(("text", "code"), [(None, 4), ("virtual_server 192.0.2.10 80 {\n", 5)])
def test_a_configuration_that_cannot_run_is_said_at_once(tmp_path: Path, text: str | None, code: int) -> None:
    if text is not None:
        (tmp_path / "checker.conf").write_text(text)
    said = ended(tmp_path)
    assert said.returncode == code
    assert "checker.conf" in said.stderr


def test_a_kernel_without_ipvs_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "checker.conf").write_text(service(real(11)))
    helper = Path("/proc/sys/kernel/modprobe")
    before = helper.read_text()
    helper.write_text("/bin/false\n")
    try:
        eventually(without_ipvs, within=30)
        said = ended(tmp_path)
    finally:
        helper.write_text(before)
    assert (said.returncode, said.stderr) == (2, "checker: the kernel has no IPVS: modprobe ip_vs\n")


def without_ipvs() -> bool:
    """Unload it; the namespaces of earlier tests take a moment to let it go."""
    loaded = [line.split()[0] for line in run("lsmod").splitlines() if line.startswith("ip_vs")]
    for module in sorted(loaded, reverse=True):
        subprocess.run(["rmmod", module], capture_output=True, check=False)
    return "ip_vs" not in run("lsmod")
