# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comments, quotes, parameters, conditions, generators and includes, as keepalived.conf(5) describes them."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf import expand, preprocess
from lvsd.conf.findings import Findings, Severity
from lvsd.conf.glob import braces
from lvsd.conf.lexer import quote, split, strip_comment
from lvsd.conf.parser import Quoted
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


def read(text: str, files: dict[str, str] | None = None, **context: object) -> tuple[list[str], list[str]]:
    """(lines with their words joined by spaces, findings)."""
    findings = Findings()
    reader = Preprocessor(Shelf(files) if files is not None else None, Context(**context), findings)  # type: ignore[arg-type]
    lines = [" ".join(words) for _, words in reader.lines("/etc/lvsd/top.conf", text)]
    return [line for line in lines if line], [str(finding) for finding in findings.result()]


def lines(text: str, **context: object) -> list[str]:
    found, findings = read(text, **context)
    assert not findings
    return found


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('abcd" efg h jkl "mnop', ["abcd efg h jkl mnop"]),
        ('abcd "efg h jkl" mnop', ["abcd", "efg h jkl", "mnop"]),
        ("'a b'\"c d\" e", ["a bc d", "e"]),
        (r'"\a\b\E\f\n\r\t\v"', ["\a\b\x1b\f\n\r\t\v"]),
        (r'"\101\x42\cC\q\"\\"', ['AB\x03q"\\']),
        ('""', [""]),
        ("it's", ["it's"]),
        (r"a\ b \"c \d+", ["a b", '"c', r"\d+"]),
    ],
)
def test_quoted_strings(text: str, words: list[str]) -> None:
    assert split(text) == (words, False)


def test_an_open_quote_is_reported_and_what_stands_there_is_kept() -> None:
    found, findings = read('router_id "LVS\nvrrp_version 3')
    assert found == ["router_id LVS", "vrrp_version 3"]
    assert findings == ["/etc/lvsd/top.conf:1: a quoted string is not closed on its line"]


def test_a_quoted_brace_is_a_word() -> None:
    assert [type(word) for word in split('a "{" {')[0]] == [str, Quoted, str]


@given(st.text())
def test_every_word_can_be_written_and_read_again(word: str) -> None:
    written = quote(word)
    assert strip_comment(written) == (written, "")
    assert split(written) == ([word], False)


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

CONDITIONAL = "@main router_id M\n@backup router_id B\n@^main priority 50\n@main\n"


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        ("main", ["router_id M"]),
        ("backup", ["router_id B", "priority 50"]),
        ("other", ["priority 50"]),
        ("", ["priority 50"]),
    ],
)
def test_conditional_lines(identity: str, found: list[str]) -> None:
    assert lines(CONDITIONAL, config_id=identity) == found


def test_a_parameter_can_hold_a_condition() -> None:
    assert lines("$IF=@main\n$IF priority 240\n$IF priority 241", config_id="main") == ["priority 240", "priority 241"]
    assert lines("$IF=@main\n$IF priority 240", config_id="x") == []


def test_a_definition_can_be_conditional() -> None:
    assert lines("@a $P=1\n@b $P=2\npriority $P", config_id="b") == ["priority 2"]


# --- parameters ----------------------------------------------------------------------------------


def test_substitution_happens_at_the_place_of_use() -> None:
    text = "$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.100/32\n$SUB=10\n${BASE}.100/32"
    assert lines(text) == ["10.2.0.100/32", "10.2.10.100/32"]


def test_an_undefined_parameter_stays() -> None:
    found, findings = read("misc_path $HOME/x ${UNDEFINED} $")
    assert found == ["misc_path $HOME/x ${UNDEFINED} $"]
    assert [finding.split(": ")[1] for finding in findings] == ["the parameter 'UNDEFINED' is not defined"]


def test_a_bare_parameter_ends_at_white_space() -> None:
    assert lines("$A=1\nweight $A\nweight $A.5\nweight ${A}.5") == ["weight 1", "weight $A.5", "weight 1.5"]


def test_an_empty_value_is_allowed() -> None:
    assert lines("$A=\n$A alpha\nx${A}y") == ["alpha", "xy"]


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("~SEQ(N, 0, 3) 10.0.${N}.1", ["10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1"]),
        ("~SEQ(N, 3) $N", ["1", "2", "3"]),
        ("~SEQ(N, -2) $N", ["-1", "-2"]),
        ("~SEQ(N, 5, -2, 1) $N", ["5", "3", "1"]),
        ("~SEQx(N, 0x90, 0x10, 0xc0) fe80::${N}", ["fe80::90", "fe80::a0", "fe80::b0", "fe80::c0"]),
        ("~SEQ(A,0,1) ~SEQ(B,7,8) ${A}.${B}", ["0.7", "0.8", "1.7", "1.8"]),
        ("~LST(N, a, b, c) $N", ["a", "b", "c"]),
        ("~LST({IP, IP1}, {10,1},{20,4}) ${IP}.${IP1}", ["10.1", "20.4"]),
        ("~LST(A,1,2) ~SEQ(B,1,2) ${A}${B}", ["11", "12", "21", "22"]),
        ("$END=2\n~SEQ(N, 1, $END) $N", ["1", "2"]),
        ("$T= \\\na $N \\\nb $N\n~SEQ(N,1,2) $T", ["a 1", "b 1", "a 2", "b 2"]),
    ],
)
def test_generators(text: str, found: list[str]) -> None:
    assert lines(text) == found


@pytest.mark.parametrize(
    "text", ["~SEQ(N) x", "~SEQ(N,1,0,5) x", "~SEQ(N,5,1,1) x", "~LST(N) x", "~LST({A,B},{1}) x", "~FOO(a) x", "~"]
)
def test_a_generator_that_makes_no_sense_is_reported(text: str) -> None:
    found, findings = read(text)
    assert not found
    assert len(findings) == 1


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


def test_braces_in_names_of_files() -> None:
    assert braces("{a,b{,c}}.conf") == ["a.conf", "b.conf", "bc.conf"]
    assert braces("{foo/{,cat,dog},bar}") == ["foo/", "foo/cat", "foo/dog", "bar"]
    assert braces("a{b") == ["a{b"]
    assert len(braces("{a,b}" * 30)) <= 256


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
