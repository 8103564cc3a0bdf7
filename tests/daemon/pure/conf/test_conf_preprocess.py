# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files become lines of words: comments, definitions of many lines and includes, as keepalived.conf(5) has them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from lvsd.conf import expand, preprocess
from lvsd.conf.findings import Findings, Severity
from lvsd.conf.preprocess import Context, Preprocessor


class Shelf:
    """Files in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> str:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.files[path]

    def glob(self, pattern: str) -> list[str]:
        return sorted(p for p in self.files if fnmatchcase(p, pattern) and p.count("/") == pattern.count("/"))


def read(text: str, files: dict[str, str] | None = None, **context: Any) -> tuple[list[str], list[str]]:
    """(lines with their words joined by spaces, findings)."""
    findings = Findings()
    reader = Preprocessor(Shelf(files) if files is not None else None, Context(**context), findings)
    lines = [" ".join(words) for _, words in reader.lines("/etc/lvsd/top.conf", text)]
    return [line for line in lines if line], [str(finding) for finding in findings.result()]


def lines(text: str, **context: Any) -> list[str]:
    found, findings = read(text, **context)
    assert not findings
    return found


# --- quotes --------------------------------------------------------------------------------------


def test_an_open_quote_is_reported_and_what_stands_there_is_kept() -> None:
    found, findings = read('router_id "LVS\nvrrp_version 3')
    assert found == ["router_id LVS", "vrrp_version 3"]
    assert findings == ["/etc/lvsd/top.conf:1: a quoted string is not closed on its line"]


# --- comments ------------------------------------------------------------------------------------


def test_comments_start_with_either_mark_anywhere() -> None:
    text = '! all of it\nweight 1 # one\n  # indented\npath /a! two\nname "a # b ! c" ! three\n'
    found, _ = read(text)
    assert found == ["weight 1", "path /a", "name a # b ! c"]


def test_a_comment_mark_within_a_word_is_pointed_out() -> None:
    found, findings = read("auth_pass k@l!ve1")
    assert found == ["auth_pass k@l"]
    assert "'!' in 'k@l!ve1' starts a comment: the value is 'k@l'" in findings[0]


def test_a_protected_mark_is_part_of_the_word() -> None:
    assert lines(r"auth_pass k@l\!ve1") == ["auth_pass k@l!ve1"]


# --- conditions ----------------------------------------------------------------------------------


def test_a_definition_can_be_conditional() -> None:
    assert lines("@a $P=1\n@b $P=2\npriority $P", config_id="b") == ["priority 2"]


# --- parameters ----------------------------------------------------------------------------------


def test_an_undefined_parameter_stays() -> None:
    found, findings = read("misc_path $HOME/x ${UNDEFINED} $")
    assert found == ["misc_path $HOME/x ${UNDEFINED} $"]
    assert [finding.split(": ")[1] for finding in findings] == ["the parameter 'UNDEFINED' is not defined"]


@pytest.mark.parametrize("line", ["$N = 7", "$N =7", "$N\t=7"])
def test_a_space_before_the_sign_defines_nothing(line: str) -> None:
    """keepalived 2.2.7: Unknown keyword '$N'."""
    assert read(f"{line}\npriority $N")[0] == [line.replace("\t", " "), "priority $N"]
    assert lines(f"$N=1\n{line}\npriority $N")[1] == "priority 1"


def test_a_value_may_begin_with_a_space() -> None:
    assert lines("$N= 7\npriority $N") == ["priority 7"]


INSTANCE = """$INSTANCE= \\
vrrp_instance VI_${NUM} { \\
    virtual_router_id ${NUM} \\
    @high priority 130 \\
    @low priority 120 \\
    # a comment changes nothing
    advert_int 1 \\
}
$NUM=1
$INSTANCE
$NUM=2
$INSTANCE
"""


def test_a_definition_of_many_lines() -> None:
    once = "vrrp_instance VI_{0} {{", "virtual_router_id {0}", "priority 120", "advert_int 1", "}}"
    assert lines(INSTANCE, config_id="low") == [line.format(number) for number in (1, 2) for line in once]


def test_definitions_within_definitions() -> None:
    server = "$RS= \\\nreal_server 192.0.2.${N} \\\n{ \\\n}\n"
    service = "$VS= \\\nvirtual_server 192.0.2.1 \\\n{ \\\n$N=1 \\\n$RS \\\n$N=2 \\\n$RS \\\n}\n$VS"
    text = server + service
    assert lines(text) == [
        "virtual_server 192.0.2.1",
        "{",
        *["real_server 192.0.2.1", "{", "}"],
        *["real_server 192.0.2.2", "{", "}"],
        "}",
    ]


def test_predefined_parameters() -> None:
    text = "path ${_PWD}/x ${_INSTANCE} ${_ENV SITE} a${_HASH}b${_BANG}c ${_ENV MISSING} ${_RANDOM 5 9}"
    found, _unused = read(text, instance="one", environment={"SITE": "north"})
    assert found == ["path /etc/lvsd/x one north a#b!c ${_ENV MISSING} 5"]


@pytest.mark.parametrize("text", ["$A=${A}x\n$A y", "$A=${B}\n$B=${A}\n$A", "$A= \\\n$A \\\n$A\n$A"])
def test_a_parameter_that_contains_itself_ends_the_reading(text: str) -> None:
    _, findings = read(text)
    assert "parameters grow beyond all bounds" in findings[0]


def test_an_explosion_is_stopped() -> None:
    bomb = "\n".join(
        ["$A0=0123456789", *(f"$A{n}=${{A{n - 1}}}${{A{n - 1}}}${{A{n - 1}}}" for n in range(1, 20)), "$A19"]
    )
    _, findings = read(bomb)
    assert "parameters grow beyond all bounds" in findings[0]


# --- generators ----------------------------------------------------------------------------------


def test_a_generator_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "BUDGET", 100_000)
    monkeypatch.setattr(preprocess, "LINES", 1000)
    for text in ("~SEQ(N,1,9999999999) weight $N", "~SEQ(N,1,9999999999) $X=1"):
        _, findings = read(text)
        assert len(findings) == 1
        assert "nothing after this line is read" in findings[0]


# --- include -------------------------------------------------------------------------------------


def test_includes_are_relative_to_the_file_they_stand_in() -> None:
    files = {
        "/etc/lvsd/conf.d/b.conf": "include more/*.conf\nb",
        "/etc/lvsd/conf.d/a.conf": "a ${_PWD}",
        "/etc/lvsd/conf.d/more/c.conf": "c ${_PWD}",
    }
    assert read("top ${_PWD}\ninclude conf.d/*.conf\nend ${_PWD}", files) == (
        ["top /etc/lvsd", "a /etc/lvsd/conf.d", "c /etc/lvsd/conf.d/more", "b", "end /etc/lvsd"],
        [],
    )


def test_a_file_can_be_included_inside_a_block() -> None:
    files = {"/etc/lvsd/rs.conf": "real_server 192.0.2.9 80 {\n}"}
    found, _ = read("virtual_server 192.0.2.1 80 {\n  include rs.conf\n}", files)
    assert found == ["virtual_server 192.0.2.1 80 {", "real_server 192.0.2.9 80 {", "}", "}"]


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("include none/*.conf", Severity.WARNING),
        ("include none.conf", Severity.WARNING),
        ("includer none.conf", Severity.WARNING),
        ("includem none.conf", Severity.ERROR),
        ("includem none/*.conf", Severity.WARNING),
        ("includew none/*.conf", Severity.ERROR),
        ("includeb {a,none}.conf", Severity.ERROR),
        ("include {a,none}.conf", Severity.WARNING),
        ("includea none/*.conf", Severity.ERROR),
        ("include", Severity.ERROR),
    ],
)
def test_how_strict_each_include_is(line: str, severity: Severity | None) -> None:
    findings = Findings()
    list(Preprocessor(Shelf({"/a.conf": ""}), Context(), findings).lines("/top.conf", line))
    assert [finding.severity for finding in findings.result()] == ([severity] if severity else [])


def test_an_include_that_leads_back_is_read_once() -> None:
    found, findings = read(
        "a\ninclude top.conf\ninclude x.conf", {"/etc/lvsd/x.conf": "x\ninclude top.conf", "/etc/lvsd/top.conf": "a"}
    )
    assert found == ["a", "x"]
    assert len(findings) == 2
    assert findings[1].startswith("/etc/lvsd/x.conf:2: include: '/etc/lvsd/top.conf' includes itself")


def test_a_deep_chain_of_includes_ends() -> None:
    files = {f"/etc/lvsd/{n}.conf": f"include {n + 1}.conf" for n in range(100)}
    _, findings = read("include 0.conf", files)
    assert "nested deeper than 16 files" in findings[0]


def test_places_name_the_file_and_line() -> None:
    findings = Findings()
    files = Shelf({"/b.conf": "\n\nweight 1"})
    found = [place for place, _ in Preprocessor(files, Context(), findings).lines("/a.conf", "x\n\ninclude b.conf\ny")]
    assert found == [("/a.conf", 1), ("/b.conf", 3), ("/a.conf", 4)]
