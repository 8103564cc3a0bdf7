# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a worker, and its state in the places of this version and of those before."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd.worker import own_files
from lvsd.worker.registry import WORKERS
from lvsd.worker.system_user import SystemUser

VRRP, CHECKER = WORKERS["vrrp"], WORKERS["checker"]
NONE = "there is no user lvsd"
SELF = SystemUser(os.geteuid(), os.getegid())  # so that it works without root


def permissions(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


def left(path: Path, text: str, seconds: float) -> None:
    """A state file that was made then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (seconds, seconds))


def test_the_group_of_the_workers_may_write_where_a_worker_writes(run: Path, tmp_path: Path) -> None:
    for worker in (VRRP, CHECKER):
        own_files.prepare(worker, run, tmp_path / "state", SELF)
        assert permissions(run / worker.name) == "770"
        assert (tmp_path / "state").exists() == worker.remembers
    assert permissions(tmp_path / "state") == "775"
    assert permissions(run) == "755"


def test_without_the_user_nothing_is_for_a_group(run: Path, tmp_path: Path) -> None:
    own_files.prepare(CHECKER, run, tmp_path / "state", NONE)
    assert [permissions(path) for path in (run / "checker", tmp_path / "state")] == ["755", "755"]


def test_a_folder_that_is_there_is_put_right(run: Path) -> None:
    own_files.folder(VRRP, run, NONE)
    own_files.folder(VRRP, run, SELF)
    assert permissions(run / "vrrp") == "770"


@pytest.mark.parametrize(
    "there", [lambda path: path.symlink_to("/tmp"), Path.touch, os.mkfifo], ids=["link", "file", "FIFO"]
)
def test_what_is_no_folder_is_an_error_that_names_it_and_stays(run: Path, there: Callable[[Path], object]) -> None:
    run.mkdir()
    there(run / "vrrp")
    before = os.lstat(run / "vrrp")
    with pytest.raises(OSError, match="vrrp") as caught:
        own_files.prepare(VRRP, run, run, SELF)
    assert caught.value.filename == str(run / "vrrp")
    assert os.path.samestat(before, os.lstat(run / "vrrp"))


@pytest.mark.parametrize(
    ("former", "mine", "expected"),
    [
        (None, None, None),
        (("former", 5), None, "former"),
        (None, ("mine", 5), "mine"),
        (("former", 6), ("mine", 5), "former"),
        (("former", 5), ("mine", 6), "mine"),
    ],
    ids=["none", "of a version before", "of this one", "rolled back and forth", "the roll back failed"],
)
def test_the_state_that_was_made_last_is_gone_on_from(
    run: Path, former: tuple[str, float] | None, mine: tuple[str, float] | None, expected: str | None
) -> None:
    for file, found in ((run / "vrrp.state", former), (run / "vrrp" / "vrrp.state", mine)):
        if found:
            left(file, *found)
    own_files.prepare(VRRP, run, run, SELF)
    assert not (run / "vrrp.state").exists()
    assert (run / "vrrp" / "vrrp.state").exists() == (expected is not None)
    if expected is not None:
        assert (run / "vrrp" / "vrrp.state").read_text() == expected


def test_what_is_shared_is_one_file_until_it_is_taken_back(run: Path) -> None:
    mine, former = run / "vrrp" / "vrrp.state", run / "vrrp.state"
    left(mine, "numbers", 5)
    left(former, "of a version that has ended long ago", 4)
    own_files.share(run)
    own_files.share(run)
    mine.write_text("later numbers")
    assert former.read_text() == "later numbers"
    own_files.unshare(run)
    assert (mine.exists(), former.exists()) == (True, False)


def test_a_successor_of_the_same_kind_finds_one_file_behind_both_names(run: Path) -> None:
    left(run / "vrrp" / "vrrp.state", "numbers", 5)
    own_files.share(run)
    own_files.prepare(VRRP, run, run, SELF)
    assert (run / "vrrp" / "vrrp.state").read_text() == "numbers"
    assert not (run / "vrrp.state").exists()


def test_the_file_of_a_version_before_that_still_runs_is_not_taken_back(run: Path) -> None:
    left(run / "vrrp" / "vrrp.state", "mine", 5)
    left(run / "vrrp.state", "former", 6)
    own_files.unshare(run)
    assert (run / "vrrp.state").read_text() == "former"


@pytest.mark.parametrize("planted", ["link", "folder", "FIFO"])
def test_what_a_worker_has_planted_is_not_followed(run: Path, tmp_path: Path, planted: str) -> None:
    """Its folder is its own: it may put there what it likes."""
    secret = tmp_path / "secret"
    secret.write_text("root's")
    mine, former = run / "vrrp" / "vrrp.state", run / "vrrp.state"
    mine.parent.mkdir(parents=True)
    {"link": lambda: mine.symlink_to(secret), "folder": mine.mkdir, "FIFO": lambda: os.mkfifo(mine)}[planted]()
    own_files.share(run)
    own_files.unshare(run)
    assert not os.path.lexists(former)
    own_files.prepare(VRRP, run, run, SELF)
    assert secret.read_text() == "root's"
    assert permissions(secret) != "660"
