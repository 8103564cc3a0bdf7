# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reload: all workers take the new configuration, or none keeps it."""

import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from daemons import BROKEN, CHECKER, VRRP, Daemon, eventually


def test_a_reload_gives_each_worker_its_part_and_answers_with_their_changes(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    daemon.write(VRRP + CHECKER.replace("192.0.2.11", "192.0.2.12"))
    answer = daemon.ask("reload")
    assert answer["ok"] is True
    assert answer["changes"] == {"vrrp": {}, "checker": {"changed": True}}  # whose part is the same is left alone
    assert (answer["started"], answer["stopped"]) == ([], [])
    assert "192.0.2.12" in daemon.ask("show", "checker")["text"]
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER)
    assert daemon.ask("reload")["changes"] == {"vrrp": {"changed": True}, "checker": {"changed": True}}
    assert (daemon.pid("vrrp"), daemon.pid("checker")) == pids
    daemon.await_line("READY=1")


def test_a_hangup_reloads(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    os.kill(daemon.process.pid, signal.SIGHUP)
    eventually(lambda: "192.0.2.3" in daemon.ask("show", "vrrp")["text"], within=5)
    eventually(lambda: daemon.messages()[-1].endswith("loaded by SIGHUP"), within=5)


def test_a_storm_of_hangups_is_a_few_reloads_of_which_the_last_sees_everything(daemon: Daemon) -> None:
    daemon.start(VRRP)
    for _ in range(300):
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.ask("ping")  # so that it has heard each alone
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    os.kill(daemon.process.pid, signal.SIGHUP)
    eventually(lambda: "192.0.2.3" in daemon.ask("show", "vrrp")["text"], within=5)
    assert sum("loaded" in message for message in daemon.messages()) < 10


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


WRONG = CHECKER.replace("real_server 192.0.2.11 ", "real_server 192.0.2.300 ")


def test_an_error_that_a_start_survives_is_refused_where_it_is_new(daemon: Daemon) -> None:
    """A start goes on without the server of that line; a reload would take it from its clients."""
    daemon.start(VRRP + CHECKER)
    daemon.write(VRRP + WRONG)
    answer = daemon.ask("reload")
    assert answer["ok"] is False
    assert "192.0.2.300" in answer["error"]
    assert "192.0.2.11" in (daemon.run / "checker.conf").read_text()
    daemon.write(VRRP + CHECKER + "nonsense 1\n")
    assert daemon.ask("reload")["ok"]  # an unknown keyword is a warning for a running daemon, as for keepalived


def test_an_error_that_runs_already_hinders_no_reload(daemon: Daemon) -> None:
    daemon.start(VRRP + WRONG)
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/") + WRONG)
    assert daemon.ask("reload")["ok"]
    assert "192.0.2.3" in daemon.ask("show", "vrrp")["text"]


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
    assert daemon.ask("reload")["ok"] is True  # it is not asked: its part is the same
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    assert daemon.ask("reload")["error"] == "vrrp: no answer"


def test_a_worker_that_dies_of_its_part_gets_the_old_one_back(daemon: Daemon) -> None:
    daemon.start(VRRP)
    daemon.behave(vrrp={"die": True})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    error = daemon.ask("reload")["error"]  # that it has ended and that its connection has may be heard in either order
    assert error in ("vrrp: no answer", "vrrp: ended with exit code 7 before it had answered")
    assert "192.0.2.3" not in eventually(lambda: daemon.ask("show", "vrrp")["text"], within=5)


def test_that_a_worker_died_of_its_part_is_known_while_somebody_holds_its_connections(daemon: Daemon) -> None:
    """As a child that it forked meanwhile does: the next process is no excuse for the one that was asked."""
    daemon.start(VRRP + CHECKER)
    pid = daemon.pid("vrrp")
    daemon.behave(vrrp={"die": "held"})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER)
    answer = daemon.ask("reload")
    assert (answer["ok"], answer["error"]) == (False, "vrrp: ended with exit code 7 before it had answered")
    assert "192.0.2.3" not in eventually(lambda: daemon.ask("show", "vrrp")["text"], within=5)
    assert daemon.pid("vrrp") != pid
    assert "192.0.2.3" not in (daemon.run / "lvsd.conf.good").read_text()
    assert "192.0.2.3" not in daemon.ask("config")["text"]


def test_a_worker_that_died_of_its_part_is_not_started_with_it_while_others_still_answer(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    daemon.behave(vrrp={"die": "held"}, checker={"mute": True})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/") + CHECKER.replace(".11", ".12"))
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(daemon.ask, "reload")
        eventually(lambda: daemon.workers()["vrrp"]["restarts"] == 1 and daemon.pid("vrrp"), within=5)
        assert "192.0.2.3" not in daemon.ask("show", "vrrp")["text"]
        assert answer.result()["ok"] is False


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
