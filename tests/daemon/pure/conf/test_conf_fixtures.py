# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configurations that users arrive with: each is taken, or refused with exactly these findings.

`NAME.findings` beside `NAME.conf` holds what `lvsd -t` says: line, severity and message; `fatal` marks what a daemon
would not run with.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lvsd import conf
from lvsd.conf.findings import Finding, exit_code

FIXTURES = Path(__file__).parents[3] / "fixtures" / "conf"
FILES = sorted(FIXTURES.glob("*.conf"))

EXIT = {
    "gateway-peers-director-01": 0,
    "gateway-peers-director-02": 0,
    "sample": 0,
    "vmac": 6,
}


def line(finding: Finding) -> str:
    severity = "fatal" if finding.fatal else finding.severity.value
    return f"{finding.line}: {severity}: {finding.message}"


def expected(path: Path) -> list[str]:
    rows = path.with_suffix(".findings").read_text().splitlines()
    return [row for row in rows if row and not row.startswith("#")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_findings_are_these(path: Path) -> None:
    assert [line(finding) for finding in conf.load(path, config_id="director").findings] == expected(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_exit_code_follows(path: Path) -> None:
    assert exit_code(conf.load(path).findings) == EXIT.get(path.stem, 5)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_was_read_is_rendered_and_read_again(path: Path) -> None:
    configuration = conf.load(path).configuration
    assert conf.parse(conf.render(configuration)).configuration == configuration


def test_the_two_directors_of_the_gateway() -> None:
    one, two = (conf.load(FIXTURES / f"gateway-peers-director-0{n}.conf").configuration for n in (1, 2))
    assert {group.members for group in (*one.sync_groups, *two.sync_groups)} == {
        ("external_network_1", "internal_network_1")
    }
    for left, right in zip(one.routers, two.routers, strict=True):
        assert (left.vrid, left.addresses, left.preempt) == (right.vrid, right.addresses, False)
        assert [peer.address for peer in left.unicast_peers] == [right.source]
        assert [peer.address for peer in right.unicast_peers] == [left.source]


def test_the_services_of_the_lab() -> None:
    nat, dr = (conf.load(FIXTURES / f"lab-{kind}.conf").configuration for kind in ("nat", "dr"))
    assert [server.method.forwarding.name for server in (*nat.virtual_servers, *dr.virtual_servers)] == ["NAT", "DR"]
    assert [server.weight for server in nat.virtual_servers[0].real_servers] == [2, 1]
    assert {router.vrid for router in nat.routers} == {51}  # on two interfaces
