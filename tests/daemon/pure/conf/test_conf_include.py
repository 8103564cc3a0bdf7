# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`include` where keepalived 2.2.7 finds it: after parameters, conditions and generators have been replaced."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from lvsd import conf
from lvsd.conf.cache import Witness
from lvsd.conf.findings import Loaded

HOST = os.uname().nodename.partition(".")[0]


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder `parts` with one instance in each of 1.conf, 2.conf and 3.conf, and one in HOST.conf."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, name in enumerate(("1", "2", "3", HOST), 1):
        (folder / f"{name}.conf").write_text(
            f"vrrp_instance V{number} {{\ninterface eth0\nvirtual_router_id {number}\n"
            f"virtual_ipaddress {{\n192.0.2.{number}\n}}\n}}\n"
        )
    (folder / "both.conf").write_text("include ${_PWD}/1.conf\ninclude 2.conf\n")
    return folder


def load(parts: Path, text: str) -> Loaded:
    top = parts.parent / "main.conf"
    top.write_text(text)
    return conf.load(top, config_id=HOST)


def names(loaded: Loaded) -> list[str]:
    return [router.name for router in loaded.configuration.routers]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("include ${_PWD}/parts/1.conf", ["V1"]),
        ("include ${_PWD}/parts/[12].conf", ["V1", "V2"]),
        ("include parts/both.conf", ["V1", "V2"]),
        ("include parts/${_INSTANCE}.conf", ["V4"]),
        (f"@{HOST} include parts/1.conf", ["V1"]),
        ("@another include parts/1.conf", []),
        ("@^another include parts/1.conf", ["V1"]),
        (f"@^{HOST} include parts/1.conf", []),
        (f"@{HOST} @^another includem parts/1.conf", ["V1"]),
        ("~SEQ(n, 1, 3) include parts/${n}.conf", ["V1", "V2", "V3"]),
        (f"@{HOST} ~SEQ(n, 3, -1, 1) include parts/${{n}}.conf", ["V3", "V2", "V1"]),
        ("~LST(n, 3, 1) includer parts/${n}.conf", ["V3", "V1"]),
        ("$F=parts/1.conf\ninclude $F", ["V1"]),
        ("$N=2\nincludea parts/${N}.conf", ["V2"]),
        ("$ALL=include parts/1.conf\n$ALL", ["V1"]),
        ("$ALL= \\\n include parts/1.conf \\\n include parts/3.conf\n$ALL", ["V1", "V3"]),
        ("include parts/{1,3}.conf", ["V1", "V3"]),
        ("include parts/1.conf # a comment", ["V1"]),
    ],
)
def test_it_is_read(parts: Path, text: str, expected: list[str]) -> None:
    loaded = load(parts, f"{text}\n")
    assert (names(loaded), [str(finding) for finding in loaded.findings]) == (expected, [])


def test_it_is_read_inside_a_block_and_lines_after_it_are_relative_to_their_own_file(parts: Path) -> None:
    (parts / "ids.conf").write_text("router_id ${_PWD}\n")
    loaded = load(parts, "global_defs {\n$I=include parts/ids.conf\n$I\n}\ninclude ${_PWD}/parts/1.conf\n")
    assert (names(loaded), loaded.configuration.global_defs.router_id) == (["V1"], str(parts))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("include none/*.conf", "include: no file matches 'none/*.conf': nothing is included"),
        ("include parts/none.conf", "include: there is no file 'parts/none.conf'"),
        ("include parts/{1,none}.conf", "include: there is no file 'parts/none.conf'"),
        ("include $UNDEFINED/*.conf", "include: no file matches '$UNDEFINED/*.conf': nothing is included"),
        ("include parts", "include: '{}/parts' is a directory and is left out: write {}/parts/*.conf"),
        ("include parts/", "include: '{}/parts/' is a directory and is left out: write {}/parts/*.conf"),
        ("include parts/1.conf parts/2.conf", "include: there is no file 'parts/1.conf parts/2.conf'"),
        (
            'include "parts/1.conf"',
            'include: to keepalived the quotes in "parts/1.conf" belong to the name: leave them out',
        ),
    ],
)
def test_what_is_not_read_is_told_and_the_rest_runs(parts: Path, text: str, message: str) -> None:
    loaded = load(parts, f"{text}\ninclude parts/3.conf\n")
    assert names(loaded)[-1] == "V3"
    assert not loaded.errors
    assert message.format(parts.parent, parts.parent) in [finding.message for finding in loaded.findings]


def test_one_that_includes_itself_through_a_parameter_ends(parts: Path) -> None:
    (parts / "loop.conf").write_text("$X=include loop.conf\n$X\n")
    loaded = load(parts, "include parts/loop.conf\n")
    assert [finding.message.partition("loop.conf' ")[2] for finding in loaded.findings] == [
        "includes itself; it is read once"
    ]


def as_another_user(work: Callable[[], str]) -> str:
    """What `work` returns in a child that is not root."""
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setresuid(65534, 65534, 65534)
            os.write(write, work().encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        said = told.read()
    os.waitpid(pid, 0)
    return said


@pytest.mark.parametrize("closed", ["file", "folder", "nothing"])
@pytest.mark.parametrize("line", ["include conf.d/*.conf", "include conf.d/a.conf", "include conf.*/a.conf"])
def test_what_the_daemon_may_not_read_keeps_the_configuration_from_being_used(closed: str, line: str) -> None:
    with TemporaryDirectory() as name:
        top, part = Path(name, "lvsd.conf"), Path(name, "conf.d", "a.conf")
        part.parent.mkdir()
        part.write_text("global_defs {\n}\n")
        top.write_text(f"{line}\n")
        for path in (top.parent, part.parent):
            path.chmod(0o755)
        for path in (top, part):
            path.chmod(0o644)
        {"file": part, "folder": part.parent, "nothing": top}[closed].chmod(0o644 if closed == "nothing" else 0o000)
        said = as_another_user(
            lambda: "\n".join(f"{finding.fatal} {finding.message}" for finding in conf.load(top).findings)
        )
        part.parent.chmod(0o755)
    of = {
        "file": f"True include: cannot read '{part}': Permission denied",
        "folder": f"True include: cannot look into '{part.parent}': Permission denied",
        "nothing": "",
    }
    assert said == of[closed]


def test_that_it_may_be_read_by_now_is_noticed() -> None:
    """Though what was read before is remembered."""

    class Closed:
        def read(self, path: str) -> str:
            return ""

        def glob(self, pattern: str) -> list[str]:
            raise PermissionError(13, "Permission denied", "/etc/lvsd")

    class Open(Closed):
        def glob(self, pattern: str) -> list[str]:
            return []

    witness = Witness(Closed())
    with pytest.raises(PermissionError):
        witness.glob("*")
    assert witness.unchanged(Closed())
    assert not witness.unchanged(Open())
