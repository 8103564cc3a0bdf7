# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived's command lines mean here what they mean there."""

from pathlib import Path

import pytest
from lvsd.options import Options, parse, worker_arguments

ROWS: list[tuple[str, dict[str, object]]] = [
    ("", {}),
    ("-f a.conf", {"config": Path("a.conf")}),
    ("--use-file=a.conf", {"config": Path("a.conf")}),
    ("-P", {"workers": ("vrrp",)}),
    ("--check", {"workers": ("checker",)}),
    ("-P -C", {"workers": ("vrrp", "checker")}),
    ("--all", {"all_workers": True}),
    ("-l -D", {"log_console": True, "log_detail": True}),
    ("-lnD", {"log_console": True, "fork": False, "log_detail": True}),
    ("-S 3", {"log_facility": "local3"}),
    ("--log-facility=local7", {"log_facility": "local7"}),
    ("-S user", {"log_facility": "user"}),
    ("-g /var/log/lvsd.log -G", {"log_file": Path("/var/log/lvsd.log"), "syslog": False}),
    ("-V", {"keep": frozenset({"vrrp"})}),
    ("--dont-release-ipvs", {"keep": frozenset({"checker"})}),
    ("-R", {"respawn": False}),
    ("-n", {"fork": False}),
    ("-d", {"dump": True}),
    ("-t", {"test": True}),
    ("-tf a.conf", {"test": True, "config": Path("a.conf")}),
    ("--config-test=out.txt", {"test": True, "test_output": Path("out.txt")}),
    ("-t --json", {"test": True, "json": True}),
    ("-p p -r r -c c", {"pid_file": Path("p"), "worker_pid_files": {"vrrp": Path("r"), "checker": Path("c")}}),
    ("-s blue -i lb1", {"namespace": "blue", "config_id": "lb1"}),
    ("-e", {"all_config": True}),
    ("-u 027", {"umask": 0o027}),
    ("-u 0x12", {"umask": 0x12}),
    ("-v", {"version": True}),
    ("--signum=RELOAD", {"signum": "RELOAD"}),
    ("--list-unimplemented", {"list_unimplemented": True}),
    ("--worker vrrp --parent 7", {"worker": "vrrp", "parent": 7}),
    ("--runtime-dir r --state-dir s", {"runtime_dir": Path("r"), "state_dir": Path("s")}),
]


@pytest.mark.parametrize(("line", "fields"), ROWS, ids=[row[0] or "nothing" for row in ROWS])
def test_an_option_sets_its_field_and_no_other(line: str, fields: dict[str, object]) -> None:
    assert parse(line.split()) == Options(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["-x", "-B", "-b f", "-A s", "-a", "-m", "-M p", "-X", "--flush-log-file"])
def test_an_option_without_effect_is_accepted_and_named(line: str) -> None:
    (named,) = parse(line.split()).unused
    assert named.startswith("--")
    assert ": " in named


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-t /etc/lvsd/lvsd.conf", "goes behind -f"),
        ("--fast", "unrecognized"),
        ("-S local9", "no log facility"),
        ("-u 9z", "no file mode"),
        ("--signum=DANCE", "invalid choice"),
        ("-f", "expected one argument"),
    ],
)
def test_a_mistake_exits_with_2_and_the_reason(line: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(line.split())
    assert stopped.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    ["", "-n -D -l", "-V -I", "-g /tmp/x.log -G -S 2", "-u 022", "--runtime-dir /run/a --state-dir /b", "-n"],
)
@pytest.mark.parametrize("worker", ["vrrp", "checker"])
def test_a_worker_gets_what_concerns_it(line: str, worker: str) -> None:
    ours = parse(line.split())
    theirs = parse(worker_arguments(ours, worker, Path("/run/part.conf"), 42))
    assert (theirs.worker, theirs.parent, theirs.config) == (worker, 42, Path("/run/part.conf"))
    for name in ("fork", "log_detail", "log_console", "syslog", "log_facility", "log_file", "umask", "runtime_dir"):
        assert getattr(theirs, name) == getattr(ours, name)
    assert theirs.state_dir == ours.state_dir
    assert theirs.release(worker) == ours.release(worker)
    assert theirs.unused == ()
