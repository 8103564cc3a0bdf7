# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts rely on: exit codes, and which stream says what."""

import json
import re
from pathlib import Path

import pytest
from lvsd.__main__ import main

GOOD = """vrrp_instance VI_1 {
    interface missing0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.1
    }
}
"""
CASES = {
    "good": (GOOD, 0),
    "a warning": (GOOD + "global_defs {\n    enable_snmp_vrrp\n}\n", 0),
    "an unknown keyword": (GOOD.replace("interface", "inteface"), 5),
    "a wrong value": (GOOD.replace("51", "510"), 5),
    "a value that is left out": (GOOD.replace("interface", "priority 300\n    interface"), 5),
}
LAST = {
    CASES["good"][0]: "",
    CASES["a warning"][0]: "0 errors, 1 warning: the daemon would start",
    CASES["an unknown keyword"][0]: "2 errors, 0 warnings: the daemon would not start",
    CASES["a wrong value"][0]: "1 error, 0 warnings: the daemon would not start",
    CASES["a value that is left out"][0]: "1 error, 0 warnings: the daemon would start without what is wrong",
}


@pytest.mark.parametrize(("text", "code"), CASES.values(), ids=CASES.keys())
def test_a_configuration_is_judged_by_the_exit_code(
    text: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.conf"
    file.write_text(text)
    assert main(["-t", "-f", str(file)]) == code
    out, err = capsys.readouterr()
    assert out == ""
    *found, last = err.splitlines() or [""]
    assert all(re.match(rf"{re.escape(str(file))}:\d+: (error|warning): ", line) for line in found)
    assert last == LAST[text]
    assert main(["-t", "--json", "-f", str(file)]) == code
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["version"], document["ok"], document["exit_code"], err) == (1, code == 0, code, "")
    assert document["starts"] == (not last.endswith("would not start"))
    assert last.startswith(f"{document['errors']} error") or not found
    for finding in document["findings"]:
        assert set(finding) == {"path", "line", "severity", "message", "keyword", "fatal"}


def test_a_file_that_cannot_be_read_is_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.conf"
    assert main(["-t", "-f", str(missing)]) == 4
    assert capsys.readouterr().err == (
        f"{missing}:0: error: cannot be read: No such file or directory\n"
        "1 error, 0 warnings: the daemon would not start\n"
    )
    assert main(["-t", "-f", str(tmp_path)]) == 4


def test_findings_can_go_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.conf"
    file.write_text(CASES["a wrong value"][0])
    assert main([f"--config-test={tmp_path / 'out'}", "-f", str(file)]) == 5
    assert capsys.readouterr() == ("", "")
    rows = (tmp_path / "out").read_text().splitlines()
    assert [row.partition(": ")[0] for row in rows] == [f"{file}:3", "1 error, 0 warnings"]


def test_a_file_for_findings_that_cannot_be_written_is_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.conf"
    file.write_text(GOOD)
    missing = tmp_path / "missing" / "out"
    assert main([f"--config-test={missing}", "-f", str(file)]) == 4
    assert capsys.readouterr() == ("", f"lvsd: {missing}: cannot be written: No such file or directory\n")


def test_a_log_that_a_worker_cannot_write_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "missing" / "lvsd.log"
    assert main(["--worker", "vrrp", "-g", str(log), "--runtime-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"lvsd: {log.with_name('lvsd_vrrp.log')}: No such file or directory\n"


def test_a_wrong_configuration_is_not_started(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.conf"
    file.write_text(CASES["a wrong value"][0])
    assert main(["-n", "-f", str(file), "--runtime-dir", str(tmp_path)]) == 2
    assert "not started" in capsys.readouterr().err
    assert main(["-n", "-f", str(tmp_path / "missing"), "--runtime-dir", str(tmp_path)]) == 2


def test_an_unknown_namespace_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-n", "-s", "no_such_namespace", "--runtime-dir", str(tmp_path)]) == 2
    assert "no_such_namespace" in capsys.readouterr().err


def test_every_keyword_without_effect_is_listed_with_its_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-unimplemented"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(" is known but not implemented yet" in line or " is deprecated " in line for line in lines)
    assert main(["--list-unimplemented", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["keywords"]
    assert len(rows) == len(lines)
    row = next(row for row in rows if row["keyword"] == "enable_snmp_vrrp")
    assert row["block"] == "global_defs"
    assert "there is no SNMP agent" in row["warning"]


def test_version_and_signal_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-v"]) == 0
    assert capsys.readouterr().err.startswith("lvsd 0.")
    assert main(["--signum=STOP"]) == 0
    assert main(["--signum=RELOAD"]) == 0
    assert capsys.readouterr().out == "15\n1\n"
