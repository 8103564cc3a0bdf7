# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon that is not root says which files of the configuration it cannot read."""

from pathlib import Path

import pytest
from lvsd import conf
from lvsd.conf import Loaded, Severity
from lvsd.model import Configuration, SslContext
from lvsd.options import parse
from lvsd.supervisor import daemon
from lvsd.supervisor.file_findings import with_unreadable


def test_each_file_that_it_cannot_read_is_named_once(tmp_path: Path) -> None:
    here, gone = tmp_path / "ca.pem", tmp_path / "key.pem"
    here.touch()
    ssl = SslContext(ca=str(here), certificate=str(gone), key=str(gone))
    (found,) = with_unreadable(Loaded(Configuration(ssl=ssl), files=("lvsd.conf",))).findings
    assert (found.path, found.line, found.severity) == ("lvsd.conf", 0, Severity.WARNING)
    assert found.message == f"'SSL': cannot read '{gone}': No such file or directory; each SSL_GET fails"


def test_nothing_is_found_where_there_is_nothing() -> None:
    loaded = conf.parse("global_defs {\n}\n")
    assert with_unreadable(loaded) is loaded


@pytest.mark.parametrize("systems", [True, False])
def test_the_system_user_looks_at_files_and_leaves_the_programs_to_the_starters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, systems: bool
) -> None:
    config = tmp_path / "lvsd.conf"
    config.write_text(
        f"SSL {{\n password x\n certificate {tmp_path}/none\n key {tmp_path}/none\n}}\n"
        "virtual_server 192.0.2.1 80 {\n quorum_up /no/such/program\n real_server 192.0.2.2 80 {\n }\n}\n"
    )
    monkeypatch.setattr(daemon, "runs_as_it", lambda: systems)
    said = "\n".join(finding.message for finding in daemon.load(parse(["-f", str(config)])).findings)
    assert (f"cannot read '{tmp_path}/none'" in said, "/no/such/program is not run" in said) == (systems, not systems)
