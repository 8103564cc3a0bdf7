# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk is read within bounds, and never waits for what is no regular file."""

from __future__ import annotations

import errno
import os
import signal
import socket
from pathlib import Path

import pytest
from lvsd.conf import source
from lvsd.conf.source import Disk, decoded, surroundings, throw

# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"a\nb\n", "a\nb\n"),
        ("ä".encode(), "ä"),
        (b"\xe4", "ä"),
        (b"\xc3\xa4\xff", "Ã¤ÿ"),
        (b"a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        (b"\xff\0", "ÿ\N{REPLACEMENT CHARACTER}"),
        (b"a\r\nb", "a\r\nb"),
        (b"\xef\xbb\xbfa", "\ufeffa"),
    ],
)
def test_a_file_is_utf_8_or_else_latin_1(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert Disk().read(str(tmp_path / "a")) == decoded(content) == text


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        Disk().read(str(tmp_path / "none"))
    assert error.value.filename == str(tmp_path / "none")


def test_a_directory_is_told_from_other_files(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as error:
        Disk().read(str(tmp_path))
    assert (error.value.errno, error.value.filename) == (errno.EISDIR, str(tmp_path))


def waits(*_unused: object) -> None:
    raise AssertionError("it waits for a writer")


def test_a_pipe_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = signal.signal(signal.SIGALRM, waits)
    signal.alarm(20)
    try:
        with pytest.raises(OSError, match="not a regular file") as error:
            Disk().read(str(tmp_path / "pipe"))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert (error.value.errno, error.value.filename) == (errno.EINVAL, str(tmp_path / "pipe"))


def test_a_device_and_a_socket_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        Disk().read("/dev/zero")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="s"):
            Disk().read(str(tmp_path / "s"))


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "SIZE", 10)
    (tmp_path / "a").write_text("x" * 10)
    assert Disk().read(str(tmp_path / "a")) == "x" * 10
    (tmp_path / "a").write_text("x" * 11)
    with pytest.raises(OSError, match="File too large") as error:
        Disk().read(str(tmp_path / "a"))
    assert (error.value.errno, error.value.filename) == (errno.EFBIG, str(tmp_path / "a"))


def test_all_files_of_one_reading_have_a_bound_together(tmp_path: Path) -> None:
    disk = Disk()
    disk.left = 25
    (tmp_path / "a").write_text("x" * 10)
    for _unused in range(2):
        disk.read(str(tmp_path / "a"))
    assert disk.left == 5
    with pytest.raises(OSError, match="File too large"):
        disk.read(str(tmp_path / "a"))
    (tmp_path / "a").write_text("x" * 5)
    assert disk.read(str(tmp_path / "a")) == "xxxxx"


def test_no_reading_leaves_a_descriptor_open(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    before = os.listdir("/proc/self/fd")
    Disk().read(str(tmp_path / "a"))
    for path in (str(tmp_path), "/dev/zero"):
        with pytest.raises(OSError, match=path):
            Disk().read(path)
    assert os.listdir("/proc/self/fd") == before


# --- patterns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.conf", ["a.conf", "b.conf"]),
        ("?.conf", ["a.conf", "b.conf"]),
        ("[bc].conf", ["b.conf"]),
        (".*.conf", [".hidden.conf"]),
        ("*/c.conf", ["d/c.conf"]),
        ("none*", []),
        ("a.conf", ["a.conf"]),
        ("none.conf", []),
        ("lost.link", ["lost.link"]),
        ("d", ["d"]),
    ],
)
def test_a_pattern_names_what_is_there_in_order(tmp_path: Path, pattern: str, names: list[str]) -> None:
    (tmp_path / "d").mkdir()
    for name in ("b.conf", ".hidden.conf", "a.conf", "d/c.conf"):
        (tmp_path / name).touch()
    (tmp_path / "lost.link").symlink_to("nowhere")
    assert Disk().glob(str(tmp_path / pattern)) == [str(tmp_path / name) for name in names]


def test_a_pattern_names_no_more_files_than_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MATCHES", 3)
    for number in range(5):
        (tmp_path / f"{number}.conf").touch()
    assert len(Disk().glob(str(tmp_path / "*.conf"))) == 3


# --- this machine --------------------------------------------------------------------------------


def test_the_identity_is_the_first_label_of_the_name_unless_it_is_given() -> None:
    node = os.uname().nodename.partition(".")[0]
    found = surroundings(None)
    assert (found.config_id, found.instance, found.all_config) == (node, node, False)
    given = surroundings("", all_config=True)
    assert (given.config_id, given.instance, given.all_config) == ("", "", True)


def test_the_surroundings_are_those_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LVSD_SITE", "north")
    found = surroundings("a")
    monkeypatch.setenv("LVSD_SITE", "south")
    assert (found.directory, found.environment["LVSD_SITE"]) == (str(tmp_path), "north")


def test_the_dice_have_both_ends_of_their_range() -> None:
    assert {throw(3, 5) for _unused in range(1000)} == {3, 4, 5}
    assert throw(7, 7) == 7
