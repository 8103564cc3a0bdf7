# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of what the pure tests run of the daemon, and that each package has a floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.measured.floors import FLOORS, ITSELF
from tests.measured.packages import Share, package_of, problems, read, shares, table

RUNTIME = Path(__file__).parents[3] / "runtime" / "lvsd"


def test_each_package_of_the_daemon_has_a_floor() -> None:
    packages = {path.parent.name for path in RUNTIME.glob("*/__init__.py")}
    assert set(FLOORS) == packages | {ITSELF}
    assert all(0 < floor < 100 for floor in FLOORS.values())


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("runtime/lvsd/loop.py", ITSELF),
        ("runtime/lvsd/check/pool.py", "check"),
        ("/a/lvsd/b/runtime/lvsd/check/probe/http.py", "check"),
        ("lvsd/__main__.py", ITSELF),
    ],
)
def test_the_package_of_a_file(path: str, package: str) -> None:
    assert package_of(path) == package


def test_a_file_of_another_place_has_none() -> None:
    with pytest.raises(ValueError, match="lvsd"):
        package_of("tests/support/loops.py")


def test_files_are_counted_by_their_statements_not_by_their_number() -> None:
    document = {
        "files": {
            "runtime/lvsd/vrrp/fsm.py": {"summary": {"num_statements": 90, "covered_lines": 90}},
            "runtime/lvsd/vrrp/tx.py": {"summary": {"num_statements": 10, "covered_lines": 0}},
            "runtime/lvsd/vrrp/__init__.py": {"summary": {"num_statements": 0, "covered_lines": 0}},
            "runtime/lvsd/log.py": {"summary": {"num_statements": 4, "covered_lines": 1}},
        }
    }
    found = shares(read(document))
    assert found == {ITSELF: Share(4, 1), "vrrp": Share(100, 90)}
    assert [share.percent for share in found.values()] == [25.0, 90.0]
    assert Share().percent == 100.0


def test_what_is_below_its_floor_has_none_or_is_missing_is_said() -> None:
    found = {"vrrp": Share(1000, 899), "check": Share(1000, 900), "bfd": Share(10, 10)}
    assert problems(found, {"vrrp": 90, "check": 90, "kernel": 50}) == [
        "kernel: was not measured",
        "vrrp: 89.9 % of its statements are run, at least 90 have to be",
        "bfd: has no floor in tests/measured/floors.py; measured are 100.0 %",
    ]
    assert problems({"vrrp": Share(1000, 900)}, {"vrrp": 90}) == []


def test_the_table_has_a_line_for_each_package_and_one_for_all() -> None:
    lines = table({"check": Share(50, 25), "vrrp": Share(50, 50)}, {"check": 49}).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["check", "50", "50.0%", "49"],
        ["vrrp", "50", "100.0%", "-"],
        ["all", "100", "75.0%", "-"],
    ]
