# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of lvsctl: what each verb takes, and what it refuses with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lvsd.ctl.__main__ import VERBS
from lvsd.ctl.arguments import EPILOG, SHOWS, parse

EVERYWHERE = {"json": False, "runtime_dir": Path("/run/lvsd")}
SERVER = {"service": "192.0.2.1:80", "server": "192.0.2.9:80"}


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ("status", {"verb": "status"}),
        ("show vrrp", {"verb": "show", "what": "vrrp", "secrets": False}),
        ("show config --secrets", {"verb": "show", "what": "config", "secrets": True}),
        ("reload", {"verb": "reload"}),
        ("reexec", {"verb": "reexec", "wait": 60.0}),
        ("reexec --wait 0.5", {"verb": "reexec", "wait": 0.5}),
        ("failover", {"verb": "failover", "name": None}),
        ("failover VI_1", {"verb": "failover", "name": "VI_1"}),
        ("drain 192.0.2.1:80 192.0.2.9:80", {"verb": "drain", "wait": None, **SERVER}),
        ("drain 192.0.2.1:80 192.0.2.9:80 --wait 30", {"verb": "drain", "wait": 30.0, **SERVER}),
        ("enable 192.0.2.1:80 192.0.2.9:80", {"verb": "enable", **SERVER}),
        ("weight 192.0.2.1:80 192.0.2.9:80 0", {"verb": "weight", "weight": 0, **SERVER}),
        ("weight 192.0.2.1:80 192.0.2.9:80 65535", {"verb": "weight", "weight": 65535, **SERVER}),
        ("weight 192.0.2.1:80 192.0.2.9:80 default", {"verb": "weight", "weight": None, **SERVER}),
        ("events", {"verb": "events", "follow": False, "lines": 100}),
        ("events -f -n 5", {"verb": "events", "follow": True, "lines": 5}),
        ("explain weight", {"verb": "explain", "keyword": "weight", "unimplemented": False}),
        ("explain --unimplemented", {"verb": "explain", "keyword": None, "unimplemented": True}),
    ],
)
def test_what_a_verb_takes(line: str, held: dict[str, Any]) -> None:
    assert vars(parse(line.split())) == EVERYWHERE | held


@pytest.mark.parametrize(
    "line",
    ["--json --runtime-dir /x status", "status --json --runtime-dir /x", "--runtime-dir /x status --json"],
)
def test_what_holds_for_all_verbs_may_stand_before_and_behind(line: str) -> None:
    assert vars(parse(line.split())) == {"verb": "status", "json": True, "runtime_dir": Path("/x")}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "the following arguments are required: VERB"),
        ("stop", "invalid choice: 'stop'"),
        ("show", "the following arguments are required: what"),
        ("show all", "invalid choice: 'all' (choose from "),
        ("drain 192.0.2.1:80", "the following arguments are required: SERVER"),
        ("enable a b --wait 3", "unrecognized arguments: --wait 3"),
        ("weight a b 65536", "'65536' is no weight (0 to 65535, or default)"),
        ("weight a b -1", "argument"),
        ("weight a b 1.5", "'1.5' is no weight (0 to 65535, or default)"),
        ("drain a b --wait soon", "argument --wait: invalid float value: 'soon'"),
        ("events -n some", "argument --lines/-n: invalid int value: 'some'"),
        ("explain", "explain needs a KEYWORD, or --unimplemented"),
        ("explain weight --unimplemented", "explain needs a KEYWORD, or --unimplemented"),
    ],
)
def test_a_mistake_exits_with_2_and_the_reason(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(line.split())
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_help_names_every_verb_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(["--help"])
    assert end.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert EPILOG in shown
    assert all(f" {verb} " in shown for verb in VERBS)


def test_every_verb_is_carried_out_and_every_view_can_be_asked_for() -> None:
    lines = {"show": "show vrrp", "explain": "explain weight"}
    for verb in VERBS:
        more = " a b 1" if verb == "weight" else " a b" if verb in ("drain", "enable") else ""
        assert parse(lines.get(verb, f"{verb}{more}").split()).verb == verb
    assert SHOWS == ("vrrp", "checks", "ipvs", "config")
