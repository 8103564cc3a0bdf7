# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a parent begins with and what it answers, in one process with the test."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

import pytest
from lvsd import __version__, conf
from lvsd.control.peer import ASKED_BY, Peer
from lvsd.control.server import Answer, Later, Refused
from lvsd.supervisor import parent as parents
from lvsd.supervisor.last_good import RunningConfiguration, keep_good, last_good
from lvsd.supervisor.reexec import Inheritance
from lvsd.supervisor.worker_config import split
from lvsd.version import described
from lvsd.worker import system_user
from parent_at_hand import ROUTER, SERVICE, Supervised, takes

from tests.support.attempts import turns

SECRET = ROUTER % 51 + "SSL {\n    password hunter2\n}\n"
NOBODY = 65534  # the number of a user that has no rights
BEFORE = Inheritance(lock=-1, release="0.0.9", digest=None)


def asleep() -> int:
    time.sleep(60)
    return 0


def answer(later: Later) -> list[Answer]:
    answers: list[Answer] = []
    later.then(answers.append)
    return answers


# --- the beginning ------------------------------------------------------------------------------


def test_it_prepares_the_workers_that_are_needed_and_then_starts_each_with_its_part(one: Supervised) -> None:
    one.start()
    assert one.done[0] == "prepare checker vrrp"
    assert sorted(one.done[1:3]) == ["start checker", "start vrrp"]
    assert (one.run / "lvsd.pid").read_text() == f"{os.getpid()}\n"
    for name in ("vrrp", "checker"):
        assert (one.run / f"{name}.pid").read_text() == f"{one.pid(name)}\n"
    assert "virtual_router_id 51" in (one.run / "vrrp.conf").read_text()
    assert "10.0.0.1" in (one.run / "checker.conf").read_text()
    assert one.messages("ready") == [f"lvsd: ready (pid {os.getpid()})"]
    good = last_good(one.run)
    assert good is not None
    assert good.configuration == one.load().configuration


def test_what_the_next_start_of_a_worker_needs_is_prepared_again_once_all_run(one: Supervised) -> None:
    one.start()
    one.until(lambda: one.done.count("prepare checker vrrp") == 2)
    assert one.done[-1] == "prepare checker vrrp"


def test_a_worker_without_a_part_is_not_started(one: Supervised, systemd: Callable[[], list[str]]) -> None:
    one.text = SERVICE % 1
    one.start()
    assert one.done[:2] == ["prepare checker", "start checker"]
    assert systemd() == [f"READY=1; STATUS={one.folder}/lvsd.conf; workers: checker {one.pid('checker')}"]


def test_one_that_has_nothing_to_do_is_ready_at_once(one: Supervised, systemd: Callable[[], list[str]]) -> None:
    one.text = ""
    one.start()
    assert systemd() == [f"READY=1; STATUS={one.folder}/lvsd.conf; workers: none"]


def test_pid_files_are_where_the_options_say(one: Supervised) -> None:
    one.choose(pid_file=one.folder / "p.pid", worker_pid_files={"vrrp": one.folder / "v.pid"})
    one.start()
    assert (one.folder / "p.pid").read_text() == f"{os.getpid()}\n"
    assert (one.folder / "v.pid").read_text() == f"{one.pid('vrrp')}\n"
    assert {path.name for path in one.run.glob("*.pid")} == {"checker.pid"}


def test_a_pid_file_that_cannot_be_written_is_an_error_before_anything_is_begun(one: Supervised) -> None:
    one.choose(pid_file=one.folder)
    with pytest.raises(IsADirectoryError) as error:
        one.parent.start()
    assert error.value.filename == str(one.folder)
    turns(one.loop)
    assert (one.done, one.messages()) == ([], [])


def test_parts_that_cannot_be_written_where_no_worker_runs_are_the_end(one: Supervised) -> None:
    (one.run / "vrrp.conf").mkdir()
    one.parent.start()
    one.until_it_stops()
    assert one.parent.failure is not None
    assert one.parent.failure.filename == f"{one.run}/vrrp.conf"
    assert one.done == ["prepare checker vrrp"]


