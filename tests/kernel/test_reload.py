# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reload: what it changes is named, what it does not touch stays, a bad one is refused."""

from __future__ import annotations

from pathlib import Path

from checkers import FIRST, SECOND, SERVICE, Checker, flag_check, real, service, table
from inside import eventually


def test_a_bad_configuration_is_refused_and_the_old_one_stays(checker: Checker) -> None:
    good = service(real(11))
    checker.start(good)
    held = table()
    answer = checker.reload(
        good + "virtual_server 192.0.2.11 80 {\n protocol TCP\n real_server 10.0.0.300 80 {\n }\n}\n"
    )
    assert not answer["ok"]
    assert "checker.conf:" in answer["error"]
    assert answer["findings"]
    assert table() == held
    checker.config.unlink()
    assert not checker.ask("reload")["ok"]
    assert table() == held
    assert checker.reload(good)["changes"] == {}


def test_a_reload_names_its_changes_and_keeps_what_it_does_not_touch(checker: Checker, flag: Path) -> None:
    check = flag_check(flag)
    checker.start(service(real(11, check=check), real(12, check=check)))
    flag.unlink()
    eventually(lambda: table() == "TCP 192.0.2.10:80 wrr", within=5)
    answer = checker.reload(
        service(real(11, 5, check=check), real(13, check=check), more=" persistence_timeout 60\n", algo="wlc")
    )
    assert answer["changes"] == {
        "services": {"changed": [SERVICE]},
        "servers": {
            "added": [f"10.0.0.13:80 of {SERVICE}"],
            "removed": [f"{SECOND} of {SERVICE}"],
            "changed": [f"{FIRST} of {SERVICE}"],
        },
    }
    first, third = checker.show()["servers"]
    assert not first["up"]  # its check is the same: it stays down
    assert first["effective_weight"] is None
    assert third["key"] == "10.0.0.13:80"
    assert table().splitlines()[0] == "TCP 192.0.2.10:80 wlc persistent 60"
