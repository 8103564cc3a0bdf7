# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent and its workers as processes: started, watched, reloaded, stopped in order."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.control import Unreachable, request

HERE = Path(__file__).parent
RUNTIME = HERE.parents[2] / "runtime"

VRRP = """vrrp_instance VI_1 {
    interface lo
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.0.2.1/24
    }
}
"""
CHECKER = """virtual_server 192.0.2.1 80 {
    protocol TCP
    lb_algo rr
    lb_kind NAT
    real_server 192.0.2.11 80 {
        TCP_CHECK {
        }
    }
}
"""
BROKEN = "vrrp_instance VI_1 {\n    interface lo\n    virtual_router_id 999\n}\n"


def eventually(condition: Callable[[], Any], within: float) -> Any:
    until = time.monotonic() + within
    while True:
        try:
            if found := condition():
                return found
        except (Unreachable, KeyError, IndexError, OSError):
            pass
        assert time.monotonic() < until, f"not within {within} s"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


class Daemon:
    """One parent below `directory`; `start` it, talk to it, `end` it."""

    def __init__(self, directory: Path) -> None:
        self.config = directory / "lvsd.conf"
        self.run = directory / "run"
        self.run.mkdir()
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(os.fspath(directory / "notify"))
        self.notified.settimeout(5)
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.fspath(RUNTIME),
            "NOTIFY_SOCKET": os.fspath(directory / "notify"),
        }
        self.log = directory / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, text: str, *options: str) -> None:
        self.write(text)
        argv = [sys.executable, os.fspath(HERE / "quick_parent.py"), "-n", "-f", os.fspath(self.config), *options]
        argv += ["--runtime-dir", os.fspath(self.run)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(argv, env=self.environment, stderr=log, stdout=log)
        self.await_line("READY=1")

    def write(self, text: str) -> None:
        """As an editor does: a reader sees the old text or the new one."""
        new = self.config.with_suffix(".new")
        new.write_text(text)
        new.replace(self.config)

    def await_line(self, line: str) -> None:
        while line not in self.notified.recv(4096).decode().split("\n"):
            pass

    def behave(self, **workers: dict[str, Any]) -> None:
        (self.run / "behaviour.json").write_text(json.dumps(workers))

    def ask(self, verb: str, name: str = "lvsd", **arguments: Any) -> dict[str, Any]:
        return request(self.run / f"{name}.sock", verb, timeout=5, **arguments)

    def workers(self) -> dict[str, dict[str, Any]]:
        return {worker["name"]: worker for worker in self.ask("show")["workers"]}

    def pid(self, name: str) -> int:
        return int(self.ask("ping", name)["pid"])

    def messages(self) -> list[str]:
        return [event["message"] for event in self.ask("events")["events"]]

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(10)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()  # its workers follow: the kernel kills them with their parent
            self.process.wait(10)
        self.notified.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path)
    yield daemon
    daemon.end()


def test_workers_are_started_for_what_is_configured_and_shown(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    shown = daemon.ask("show")
    assert [worker["name"] for worker in shown["workers"]] == ["vrrp", "checker"]
    assert all(worker["restarts"] == 0 and alive(worker["pid"]) for worker in shown["workers"])
    assert shown["config"] == str(daemon.config)
    assert shown["pid"] == daemon.process.pid
    assert time.time() - shown["loaded_at"] < 30
    assert "192.0.2.11" in daemon.ask("show", "checker")["text"]
    assert "192.0.2.11" not in daemon.ask("show", "vrrp")["text"]


def test_a_worker_with_nothing_to_do_is_not_started_unless_all_are_wanted(daemon: Daemon) -> None:
    daemon.start(VRRP)
    assert list(daemon.workers()) == ["vrrp"]


def test_all_workers_run_if_asked_for(daemon: Daemon) -> None:
    daemon.start(VRRP, "--all")
    assert list(daemon.workers()) == ["vrrp", "checker"]


def test_only_the_chosen_worker_runs(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER, "-C")
    assert list(daemon.workers()) == ["checker"]
    assert "192.0.2.1" not in (daemon.run / "vrrp.conf").read_text()


def test_the_parts_are_for_owner_and_group(daemon: Daemon) -> None:
    daemon.start(VRRP)
    assert stat.S_IMODE((daemon.run / "vrrp.conf").stat().st_mode) == 0o640


def test_a_worker_that_dies_is_started_again_with_a_growing_delay(daemon: Daemon) -> None:
    daemon.start(VRRP)
    for restarts in (1, 2):
        pid = daemon.pid("vrrp")
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: daemon.pid("vrrp") != pid, within=5)
        assert daemon.workers()["vrrp"]["restarts"] == restarts
    failed = [message for message in daemon.messages() if "SIGKILL" in message]
    assert [message.rpartition("in ")[2] for message in failed] == ["0.1 s", "0.2 s"]


