# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a process becomes a worker, by one that works at nothing (tests/daemon/pure/supervisor/third)."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd.model import Command
from lvsd.worker.run import CONFIGURATION_ERROR, READ_ERROR, RUN_FAILED
from third_process import Third, eventually, thirds

from tests.support.programs import naming


@pytest.fixture
def third(tmp_path: Path) -> Iterator[Third]:
    with thirds(tmp_path) as third:
        yield third


def test_what_cannot_be_read_is_wrong_or_has_no_room_has_its_exit_code(third: Third) -> None:
    (third.folder / "third.sock").write_text("no socket")
    assert third.spawn().wait(10) == RUN_FAILED
    third.config.write_text("virtual_server {\n")
    assert third.spawn().wait(10) == CONFIGURATION_ERROR
    third.config.unlink()
    assert third.spawn().wait(10) == READ_ERROR
    said = third.log.splitlines()
    assert said[0].startswith(f"third: not started: {third.folder}/third.sock: there is a regular file")
    assert any(line.startswith(f"{third.config}:1: ") for line in said)
    assert said[-1] == f"{third.config}: No such file or directory"
    assert third.notes == ["prepare", "dispose"]


def test_a_successor_takes_over_and_its_predecessor_releases_nothing(third: Third) -> None:
    before = third.start()
    after = third.start()
    assert before.wait(10) == 0
    assert third.notes == ["prepare", "begin", "prepare", "depart", "dispose", "begin"]
    assert third.ask("ping")["pid"] == after.pid


# --- the process that starts programs ---


def starters(worker: int) -> list[int]:
    """The starters among the children of a process."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == worker and state not in "ZX" and (process / "comm").read_text() == "lvsd_starter\n":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_it_has_a_starter_which_ends_with_it(third: Third) -> None:
    process = third.start()
    (starter,) = starters(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    eventually(lambda: ended(starter))


def test_a_starter_is_forked_before_anything_is_opened(third: Third) -> None:
    process = third.start()
    (starter,) = starters(process.pid)
    files = [os.readlink(fd) for fd in Path(f"/proc/{starter}/fd").iterdir()]
    assert not [file for file in files if "netlink" in file or str(third.folder) in file]
    assert files.count("/dev/null") == 3


def test_one_with_a_parent_has_no_starter_until_its_configuration_names_a_program(third: Third) -> None:
    """By hand it has one, as there is no parent that could start another process for the first program."""
    process = third.spawn("--parent", str(os.getpid()))
    eventually(lambda: third.ask("ping")["pid"] == process.pid)
    assert starters(process.pid) == []
    third.config.write_text(naming(Command(("/bin/true",))))
    answer = third.ask("reload")
    assert (answer["ok"], answer["replace"]) == (False, True)
    successor = third.spawn("--parent", str(os.getpid()))
    assert process.wait(10) == 0
    eventually(lambda: third.ask("ping")["pid"] == successor.pid)
    assert len(starters(successor.pid)) == 1
    assert third.notes == ["prepare", "begin", "prepare", "depart", "dispose", "begin"]


def test_one_that_checks_has_a_starter_although_nothing_names_a_program(third: Third) -> None:
    """A successor, which would get one later, would begin servers that are new at that reload as down."""
    server = "real_server 192.0.2.11 80 {"
    third.config.write_text(third.config.read_text().replace(server, f"{server}\n TCP_CHECK {{\n }}"))
    process = third.spawn("--parent", str(os.getpid()))
    eventually(lambda: third.ask("ping")["pid"] == process.pid)
    assert len(starters(process.pid)) == 1


def test_without_its_starter_one_that_has_a_parent_makes_room_for_another(third: Third) -> None:
    third.config.write_text(naming(Command(("/bin/true",))))
    process = third.spawn("--parent", str(os.getpid()))
    eventually(lambda: third.ask("ping")["pid"] == process.pid)
    os.kill(starters(process.pid)[0], signal.SIGKILL)
    assert process.wait(10) == 0
    assert third.notes == ["prepare", "begin", "depart", "dispose"]  # it has released nothing
    assert "third: the process that starts programs has ended" in third.log


def test_without_its_starter_one_that_has_no_parent_goes_on_until_it_is_adopted(third: Third) -> None:
    process = third.start()
    os.kill(starters(process.pid)[0], signal.SIGKILL)
    eventually(lambda: "third: the process that starts programs has ended" in third.log)
    assert third.ask("ping")["pid"] == process.pid
    assert third.ask("adopt", parent=os.getpid())["parent"] == os.getpid()
    assert process.wait(10) == 0
    assert third.notes == ["prepare", "begin", "depart", "dispose"]
