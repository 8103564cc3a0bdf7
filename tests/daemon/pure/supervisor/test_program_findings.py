# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `lvsd -t` says of programs, and with which exit code."""

from pathlib import Path

import pytest
from lvsd import conf
from lvsd.__main__ import main
from lvsd.conf import Severity
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.entry import Block, Keyword
from lvsd.conf.validate.whole import SCRIPTS
from lvsd.programs import identity
from lvsd.supervisor import program_findings

KEYWORDS = {
    "an instance": "vrrp_instance a {{\n interface eth0\n virtual_router_id 1\n {}\n"
    " virtual_ipaddress {{\n 192.0.2.1\n }}\n}}",
    "a group": "vrrp_instance a {{\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {{\n 192.0.2.1\n }}\n}}\n"
    "vrrp_sync_group G {{\n group {{\n a\n }}\n {}\n}}",
    "a service": "virtual_server 192.0.2.1 80 {{\n {}\n real_server 192.0.2.2 80 {{\n }}\n}}",
    "a server": "virtual_server 192.0.2.1 80 {{\n real_server 192.0.2.2 80 {{\n {}\n }}\n}}",
    "a check": "virtual_server 192.0.2.1 80 {{\n real_server 192.0.2.2 80 {{\n MISC_CHECK {{\n {}\n }}\n }}\n}}",
}
WORDS = {
    "an instance": ["notify", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted",
                    "notify_master_rx_lower_pri"],
    "a group": ["notify", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted"],
    "a service": ["quorum_up", "quorum_down"],
    "a server": ["notify_up", "notify_down"],
    "a check": ["misc_path"],
}  # fmt: skip
EVERY = [(place, word) for place, words in WORDS.items() for word in words]
SECURE = "global_defs {{\n enable_script_security\n script_user {}\n}}\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o777)
    return path


def found(text: str) -> list[tuple[Severity, int, str]]:
    loaded = program_findings.judged(conf.parse(text, "conf"))
    return [(finding.severity, finding.line, finding.message) for finding in loaded.findings]


@pytest.mark.parametrize(("place", "word"), EVERY)
def test_every_keyword_that_runs_a_program_is_judged_where_it_stands(place: str, word: str, program: Path) -> None:
    text = SECURE.format("root") + KEYWORDS[place].format(f"{word} {program}")
    line = next(n for n, words in enumerate(text.splitlines(), 1) if words.strip().startswith(f"{word} "))
    said = [finding for finding in found(text) if finding[0] is Severity.INSECURE]
    assert [(where, message.partition(" is not run: ")[0]) for _, where, message in said] == [
        (line, f"'{word}': {program}")
    ]


@pytest.mark.parametrize(("mode", "security", "code"), [
    (0o777, True, 6), (0o755, True, 0), (0o644, True, 6), (0o644, False, 6), (0o755, False, 6),
])  # fmt: skip
def test_the_exit_code(mode: int, security: bool, code: int, program: Path, tmp_path: Path) -> None:
    program.chmod(mode)
    secure = SECURE.format("root") if security else ""
    config = tmp_path / "conf"
    config.write_text(secure + KEYWORDS["an instance"].format(f"notify {program}"))
    assert main(["-t", "-f", str(config)]) == code


def test_an_unknown_user_is_an_error_that_a_daemon_goes_on_with(program: Path) -> None:
    program.chmod(0o755)
    text = KEYWORDS["an instance"].format(f"notify {program} no-such-user")
    loaded = program_findings.judged(conf.parse(SECURE.format("root") + text))
    assert [finding.message for finding in loaded.errors] == [
        f"'notify': {program} is not run: there is no user 'no-such-user'"
    ]
    assert not loaded.refused
    text = SECURE.format("no-such-user") + KEYWORDS["a check"].format(f"misc_path {program}")
    assert Severity.ERROR in [severity for severity, _, _ in found(text)]


def test_the_user_that_the_role_makes_may_be_missing_yet(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "DEFAULT_USER", "no-such-user")
    monkeypatch.setattr(program_findings, "DEFAULT_USER", "no-such-user")
    text = SECURE.format("no-such-user") + KEYWORDS["an instance"].format(f"notify {program}")
    assert [severity for severity, _, _ in found(text)] == [Severity.WARNING]


def test_root_by_default_is_a_warning(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """keepalived runs nothing then; it says that it cannot set its default user."""
    monkeypatch.setattr(identity, "DEFAULT_USER", "no-such-user")
    program.chmod(0o755)
    secure = "global_defs {\n enable_script_security\n}\n"
    ((severity, _, message),) = found(secure + KEYWORDS["an instance"].format(f"notify {program}"))
    assert severity is Severity.WARNING
    assert "it runs as root" in message


def test_a_file_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    text = SECURE.format("root") + KEYWORDS["an instance"].format(f"notify {tmp_path}/absent")
    assert [(severity, message.rpartition(": ")[2]) for severity, _, message in found(text)] == [
        (Severity.WARNING, "no such file or directory")
    ]


def keywords(entries: tuple[object, ...]) -> set[str]:
    """The keywords whose value is a command, in these entries and in the blocks among them."""
    commands = {
        entry.name for entry in entries if isinstance(entry, Keyword) and "COMMAND ARGUMENTS" in entry.kind.syntax
    }
    return commands.union(*(keywords(entry.entries) for entry in entries if isinstance(entry, Block)))


def test_no_keyword_that_takes_a_command_is_left_out() -> None:
    assert keywords(ROOT.entries) == SCRIPTS.keys() == {word for _, word in EVERY}