def test_a_worker_that_cannot_start_does_not_keep_the_unit_from_starting(daemon: Daemon) -> None:
    daemon.behave(checker={"exit": 3})
    daemon.start(VRRP + CHECKER)
    assert alive(daemon.pid("vrrp"))
    eventually(lambda: daemon.workers()["checker"]["restarts"] >= 2, within=5)
    daemon.behave()
    eventually(lambda: daemon.pid("checker"), within=5)


def test_a_silent_worker_is_killed_and_replaced(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    vrrp, checker = daemon.pid("vrrp"), daemon.pid("checker")
    os.kill(checker, signal.SIGSTOP)
    eventually(lambda: daemon.workers()["checker"]["pid"] not in (None, checker), within=5)
    assert not alive(checker)
    assert daemon.pid("vrrp") == vrrp
    assert any("checker: no answer for" in message for message in daemon.messages())


def test_a_pause_of_the_whole_daemon_kills_nobody(daemon: Daemon) -> None:
    daemon.start(VRRP)
    pid = daemon.pid("vrrp")
    everybody = (daemon.process.pid, pid)
    for process in everybody:
        os.kill(process, signal.SIGSTOP)
    eventually(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", within=2)
    time.sleep(1.5)  # several times the patience of quick_parent.py
    for process in everybody:
        os.kill(process, signal.SIGCONT)
    seen = time.monotonic()
    eventually(lambda: time.monotonic() - seen > 0.6 and daemon.pid("vrrp"), within=5)
    assert daemon.pid("vrrp") == pid
    assert daemon.workers()["vrrp"]["restarts"] == 0


def test_without_respawn_the_end_of_a_worker_is_the_end(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER, "-R")
    os.kill(daemon.pid("vrrp"), signal.SIGKILL)
    assert daemon.wait() == 1
    assert (daemon.run / "ended").read_text() == "checker\n"


# --- reload ---


def test_a_reload_gives_each_worker_its_part_and_answers_with_their_changes(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    daemon.write(VRRP + CHECKER.replace("192.0.2.11", "192.0.2.12"))
    answer = daemon.ask("reload")
    assert answer["ok"] is True
    assert answer["changes"] == {"vrrp": {"changed": False}, "checker": {"changed": True}}
    assert (answer["started"], answer["stopped"]) == ([], [])
    assert "192.0.2.12" in daemon.ask("show", "checker")["text"]
    assert (daemon.pid("vrrp"), daemon.pid("checker")) == pids
    daemon.await_line("READY=1")


def test_a_hangup_reloads(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    os.kill(daemon.process.pid, signal.SIGHUP)
    eventually(lambda: "192.0.2.3" in daemon.ask("show", "vrrp")["text"], within=5)


def test_a_wrong_configuration_is_refused_with_its_findings_and_nothing_changes(daemon: Daemon) -> None:
    daemon.start(VRRP)
    part, loaded_at = (daemon.run / "vrrp.conf").read_text(), daemon.ask("show")["loaded_at"]
    daemon.write(BROKEN)
    answer = daemon.ask("reload")
    assert answer["ok"] is False
    assert "lvsd.conf:" in answer["error"]
    assert 3 in [finding["line"] for finding in answer["findings"]]
    assert (daemon.run / "vrrp.conf").read_text() == part
    assert daemon.ask("show")["loaded_at"] == loaded_at


def test_a_missing_configuration_is_refused(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.config.unlink()
    assert "lvsd.conf" in daemon.ask("reload")["error"]
    assert daemon.pid("vrrp")


def test_what_one_worker_refuses_no_worker_keeps(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    daemon.behave(checker={"refuse": True})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER.replace(".11", ".12"))
    answer = daemon.ask("reload")
    assert answer["ok"] is False
    assert answer["error"] == "checker: do not like it"
    assert answer["workers"]["vrrp"]["ok"] is True
    assert "192.0.2.3" not in (daemon.run / "vrrp.conf").read_text()
    eventually(lambda: "192.0.2.3" not in daemon.ask("show", "vrrp")["text"], within=5)
    assert "192.0.2.12" not in daemon.ask("show", "checker")["text"]


def test_a_worker_that_does_not_answer_fails_the_reload(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.behave(vrrp={"mute": True})
    assert daemon.ask("reload")["error"] == "vrrp: no answer"


def test_a_worker_that_dies_of_its_part_gets_the_old_one_back(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.behave(vrrp={"die": True})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    assert daemon.ask("reload")["error"] == "vrrp: no answer"
    assert "192.0.2.3" not in eventually(lambda: daemon.ask("show", "vrrp")["text"], within=5)


def test_workers_come_and_go_with_their_part(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.write(CHECKER)
    answer = daemon.ask("reload")
    assert (answer["started"], answer["stopped"]) == (["checker"], ["vrrp"])
    eventually(lambda: daemon.pid("checker"), within=5)
    eventually(lambda: list(daemon.workers()) == ["checker"], within=5)
    eventually(lambda: (daemon.run / "ended").read_text() == "vrrp\n", within=5)


def test_a_worker_that_is_down_starts_with_what_was_loaded_meanwhile(daemon: Daemon) -> None:
    daemon.behave(vrrp={"exit": 3})
    daemon.start(VRRP)
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    assert daemon.ask("reload")["ok"] is True
    daemon.behave()
    eventually(lambda: "192.0.2.3" in daemon.ask("show", "vrrp")["text"], within=5)


def test_reloads_that_meet_are_all_answered_with_the_newest_text(daemon: Daemon) -> None:
    daemon.start(VRRP)
    clients = []
    for number in range(5):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(5)
        client.connect(os.fspath(daemon.run / "lvsd.sock"))
        daemon.write(VRRP.replace("192.0.2.1/", f"192.0.2.{number + 100}/"))
        client.sendall(b'{"verb": "reload"}\n')
        clients.append(client)
    answers = [json.loads(client.makefile().readline()) for client in clients]
    for client in clients:
        client.close()
    assert all(answer["ok"] for answer in answers)
    assert "192.0.2.104" in daemon.ask("show", "vrrp")["text"]


def test_a_reload_gives_a_worker_that_waits_its_next_chance_at_once(daemon: Daemon) -> None:
    daemon.behave(checker={"exit": 3})
    daemon.start(CHECKER)
    eventually(lambda: daemon.workers()["checker"]["restarts"] >= 5, within=10)  # the next waits 1.6 s or longer
    daemon.behave()
    started = time.monotonic()
    assert daemon.ask("reload")["ok"] is True
    eventually(lambda: daemon.pid("checker"), within=5)
    assert time.monotonic() - started < 1.5


# --- systemd ---


def test_systemd_is_told_what_goes_on_and_that_it_goes_on(daemon: Daemon) -> None:
    daemon.environment["WATCHDOG_USEC"] = "100000"
    daemon.start(VRRP)
    for _ in range(3):
        daemon.await_line("WATCHDOG=1")
    daemon.ask("reload")
    daemon.await_line("RELOADING=1")
    daemon.await_line("READY=1")
    daemon.process.terminate()
    daemon.await_line("STOPPING=1")
    assert daemon.wait() == 0


def test_workers_do_not_speak_to_systemd(daemon: Daemon) -> None:
    daemon.start(VRRP)
    environment = Path(f"/proc/{daemon.pid('vrrp')}/environ").read_bytes()
    assert b"PYTHONPATH=" in environment
    assert b"NOTIFY_SOCKET" not in environment


# --- the end ---


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_vrrp_stops_before_the_checker(daemon: Daemon, number: int) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    os.kill(daemon.process.pid, number)
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\nchecker\n"
    assert not any(map(alive, pids))
    assert not list(daemon.run.glob("*.sock"))
    assert not list(daemon.run.glob("*.pid"))


def test_a_worker_that_will_not_stop_is_killed(daemon: Daemon) -> None:
    daemon.behave(vrrp={"stubborn": True})
    daemon.start(VRRP + CHECKER)
    pid = daemon.pid("vrrp")
    os.kill(daemon.process.pid, signal.SIGTERM)
    assert daemon.wait() == 0
    assert not alive(pid)
    assert (daemon.run / "ended").read_text() == "checker\n"


def test_a_worker_that_has_crashed_is_started_to_leave_in_order(daemon: Daemon) -> None:
    daemon.behave(vrrp={"exit": 3})
    daemon.start(VRRP)
    eventually(lambda: daemon.workers()["vrrp"]["restarts"] >= 5, within=10)  # the next waits 1.6 s or longer
    daemon.behave()
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\n"


def test_a_stop_does_not_wait_for_a_reload(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    daemon.behave(vrrp={"mute": True})
    daemon.write(VRRP)
    os.kill(daemon.process.pid, signal.SIGHUP)
    eventually(lambda: "192.0.2.11" not in (daemon.run / "checker.conf").read_text(), within=5)
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\nchecker\n"
    assert not any(map(alive, pids))


def test_workers_do_not_outlive_a_parent_that_was_killed_and_a_new_one_takes_over(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    os.kill(daemon.process.pid, signal.SIGKILL)
    daemon.wait()
    eventually(lambda: not any(map(alive, pids)), within=5)
    assert not (daemon.run / "ended").exists()  # nothing was released
    daemon.start(VRRP + CHECKER)
    assert daemon.pid("vrrp") not in pids


def test_passwords_are_shown_only_on_request(daemon: Daemon) -> None:
    secret = "    authentication {\n        auth_type PASS\n        auth_pass hunter2\n    }\n"
    daemon.start(VRRP.replace("    priority 100\n", "    version 2\n    priority 100\n" + secret))
    assert "hunter2" not in daemon.ask("config")["text"]
    assert "hunter2" in daemon.ask("config", secrets=True)["text"]
