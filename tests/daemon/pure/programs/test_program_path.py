# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every step of a path, as the kernel takes it."""

import errno
import os

import pytest
from lvsd.programs.program_path import steps
from lvsd.programs.security import FileKind


@pytest.fixture
def folder(tmp_path):
    """real/x, link -> real/x, deep/link -> ../real, real/up -> .., real/abs -> the absolute path of x"""
    for name in ("real", "deep"):
        (tmp_path / name).mkdir()
    (tmp_path / "real" / "x").write_text("")
    (tmp_path / "link").symlink_to("real/x")
    (tmp_path / "deep" / "link").symlink_to("../real")
    (tmp_path / "real" / "up").symlink_to("..")
    (tmp_path / "real" / "abs").symlink_to(tmp_path / "real" / "x")
    return tmp_path


def seen(folder, path):
    """What stands below `folder`, relative to it."""
    below = f"{folder}/"
    return [step.path.removeprefix(below) for step in steps(f"{folder}/{path}") if step.path.startswith(below)]


def test_a_plain_path_is_every_folder_and_the_file(folder):
    every = steps(str(folder / "real" / "x"))
    assert every[0].path == "/"
    assert [step.path for step in every[1:]] == ["/" + "/".join(every[-1].path.split("/")[1 : n + 1]) for n in
                                                 range(1, len(every))]  # fmt: skip
    assert [step.kind for step in every[-2:]] == [FileKind.FOLDER, FileKind.FILE]


@pytest.mark.parametrize(("path", "passed"), [
    ("link", ["link", "real", "real/x"]),
    ("deep/link/x", ["deep", "deep/link", "real", "real/x"]),
    ("real/../link", ["real", "link", "real", "real/x"]),
    ("real//./x", ["real", "real/x"]),
    ("real/up/real/x", ["real", "real/up", "real", "real/x"]),
    ("real/abs", ["real", "real/abs", "real", "real/x"]),
])  # fmt: skip
def test_a_link_and_what_it_leads_through_are_passed(folder, path, passed):
    assert seen(folder, path) == passed
    assert os.path.realpath(folder / path) == steps(f"{folder}/{path}")[-1].path


def test_a_path_may_end_with_a_folder(folder):
    for path in ("real", "real/", "real/up", "real/..", "deep/link", "real/."):
        last = steps(f"{folder}/{path}")[-1]
        assert (last.kind, last.path) == (FileKind.FOLDER, os.path.realpath(f"{folder}/{path}"))


@pytest.mark.parametrize(("path", "number"), [
    ("absent", errno.ENOENT), ("real/x/y", errno.ENOTDIR), ("real/x/..", errno.ENOTDIR), ("circle", errno.ELOOP),
])  # fmt: skip
def test_what_cannot_be_followed_is_an_error_that_names_the_place(folder, path, number):
    (folder / "circle").symlink_to("circle")
    with pytest.raises(OSError, match=str(folder)) as raised:
        steps(f"{folder}/{path}")
    assert raised.value.errno == number
