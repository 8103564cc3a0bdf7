# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration that ran before, for a parent that starts over a broken file."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd import conf
from lvsd.supervisor.last_good import keep_good, last_good

ROUTER = (
    "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    authentication {\n"
    "        auth_type PASS\n        auth_pass secret12\n    }\n}\n"
)
SERVICE = "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.1 80 {\n    }\n}\n"


def test_what_was_kept_is_found_again_with_its_passwords(tmp_path: Path) -> None:
    loaded = conf.parse(ROUTER + SERVICE, "a.conf")
    keep_good(tmp_path, loaded)
    found = last_good(tmp_path)
    assert found
    assert found.configuration == loaded.configuration
    assert stat.S_IMODE((tmp_path / "lvsd.conf.good").stat().st_mode) == 0o640


def test_the_last_one_counts(tmp_path: Path) -> None:
    for text in (ROUTER, SERVICE):
        keep_good(tmp_path, conf.parse(text, "a.conf"))
    found = last_good(tmp_path)
    assert found
    assert (len(found.configuration.routers), len(found.configuration.virtual_servers)) == (0, 1)


@pytest.mark.parametrize(
    "occupy",
    [
        lambda _: None,
        Path.mkdir,
        os.mkfifo,
        lambda path: path.symlink_to("target"),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_text(ROUTER.replace("51", "510")),
        lambda path: path.write_text(ROUTER[:-3]),
    ],
    ids=["nothing", "a directory", "a FIFO", "a link", "no UTF-8", "a wrong value", "half a file"],
)
def test_what_no_daemon_has_left_does_not_count(occupy: Callable[[Path], object], tmp_path: Path) -> None:
    (tmp_path / "target").write_text(ROUTER)
    occupy(tmp_path / "lvsd.conf.good")
    assert last_good(tmp_path) is None


def test_what_a_user_has_written_who_is_neither_root_nor_ours_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RUNTIME_DIR may be that of the system user: a parent of root that is started by hand begins there, too."""
    keep_good(tmp_path, conf.parse(ROUTER, "a.conf"))
    assert last_good(tmp_path)
    others = os.geteuid() + 1, os.geteuid() + 2  # so the file is that of a third user, whoever runs this
    monkeypatch.setattr("lvsd.supervisor.last_good.ROOT", others[0])
    monkeypatch.setattr(os, "geteuid", lambda: others[1])
    assert last_good(tmp_path) is None


def test_where_it_cannot_be_written_that_is_said_and_nothing_else_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lvsd.conf.good").mkdir()
    keep_good(tmp_path, conf.parse(ROUTER, "a.conf"))
    file = tmp_path / "lvsd.conf.good"
    assert capsys.readouterr().err == (
        f"<4>lvsd: {file} could not be written: there is a directory where a regular file belongs\n"
    )