def test_one_that_goes_on_for_another_image_says_so_and_that_its_pid_file_is_not_written(one: Supervised) -> None:
    one.before = BEFORE
    one.choose(pid_file=one.folder)
    one.start()
    assert one.messages("reexec") == ["lvsd: goes on where 0.0.9 (no digest) was"]
    assert one.messages("directory") == [
        f"lvsd: {one.folder} could not be written: there is a directory where a regular file belongs"
    ]
    assert one.pid("vrrp")


def test_a_state_directory_that_cannot_be_given_to_the_workers_is_said(one: Supervised) -> None:
    (one.folder / "elsewhere").mkdir()
    (one.folder / "state").symlink_to("elsewhere")
    one.start()
    why = "there is a symbolic link where a folder belongs"
    assert one.messages("directory") == [f"lvsd: {one.folder}/state stays as it is: {why}"]


def test_a_worker_that_does_not_answer_does_not_hold_up_the_unit_for_long(
    one: Supervised, monkeypatch: pytest.MonkeyPatch, systemd: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(parents, "READY_WITHIN", 0.05)
    one.text = ROUTER % 51
    one.work["vrrp"] = asleep
    one.start()
    assert not one.parent.workers["vrrp"].settled()
    assert systemd() == [f"READY=1; STATUS={one.folder}/lvsd.conf; workers: vrrp {one.pid('vrrp')}"]


def test_behind_another_image_it_is_ready_when_its_workers_are(
    one: Supervised, monkeypatch: pytest.MonkeyPatch, systemd: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(parents, "READY_WITHIN", 0.01)
    one.text, one.before = ROUTER % 51, BEFORE
    one.work["vrrp"] = asleep
    one.parent.start()
    began = one.loop.now
    one.until(lambda: one.parent.complete and one.loop.now > began + 0.1)
    assert (one.parent.ready, systemd()) == (False, [])
    del one.work["vrrp"]
    one.kill("vrrp")
    one.until(lambda: one.parent.ready)


def test_the_watchdog_is_fed_as_long_as_the_loop_turns(
    one: Supervised, monkeypatch: pytest.MonkeyPatch, systemd: Callable[[], list[str]]
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "10000")
    one.start()
    systemd()
    fed: list[str] = []
    one.until(lambda: fed.extend(systemd()) or fed.count("WATCHDOG=1") >= 3)
    assert set(fed) == {"WATCHDOG=1"}


# --- over workers that run ----------------------------------------------------------------------


def test_a_worker_that_runs_is_adopted_and_nothing_is_left_for_an_older_version(one: Supervised) -> None:
    (one.run / "vrrp").mkdir()
    (one.run / "vrrp" / "vrrp.state").write_text("numbers")
    (one.run / "vrrp.state").hardlink_to(one.run / "vrrp" / "vrrp.state")
    pid = one.leave("vrrp", {"adopt": takes, "reload": takes})
    parent = one.start()
    assert (one.pid("vrrp"), one.done.count("start vrrp")) == (pid, 0)
    assert parent.show({})["takeover"] == {"adopted": ["vrrp"], "replaced": [], "problems": []}
    assert not (one.run / "vrrp.state").exists()
    assert (one.run / "vrrp" / "vrrp.state").read_text() == "numbers"


def refuses(_request: object) -> Answer:
    raise Refused("no such interface")


def test_a_configuration_that_a_worker_refuses_gives_way_to_the_last_good_one(one: Supervised) -> None:
    good = conf.parse(ROUTER % 50, "lvsd.conf")
    keep_good(one.run, good)
    one.leave("vrrp", {"adopt": takes, "reload": refuses})
    parent = one.start()
    why = "a worker that runs refuses it: vrrp: no such interface"
    assert one.parent.show({})["fallback"] == why
    assert f"lvsd: the configuration does not run, what ran before goes on: {why}" in one.messages()
    assert parent.config({}) == {"text": conf.render(good.configuration)}
    kept = last_good(one.run)
    assert kept is not None
    assert kept.configuration == good.configuration


def test_without_a_good_one_it_is_shown_with_the_reason(one: Supervised) -> None:
    one.leave("vrrp", {"adopt": takes, "reload": refuses})
    parent = one.start()
    assert parent.show({})["fallback"] == "a worker that runs refuses it: vrrp: no such interface"
    assert parent.config({}) == {"text": conf.render(one.load().configuration)}


def test_one_that_began_with_the_last_good_configuration_keeps_no_other(one: Supervised) -> None:
    loaded = one.load()
    one.parent.reloads.running = RunningConfiguration(loaded, split(loaded.configuration, one.options), "wrong")
    one.start()
    assert last_good(one.run) is None


def test_a_reload_waits_until_the_workers_are_known(one: Supervised) -> None:
    one.parent.start()
    answers = answer(one.parent.reloads.ask({}))
    assert not one.parent.complete
    one.until(lambda: answers)
    assert (one.parent.complete, answers[0]["ok"]) == (True, True)


# --- what it answers ----------------------------------------------------------------------------


def test_what_it_shows(one: Supervised) -> None:
    one.text = "global_defs {\n    router_id left\n}\nnonsense 1\n" + ROUTER % 51
    before = time.time()
    shown = one.start().show({})
    pid = one.pid("vrrp")
    assert [(row["name"], row["pid"], row["restarts"]) for row in shown.pop("workers")] == [("vrrp", pid, 0)]
    assert before <= shown.pop("started_at") <= shown.pop("loaded_at") + 1 <= time.time() + 1
    assert ("lvsd.conf", 4, "nonsense") in [(f["path"], f["line"], f["keyword"]) for f in shown.pop("findings")]
    shown.pop("as_root")
    assert shown == {
        "pid": os.getpid(),
        "version": __version__,
        **described(),
        "router_id": "left",
        "config": str(one.folder / "lvsd.conf"),
        "fallback": None,
        "complete": True,
        "takeover": {"adopted": [], "replaced": [], "problems": []},
    }


def test_a_router_id_that_is_not_configured_is_the_name_of_the_host(one: Supervised) -> None:
    assert one.parent.show({})["router_id"] == socket.gethostname()
    assert one.parent.show({})["complete"] is False


@pytest.mark.parametrize(
    ("users", "reason"),
    [("", "there is no user lvsd"), ("lvsd:x:991:991::/:/usr/sbin/nologin\n", None)],
)
def test_it_shows_why_workers_stay_root(
    one: Supervised, monkeypatch: pytest.MonkeyPatch, users: str, reason: str | None
) -> None:
    (one.folder / "passwd").write_text(users)
    monkeypatch.setattr(system_user, "USERS", one.folder / "passwd")
    assert one.parent.show({})["as_root"] == (reason if os.geteuid() == 0 else None)


def test_of_a_daemon_that_root_has_not_started_none_stays_root(one: Supervised) -> None:
    parent, user = one.parent, os.geteuid()
    os.seteuid(user or NOBODY)
    try:
        assert parent.show({})["as_root"] is None
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    ("request_", "secret"),
    [({}, False), ({"secrets": 1}, False), ({"secrets": "true"}, False), ({"secrets": True}, True)],
)
def test_passwords_are_part_of_the_configuration_only_where_it_is_asked_for_them(
    one: Supervised, request_: dict[str, object], secret: bool
) -> None:
    one.text = SECRET
    text = one.parent.config(request_)["text"]
    assert ("hunter2" in text, "********" in text) == (secret, not secret)
    assert "virtual_router_id 51" in text


def test_it_becomes_another_version_only_when_all_run_and_it_is_not_stopping(one: Supervised) -> None:
    asker = {ASKED_BY: Peer(0, 7)}
    assert answer(one.parent.on_reexec(asker))[0]["error"] == "lvsd is still starting; ask again"
    one.start()
    gone = f"{one.folder}/lvsd cannot be started: No such file or directory"
    assert answer(one.parent.on_reexec(asker))[0]["error"] == gone
    assert one.messages("told") == ["lvsd: told by root (pid 7) to become the installed version"]
    one.parent.stop()
    assert answer(one.parent.on_reexec(asker))[0]["error"] == "lvsd is stopping"
