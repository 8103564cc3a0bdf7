# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notify scripts: in order, one at a time for each subject, and reported."""

import pwd
import time
from pathlib import Path

import pytest
from lvsd import notify
from lvsd.loop import Loop
from lvsd.model import Command
from lvsd.notify import Job, Notifier, Queue, environment, identity


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    loop.close()


class Said(list):
    def __call__(self, what, subject, message, **details):
        self.append((subject, message, details.get("exit_code")))


def finish(loop, notifier, within=10.0):
    """Run the loop until no script is left."""
    notifier.when_idle(loop.stop)
    limit = loop.call_later(within, loop.stop)
    loop.run()
    limit.cancel()
    assert notifier.idle


def shell(text):
    return Command(("/bin/sh", "-c", text))


def test_only_the_first_of_a_queue_starts():
    first, second = Job(Command(("a",)), ()), Job(Command(("b",)), ())
    queue = Queue("VI_1")
    assert queue.put(first) is first
    assert queue.put(second) is None
    assert queue.ended() is second
    assert queue.ended() is None


def test_scripts_of_a_subject_keep_their_order_and_none_is_left_out(loop, tmp_path):
    notifier = Notifier(loop, Said())
    for number, pause in enumerate(("0.2", "0.1", "0", "0")):
        notifier.run("VI_1", shell(f"sleep {pause}; echo {number} >> {tmp_path}/out"))
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["0", "1", "2", "3"]


def test_last_words_wait_for_what_is_quick_enough(loop, tmp_path):
    notifier = Notifier(loop, Said())
    for word in ("first", "second"):
        notifier.run("VI_1", shell(f"sleep 0.05; echo {word} >> {tmp_path}/out"))
    notifier.part(10, loop.stop)
    notifier.run("VI_1", shell(f"echo last >> {tmp_path}/out"))
    loop.run()
    assert notifier.idle
    assert (tmp_path / "out").read_text().split() == ["first", "second", "last"]


def test_last_words_do_not_wait_for_what_is_not(loop, tmp_path):
    said = Said()
    notifier = Notifier(loop, said)
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; echo slow >> {tmp_path}/out"))
    notifier.run("VI_1", shell(f"echo waited >> {tmp_path}/out"))
    notifier.part(0.2, loop.stop)
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/last ]; do sleep 0.02; done; echo stop >> {tmp_path}/out"))
    notifier.run("VI_1", shell(f"touch {tmp_path}/last"))
    loop.run()
    assert not notifier.idle
    assert ["was not started: lvsd is stopping" in text for _, text, _ in said] == [True]
    loop.call_later(0, lambda: eventually_go(tmp_path, loop))
    finish(loop, notifier)
    assert (tmp_path / "out").read_text().split() == ["stop", "slow"]


def eventually_go(folder, loop):
    """The slow one may end when the last one has."""
    if (folder / "out").exists():
        (folder / "go").touch()
    else:
        loop.call_later(0.02, lambda: eventually_go(folder, loop))


def test_subjects_do_not_wait_for_each_other(loop, tmp_path):
    notifier = Notifier(loop, Said())
    notifier.run("VI_1", shell(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done"))
    notifier.run("VI_2", shell(f"touch {tmp_path}/go"))
    finish(loop, notifier)


def test_arguments_are_words_whatever_they_contain(loop, tmp_path):
    command = Command(("/bin/sh", "-c", f'printf "%s|" "$@" > {tmp_path}/out', "name"))
    notifier = Notifier(loop, Said())
    notifier.run("VI_1", command, ("INSTANCE", "a b;$(c)", "MASTER", "150"))
    finish(loop, notifier)
    assert (tmp_path / "out").read_text() == "INSTANCE|a b;$(c)|MASTER|150|"


@pytest.mark.parametrize(("text", "code", "words"), [
    ("exit 3", 3, "exit code 3"), ("kill -9 $$", -9, "ended by signal 9"), ("true", 0, "exit code 0"),
])  # fmt: skip
def test_the_end_of_a_script_is_reported(loop, text, code, words):
    said = Said()
    notifier = Notifier(loop, said)
    notifier.run("VI_1", shell(text))
    finish(loop, notifier)
    assert [(s, c) for s, _, c in said] == [("VI_1", code)]
    assert words in said[0][1]


def test_a_script_that_does_not_exist_is_reported_and_the_next_one_runs(loop, tmp_path):
    said = Said()
    notifier = Notifier(loop, said)
    notifier.run("VI_1", Command(("/nonexistent",)))
    notifier.run("VI_1", shell(f"touch {tmp_path}/ran"))
    finish(loop, notifier)
    assert "did not start" in said[0][1]
    assert (tmp_path / "ran").exists()


def test_a_script_that_does_not_end_is_ended_with_its_children(loop, tmp_path, monkeypatch):
    monkeypatch.setattr(notify, "TIME_LIMIT", 0.2)
    monkeypatch.setattr(notify, "GRACE", 0.2)
    said = Said()
    notifier = Notifier(loop, said)
    notifier.run("VI_1", shell(f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 1; done"))
    finish(loop, notifier)
    assert said[-1][2] == -9
    group = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10  # its last process was told to end, which takes a moment
    while alive_in_group(group) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive_in_group(group) == []


def alive_in_group(pgid):
    """The processes of a group; one that has ended and is not reaped yet does not count."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == pgid and state not in "ZX":
            found.append(stat.parent.name)
    return found


def test_no_command_is_no_script(loop):
    notifier = Notifier(loop, Said())
    notifier.run("VI_1", None)
    assert notifier.idle


def test_the_environment_holds_nothing_that_changes_how_programs_start():
    ours = {"PATH": "/bin", "LD_PRELOAD": "x", "IFS": "/", "PYTHONPATH": "x", "NOTIFY_SOCKET": "x", "LANG": "C"}
    assert environment(ours) == {"PATH": "/bin", "LANG": "C"}


def test_the_identity_is_the_users_own():
    account = pwd.getpwnam("nobody")
    uid, gid, groups = identity("nobody", None)
    assert (uid, gid) == (account.pw_uid, account.pw_gid)
    assert groups == [account.pw_gid]
    assert identity(None, None) == (None, None, None)


def test_an_unknown_user_is_reported(loop):
    said = Said()
    notifier = Notifier(loop, said)
    notifier.run("VI_1", Command(("/bin/true",), user="no-such-user"))
    finish(loop, notifier)
    assert "did not start" in said[0][1]
