# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon knows the version it runs from, whatever the symlinks beside it say."""

from pathlib import Path

from lvsd.version import digest


def test_the_versions_folder_names_it(tmp_path: Path) -> None:
    package = tmp_path / "8c1f0d7e3b5a4921" / "lvsd"
    package.mkdir(parents=True)
    (tmp_path / "current").symlink_to("8c1f0d7e3b5a4921")
    assert digest(package) == digest(tmp_path / "current" / "lvsd") == "8c1f0d7e3b5a4921"


def test_a_checkout_has_no_digest(tmp_path: Path) -> None:
    assert digest(tmp_path / "runtime" / "lvsd") is None
