# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State, pid and lock files: no link is followed, no other end is waited for, no reader sees half of one."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd import regular_files
from lvsd.check.memory import Memory as Orders
from lvsd.check.state_file import CheckStateFile
from lvsd.check.worker import write
from lvsd.loop import Loop
from lvsd.vrrp.state_file import StateFile

Occupy = Callable[[Path], object]


def link(path: Path) -> None:
    path.with_name("target").write_text("somebody's")
    path.symlink_to("target")


KINDS: list[tuple[Occupy, str, int]] = [
    (link, "a symbolic link", errno.ELOOP),
    (os.mkfifo, "a FIFO", errno.EEXIST),
    (Path.mkdir, "a directory", errno.EISDIR),
]


@pytest.mark.parametrize(("occupy", "what", "code"), KINDS)
@pytest.mark.parametrize(
    "act",
    [
        lambda path: regular_files.read(path, 100),
        lambda path: regular_files.place(path, b"x"),
        lambda path: regular_files.opened(path, os.O_RDWR | os.O_CREAT),
        regular_files.appending,
        regular_files.changing,
        regular_files.check,
    ],
)
def test_what_is_no_regular_file_is_named_and_stays(
    tmp_path: Path, act: Callable[[Path], object], occupy: Occupy, what: str, code: int
) -> None:
    path = tmp_path / "state"
    occupy(path)
    before = os.lstat(path)
    with pytest.raises(OSError, match=f"there is {what} where a regular file belongs: '{path}'") as caught:
        act(path)
    assert caught.value.errno == code
    assert os.path.samestat(os.lstat(path), before)
    assert not (tmp_path / "target").exists() or (tmp_path / "target").read_text() == "somebody's"


def test_a_link_that_comes_behind_the_look_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    link(path)
    monkeypatch.setattr(regular_files, "check", lambda _path: None)
    with pytest.raises(OSError, match="symbolic links"):
        regular_files.opened(path, os.O_RDWR | os.O_CREAT)


def test_a_file_is_replaced_whole_with_its_mode_and_a_link_in_the_way_of_the_new_one_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "state"
    link(tmp_path / ".state.new")
    regular_files.place(path, b"first", 0o644)
    with path.open("rb") as reader:
        regular_files.place(path, b"second")
        assert reader.read() == b"first"
    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (tmp_path / "target").read_text() == "somebody's"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["state", "target"]


@pytest.mark.parametrize(("occupy", "what", "_code"), KINDS)
def test_state_files_that_are_none_are_one_warning_each_and_never_touched(
    tmp_path: Path, occupy: Occupy, what: str, _code: int
) -> None:
    said: list[str] = []
    loop = Loop()
    router = StateFile(tmp_path / "vrrp.state", "boot", said.append)
    checker = CheckStateFile(loop, tmp_path / "checker.state", "boot", said.append)
    orders = Orders(tmp_path, "boot", write, said.append)
    for name in ("vrrp.state", "checker.state", "servers.json", "services.json"):
        if occupy is link:
            (tmp_path / name).symlink_to("target")
        else:
            occupy(tmp_path / name)
    (tmp_path / "target").write_text("somebody's")
    router.recall()
    checker.read()
    orders.read_orders()
    orders.read_owned()
    assert [line.partition(": ignored: ")[2] for line in said] == [f"there is {what} where a regular file belongs"] * 4
    said.clear()
    for _ in range(2):
        checker.restart({}, {})
        assert not orders.keep_owned(frozenset({"a"}))
    checker.remove()
    assert len(said) == 3
    with pytest.raises(OSError, match="servers"):
        orders.keep_orders({})
    assert (tmp_path / "target").read_text() == "somebody's"
    assert all(os.path.lexists(tmp_path / name) for name in ("vrrp.state", "checker.state", "services.json"))
    loop.close()
