# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a value contains, it stays one word of one line; what cannot be written is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lvs.director.plugins.module_utils._fragment import (
    LONGEST_LINE,
    Refused,
    block,
    discreet,
    fragment,
    line,
    masked,
    quote,
    render,
    safe_name,
)

HOSTILE = [
    "",
    " ",
    "}",
    "{",
    "} vrrp_instance y {",
    "x } vrrp_instance y {",
    'say "hello"',
    "it's",
    "# no comment",
    "! no comment",
    "back\\slash\\",
    "$PARAMETER ${_HASH}",
    "@conditional",
    "~SEQ(x, 1, 9)",
    "naïve 日本 \N{GRINNING FACE}",
    "a" * 800,
]


NO_LITERAL = {"}", 'say "hello"', "back\\slash\\", "$PARAMETER ${_HASH}"}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("keyword", ["notify", "router_id"])
def test_a_value_is_one_line_without_a_bare_brace_or_quote(keyword: str, value: str) -> None:
    if keyword == "router_id" and value in NO_LITERAL:
        with pytest.raises(Refused, match=r"^router_id .*can be written in it"):
            render([line(keyword, value)])
        return
    text = render([line(keyword, value)])
    assert text.count("\n") == 1
    assert text.startswith(f"{keyword} ")
    word = text[len(f"{keyword} ") : -1]
    assert word == value or (word[0] == word[-1] == '"' and '"' not in word[1:-1])


@pytest.mark.parametrize(
    "value", ["a\nb", "a\rb", "a\0b", "a\x0bb", "a\x1bb", "a\x85b", "a\u2028b", "a\u2029b", "a\ud800b", "a\tb"]
)
def test_a_control_character_or_line_break_is_refused(value: str) -> None:
    with pytest.raises(Refused, match=r"U\+"):
        quote(value)


def test_a_line_that_keepalived_would_cut_is_refused() -> None:
    with pytest.raises(Refused, match=str(LONGEST_LINE)):
        render([line("router_id", "a" * LONGEST_LINE)])


@pytest.mark.parametrize("value", [value for value in HOSTILE if value not in NO_LITERAL])
def test_keepalived_reads_one_block_whatever_the_value(value: str, tmp_path: Path) -> None:
    """What it reads in there is compared in tests/daemon/netns and tests/daemon/kernel."""
    keepalived = shutil.which("keepalived") or "/usr/sbin/keepalived"
    assert Path(keepalived).exists(), "keepalived is one of the tools that the tests install"
    path = tmp_path / "keepalived.conf"
    path.write_text(fragment([block(["global_defs"], [line("router_id", value), line("vrrp_version", 3)])]))
    done = subprocess.run([keepalived, "-t", "-f", path], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "a\nb", "ü", "a" * 65, "x{"])
def test_a_name_that_is_no_file_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        safe_name(name, "vrrp_instance")


def test_blocks_nest_and_are_indented() -> None:
    assert render([block(["a", "b c"], [block(["d"], [line("", "e")])])]) == 'a "b c" {\n    d {\n        e\n    }\n}\n'


def test_secrets_are_hidden_and_a_changed_one_still_shows() -> None:
    before, after = masked("x\n    auth_pass old\n", "x\n    auth_pass new\n")
    assert "old" not in before
    assert "new" not in after
    assert before != after
    assert masked("    auth_pass same\n", "    auth_pass same\n") == ("    auth_pass (hidden)\n",) * 2


@pytest.mark.parametrize(
    "row",
    [
        "auth_pass s3cret",
        "@director-01 auth_pass s3cret",
        "authentication { auth_pass s3cret }",
        "#auth_pass s3cret",
        '    "auth_pass" "x s3cret"',
        "\t'auth_pass'\t's3cret'",
        "auth_pass \\\n  s3cret",
        'auth_pass "x \\\n  s3cret"',
        "SSL { password s3cret",
        "@^director-02 password s3cret",
        "    key 1 text:s3cret",
        "$PASSWORD=s3cret",
        "@director-01 $PASSWORD = s3cret",
    ],
)
def test_a_secret_is_hidden_wherever_it_is_in_its_line(row: str) -> None:
    before, after = masked(f"x\n{row}\ny s3\n", f"{row}\n")
    assert "s3cret" not in before + after
    assert before.startswith("x\n")
    assert before.endswith("(hidden)\ny s3\n")
    assert after.endswith("(hidden)\n")


@pytest.mark.parametrize("row", ["path /password now", "key /etc/ssl/key.pem", "no_password x", "auth_pass"])
def test_what_is_no_secret_is_shown(row: str) -> None:
    assert masked(row, None) == (row, "")


def test_a_message_about_a_line_with_a_secret_quotes_none_of_it() -> None:
    message = """'!' in 'k@l!ve2' starts a comment: the value is 'k@l'; write "k@l!ve2" in quotes"""
    hidden = "'!' in '(hidden)' starts a comment: the value is '(hidden)'; write '(hidden)' in quotes"
    assert discreet(message, "    auth_pass k@l!ve2") == hidden
    assert discreet(message, "    router_id k@l!ve2") == message


@pytest.mark.parametrize("secret", ["plain", "a\\b", "a#b!", "it's", "a$", "x } y {", "@a ~b", "pä ss"])
def test_a_password_stands_in_its_line_as_it_is(secret: str) -> None:
    """keepalived 2.2.7 knows no escapes there; what lvsd and it read is compared in tests/daemon/netns."""
    (row,) = render([line("auth_pass", secret)]).splitlines()
    assert row in (f"auth_pass {secret}", f'auth_pass "{secret}"')


@pytest.mark.parametrize("secret", ['a"b', "}", "a\\", "a$B", "a${_HASH}", "a\nb"])
def test_a_password_that_cannot_be_written_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(Refused, match=r"^auth_pass: ") as refused:
        render([line("auth_pass", secret)])
    assert secret not in str(refused.value).removeprefix("auth_pass: ") or secret == "}"
