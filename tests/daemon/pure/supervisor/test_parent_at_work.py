# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a parent keeps alive, which signals it hears, and how it ends, in one process with the test."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd.control.server import Answer, Later
from lvsd.supervisor import parent as parents
from lvsd.supervisor.runtime_dir import lock_file
from parent_at_hand import ROUTER, SERVICE, Supervised
from program_at_hand import script


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()  # what has ended is reaped by now


# --- keeping alive ------------------------------------------------------------------------------


def test_a_worker_whose_part_was_removed_is_started_with_it_all_the_same(
    one: Supervised, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parents, "TICK", 3600.0)  # also before the parent has seen it
    one.start()
    (one.run / "vrrp.conf").unlink()
    one.kill("vrrp")
    assert "virtual_router_id 51" in (one.run / "vrrp.conf").read_text()


@pytest.mark.parametrize(
    ("name", "words"),
    [("vrrp.sock", "the control socket"), ("vrrp.conf", "a regular file"), ("vrrp", "a folder")],
)
def test_what_stands_in_the_way_of_a_worker_is_named_and_it_starts_when_it_has_gone(
    one: Supervised, name: str, words: str
) -> None:
    one.start()
    path = one.run / name
    if path.is_dir():
        path.rmdir()
        path.symlink_to(".")
        what = "a symbolic link"
    else:
        path.unlink()
        path.mkdir()
        what = "a directory"
    os.kill(one.pid("vrrp"), signal.SIGKILL)
    said = f"vrrp: could not be started: {path}: there is {what} where {words} belongs; starts again "
    one.until(lambda: any(message.startswith(said) for message in one.messages("failed")))
    path.unlink() if path.is_symlink() else path.rmdir()
    one.until(lambda: one.parent.workers["vrrp"].pid)


def test_what_was_removed_from_its_directory_comes_back(one: Supervised) -> None:
    one.start()
    names = {path.name for path in one.run.iterdir()}
    for name in ("lvsd.lock", "vrrp.conf", "lvsd.pid", "vrrp.pid", "checker.pid"):
        (one.run / name).unlink()
    one.until(lambda: names <= {path.name for path in one.run.iterdir()})
    assert one.messages("directory") == [
        f"lvsd: another program has removed files from {one.run}; lvsd has put them back"
    ]
    assert (one.run / "lvsd.pid").read_text() == f"{os.getpid()}\n"
    assert (one.run / "vrrp.pid").read_text() == f"{one.pid('vrrp')}\n"
    assert os.path.samestat(os.stat(lock_file(one.run)), os.fstat(one.parent.reexec.lock))


def test_nothing_is_put_back_while_a_reload_writes_the_parts(one: Supervised) -> None:
    one.verbs["reload"] = lambda _: Later()
    one.start()
    one.text = ROUTER % 52 + SERVICE % 1
    one.parent.reloads.ask({})
    (one.run / "vrrp.conf").unlink()
    began = one.loop.now
    one.until(lambda: one.loop.now > began + 0.1)
    assert one.parent.reloads.busy
    assert (one.messages("directory"), (one.run / "vrrp.conf").exists()) == ([], False)


def test_without_respawn_a_worker_that_fails_ends_all_with_an_error(one: Supervised) -> None:
    one.choose(respawn=False)
    one.start()
    os.kill(one.pid("vrrp"), signal.SIGKILL)
    one.until_it_stops()
    assert one.parent.exit_code == 1
    assert one.messages("failed") == ["vrrp: ended with signal SIGKILL; it is not started again"]
    assert not alive(one.begun["checker"][0])


def test_a_worker_that_is_to_leave_the_kernel_as_it_is_is_not_started_to_be_stopped(one: Supervised) -> None:
    one.choose(keep=frozenset({"vrrp"}))
    assert {name: worker.release for name, worker in one.parent.workers.items()} == {"vrrp": False, "checker": True}


# --- signals and the end ------------------------------------------------------------------------


def test_a_hangup_reads_the_configuration_again(one: Supervised) -> None:
    one.start()
    one.text = ROUTER % 52 + SERVICE % 1
    os.kill(os.getpid(), signal.SIGHUP)
    said = f"lvsd: {one.folder}/lvsd.conf loaded by SIGHUP"
    one.until(lambda: said in one.messages())
    assert "virtual_router_id 52" in (one.run / "vrrp.conf").read_text()


def test_a_signal_that_asks_for_nothing_is_said_and_ends_nothing(one: Supervised) -> None:
    one.start()
    os.kill(os.getpid(), signal.SIGUSR1)
    said = "lvsd: SIGUSR1 ignored: it asks for nothing here; what runs is shown by lvsctl"
    one.until(lambda: one.messages("signal"))
    assert one.messages("signal") == [said]
    assert not one.parent.stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_its_workers_one_after_the_other_and_then_itself(
    one: Supervised, systemd: Callable[[], list[str]], number: int
) -> None:
    one.start()
    vrrp, checker = one.pid("vrrp"), one.pid("checker")
    systemd()
    os.kill(os.getpid(), number)
    one.until_it_stops()
    assert systemd() == ["STOPPING=1"]
    assert one.messages("stopping") == ["lvsd: stopping"]
    assert one.messages("stopped") == ["vrrp: stopped (exit code 0)", "checker: stopped (exit code 0)"]
    assert (one.parent.exit_code, alive(vrrp), alive(checker)) == (0, False, False)


def test_it_stops_once_and_hears_no_more_orders(one: Supervised, systemd: Callable[[], list[str]]) -> None:
    one.start()
    systemd()
    one.parent.stop()
    one.parent.stop()
    answers: list[Answer] = []
    one.parent.reloads.ask({}).then(answers.append)
    assert answers[0]["error"] == "lvsd is stopping"
    one.until_it_stops()
    assert (systemd(), one.messages("stopping")) == (["STOPPING=1"], ["lvsd: stopping"])


def test_a_version_that_is_tried_is_ended_with_it(one: Supervised) -> None:
    one.start()
    script(one.folder / "lvsd", "exec sleep 60")
    answers: list[Answer] = []
    one.parent.on_reexec({}).then(answers.append)
    one.parent.stop()
    one.until_it_stops()
    one.until(lambda: answers)  # which may come behind the end of the workers
    assert answers[0]["error"] == "the new version cannot run: signal SIGKILL"


def test_a_worker_that_does_not_stop_is_ended(one: Supervised, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parents, "STOP_PATIENCE", 0.05)

    def stubborn() -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
        return 0

    one.work["checker"] = stubborn
    monkeypatch.setattr(parents, "READY_WITHIN", 0.05)
    one.start()
    one.parent.stop()
    one.until_it_stops()
    assert one.messages("stopped") == ["vrrp: stopped (exit code 0)", "checker: stopped (signal SIGKILL)"]


def test_one_that_is_stopped_before_it_has_begun_starts_nothing(one: Supervised) -> None:
    one.parent.start()
    one.parent.stop()
    one.until_it_stops()
    assert (one.done, one.messages("started")) == (["prepare checker vrrp"], [])


def test_in_the_end_its_socket_and_its_pid_file_have_gone(one: Supervised) -> None:
    one.start()
    assert (one.run / "lvsd.sock").is_socket()
    one.parent.close()
    assert not {path.name for path in one.run.iterdir()} & {"lvsd.sock", "lvsd.pid"}


def test_all_that_happens_is_logged(one: Supervised, capsys: pytest.CaptureFixture[str]) -> None:
    one.start()
    logged = capsys.readouterr().err
    assert all(f"<6>{message}\n" in logged for message in one.messages())
