# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that check, move weights, and hear of what happened."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from checkers import FIRST, SECOND, SERVICE, Checker, flag_check, real, script, service, table
from inside import eventually

Lines = Callable[[], list[str]]


@pytest.fixture
def noted(tmp_path: Path) -> tuple[str, Lines]:
    """A script that notes its argument, and what it has noted."""
    path, notes = tmp_path / "note", tmp_path / "notes"
    script(tmp_path, "note", f"echo $1 >> {notes}")
    return str(path), lambda: notes.read_text().split() if notes.exists() else []


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
