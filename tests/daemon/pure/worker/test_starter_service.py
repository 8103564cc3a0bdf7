# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsd --starter`, as systemd starts it: whom it serves, and which configuration it believes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lvsd import conf
from lvsd.conf import Loaded
from lvsd.options import parse
from lvsd.programs.security import FileKind, PathStep
from lvsd.worker import starter_service
from lvsd.worker.starter_service import NO_CONNECTION, REFUSED, could_write, load, load_part
from lvsd.worker.system_user import SystemUser

from tests.support.programs import naming

RUNTIME = Path(__file__).parents[4] / "runtime"
US = SystemUser(64991, 64992)
PROGRAM = """
import sys
from pathlib import Path
from lvsd.worker import system_user
from lvsd.options import parse
system_user.USERS, system_user.GROUPS = Path(sys.argv[1]), Path(sys.argv[2])
from lvsd.worker import starter_service
sys.exit(starter_service.run(parse(sys.argv[3:])))
"""


def starter(folder: Path, connection: int, uid: int | None) -> subprocess.Popen[str]:
    """A process whose standard input is `connection`, on a host whose user lvsd has the number `uid`."""
    entry = "" if uid is None else f"lvsd:x:{uid}:64992::/nonexistent:/usr/sbin/nologin\n"
    (folder / "passwd").write_text(entry)
    (folder / "group").write_text("lvsd:x:64993:\nlvsd_worker:x:64992:\n")
    words = ["--starter", "-f", str(folder / "lvsd.conf")]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder / "passwd"), str(folder / "group"), *words],
        stdin=connection, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(RUNTIME)},
    )  # fmt: skip


def test_it_serves_the_user_lvsd_alone(tmp_path: Path) -> None:
    (tmp_path / "lvsd.conf").write_text(naming())
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        process = starter(tmp_path, theirs.fileno(), 64991)
        _out, said = process.communicate(timeout=30)
        assert process.returncode == REFUSED
        assert f"no program is run for root (pid {os.getpid()}): that is for the daemon's own user" in said


@pytest.mark.parametrize("kind", ["a pipe", "a stream"])
def test_what_is_no_connection_of_systemds_is_refused(tmp_path: Path, kind: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = starter(tmp_path, subprocess.PIPE if kind == "a pipe" else theirs.fileno(), 64991)
        _out, said = process.communicate(timeout=30)
    assert process.returncode == NO_CONNECTION
    assert "standard input is no connection" in said


def test_a_host_without_the_user_has_no_daemon_to_serve(tmp_path: Path) -> None:
    process = starter(tmp_path, subprocess.PIPE, None)
    _out, said = process.communicate(timeout=30)
    assert process.returncode == REFUSED
    assert "no program is run: there is no user lvsd" in said


@pytest.mark.parametrize(
    ("owner", "group", "mode", "expected"),
    [
        (0, 0, 0o640, False),
        (0, US.gid, 0o640, False),
        (1000, 1000, 0o664, False),
        (0, US.gid, 0o660, True),
        (0, 64993, 0o660, True),
        (US.uid, 0, 0o400, True),
        (0, 0, 0o646, True),
    ],
)
def test_which_file_the_user_could_write(
    monkeypatch: pytest.MonkeyPatch, owner: int, group: int, mode: int, expected: bool
) -> None:
    monkeypatch.setattr(starter_service, "viewers_group", lambda: 64993)
    assert could_write(PathStep(path="/f", kind=FileKind.FILE, mode=mode, uid=owner, gid=group), US) is expected


def test_neither_the_configuration_nor_what_it_includes_may_be_one_that_the_user_could_write(tmp_path: Path) -> None:
    main, included = tmp_path / "lvsd.conf", tmp_path / "more.conf"
    main.write_text(f"include {included}\n")
    included.write_text(naming())
    main.chmod(0o640)
    included.chmod(0o640)
    options = parse(["-f", str(main)])
    assert load(main, options=options, user=US).configuration.virtual_servers
    for path in (included, main):
        path.chmod(0o666)
        with pytest.raises(PermissionError, match="the daemon's own user could have written it") as raised:
            load(main, options=options, user=US)
        assert raised.value.filename == str(path)
        path.chmod(0o640)


def test_a_folder_that_the_user_could_write_makes_its_files_doubtful_also_those_that_have_gone(tmp_path: Path) -> None:
    """The user could take a file away, or put a link to one of root's there, between the reading and the look at it."""
    main, folder = tmp_path / "lvsd.conf", tmp_path / "parts"
    folder.mkdir()
    main.write_text(f"include {folder}/*.conf\n")
    options = parse(["-f", str(main)])
    for gone in (False, True):
        (folder / "a.conf").write_text(naming())
        folder.chmod(0o777)

        def reading(*words: Any, gone: bool = gone, **named: Any) -> Loaded:
            loaded = conf.load(*words, **named)
            if gone:
                (folder / "a.conf").unlink()
            return loaded

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(starter_service, "conf", SimpleNamespace(load=reading))
            with pytest.raises(PermissionError, match="the daemon's own user could have written it"):
                load(main, options=options, user=US)
        folder.chmod(0o1777)
        (folder / "a.conf").write_text(naming())
        assert load(main, options=options, user=US).configuration.virtual_servers


def test_it_reads_with_the_options_of_its_unit(tmp_path: Path) -> None:
    main = tmp_path / "lvsd.conf"
    main.write_text("@one include /nonexistent/*.conf\n@two global_defs {\n@two script_user nobody\n@two }\n")
    for name, user in (("one", None), ("two", "nobody")):
        options = parse(["-f", str(main), "-i", name])
        assert load(main, options=options, user=US).configuration.global_defs.script_user == user


@pytest.mark.parametrize("theirs", [".", "vrrp.conf"])
def test_a_part_counts_while_it_and_its_folder_are_those_of_the_starters_user(tmp_path: Path, theirs: str) -> None:
    part = tmp_path / "vrrp.conf"
    part.write_text(naming())
    assert load_part(part).refused is False
    os.chown(tmp_path / theirs, 64991, -1)
    with pytest.raises(PermissionError, match="another user could have written it"):
        load_part(part)
