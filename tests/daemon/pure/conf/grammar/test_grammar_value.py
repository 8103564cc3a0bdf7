# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of values: what each reads and writes, and what it refuses with which text."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.conf.grammar import value as of
from lvsd.conf.grammar.entry import Kind
from lvsd.conf.lexer import Literal
from lvsd.conf.parser import Quoted
from lvsd.model import Command

from tests.support.language import refused

V4, V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")
NO_SWITCH = "is none of on, off, true, false, yes, no"
KINDS: list[tuple[Kind, str, Any]] = [
    (of.string(), "a-b_c", "a-b_c"),
    (of.pattern(), "^a.*b$", "^a.*b$"),
    (of.interface(), "eth0.4094", "eth0.4094"),
    (of.choice("inet", "inet6"), "inet6", "inet6"),
    (of.flag(), "", True),
    (of.flag(False), "", False),
    (of.boolean(), "", True),
    (of.boolean(), "off", False),
    (of.host(bool), "192.0.2.1", V4),
    (of.address(), "2001:db8::1", V6),
    (of.address(), "0.0.0.0", ip_address("0.0.0.0")),
    (of.address4(), "192.0.2.1", V4),
    (of.address6(), "2001:db8::1", V6),
    (of.address_port(), "192.0.2.1", (V4, None)),
    (of.address_port(), "2001:db8::1 0", (V6, 0)),
    (of.address_port(), "192.0.2.1 65535", (V4, 65535)),
    (of.command(), "/bin/true", Command(("/bin/true",))),
    (of.command(), "/bin/true games", Command(("/bin/true",), "games")),
    (of.command(), "/bin/true games staff", Command(("/bin/true",), "games", "staff")),
    (of.user_group(), "games", ("games", None)),
    (of.user_group(), "games staff", ("games", "staff")),
]


@pytest.mark.parametrize(("kind", "line", "held"), KINDS)
def test_a_value_is_read_and_written(kind: Kind, line: str, held: Any) -> None:
    assert kind.read(tuple(line.split())) == held
    assert " ".join(kind.write(held, "an owner") or ()) == line
    assert kind.remark(tuple(line.split())) is None


@pytest.mark.parametrize(
    ("kind", "line", "message"),
    [
        (of.interface(), "sixteen-letters-", "fatal: 'sixteen-letters-' is longer than 15 bytes"),
        (of.interface(), "..", "fatal: '..' is no name of an interface: there is no '/', ':' or space in one"),
        (of.choice("a", "b"), "A", "ignored: 'A' is none of a, b, did you mean a?"),
        (of.boolean(), "perhaps", f"ignored: 'perhaps' {NO_SWITCH}"),
        (of.host(bool), "255.255.255.255", "fatal: '255.255.255.255' is not the address of a host"),
        (of.host(bool), "ff02::1", "fatal: 'ff02::1' is not the address of a host"),
        (of.host(bool), "::", "fatal: '::' is not the address of a host"),
        (of.address(), "192.0.2.256", "ignored: '192.0.2.256' is not an IP address"),
        (of.address(), "x" * 200, f"ignored: '{'x' * 80}' is not an IP address"),
        (of.address(), "fe80::1%eth0", "fatal: 'fe80::1%eth0': an address is given without an interface here"),
        (of.address4(), "::1", "ignored: '::1' is not an IPv4 address"),
        (of.address6(), "127.0.0.1", "ignored: '127.0.0.1' is not an IPv6 address"),
        (of.address_port(), "192.0.2.1 65536", "ignored: '65536' is outside 0 to 65535"),
        (of.address_port(), "fe80::1%e 1", "ignored: 'fe80::1%e': an address is given without an interface here"),
        (of.command(), '"', "fatal: '\"': a quote in the command is not closed"),
        (of.command_line(), "\\", "fatal: '\\': nothing follows the last backslash of the command"),
    ],
)
def test_a_value_that_is_refused(kind: Kind, line: str, message: str) -> None:
    assert refused(kind.read, line) == message


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("", "fatal: is empty"),
        ("a\0b", "fatal: holds a zero byte"),
        ("é" * 8, f"fatal: '{'é' * 8}' is longer than 15 bytes"),
        ("eth 0", "fatal: 'eth 0' is no name of an interface: there is no '/', ':' or space in one"),
        (".", "fatal: '.' is no name of an interface: there is no '/', ':' or space in one"),
    ],
)
def test_the_name_of_an_interface_is_one_for_the_kernel(word: str, message: str) -> None:
    assert refused(lambda _: of.link_name(word), "") == message
    assert of.link_name("é" * 7 + "a") == "é" * 7 + "a"


def test_a_word_without_escapes_is_read_as_keepalived_does() -> None:
    assert of.read_literal((Quoted("a b", '"a b"'),)) == "a b"
    assert of.read_literal((Quoted("a\tb", '"a\\tb"'),)) == "a\\tb"
    [word] = of.string().write("a b", None) or ()
    assert isinstance(word, Literal)
    assert refused(lambda _: of.read_literal((Quoted("", '""'),)), "") == "fatal: is empty"
    with pytest.raises(ValueError, match="cannot hold a double quote"):
        of.read_literal((Quoted('a"b', "'a\"b'"),))
    assert of.remark_on_literal(("plain",)) is None
    assert "a backslash is a backslash" in str(of.remark_on_literal((Quoted("a\tb", '"a\\tb"'),)))


def test_a_secret_is_in_no_message() -> None:
    with pytest.raises(ValueError, match="double quote") as error:
        of.secret("PASSWORD").read((Quoted('s3c"ret', "'s3c\"ret'"),))
    assert "s3c" not in str(error.value)


def test_other_words_can_mean_the_usual_one() -> None:
    folded, otherwise = of.choice("TCP", "UDP", fold=True), of.choice("A", "B", otherwise="B")
    assert folded.read(("udp",)) == "UDP"
    assert otherwise.read(("x",)) == "B"
    assert otherwise.remark(("x",)) == "'x' is none of A, B: it is B"
    assert otherwise.remark(("A",)) is folded.remark(("udp",)) is None


@pytest.mark.parametrize("word", ["on", "true", "yes", "TRUE"])
def test_words_for_on(word: str) -> None:
    assert of.boolean().read((word,)) is True


@pytest.mark.parametrize("word", ["off", "false", "no", "No"])
def test_words_for_off(word: str) -> None:
    assert of.boolean().read((word,)) is False


def test_where_it_is_not_strict_any_other_word_is_on() -> None:
    loose = of.boolean(strict=False)
    assert (loose.read(("perhaps",)), loose.read(("off",))) == (True, False)
    assert loose.remark(("perhaps",)) == f"'perhaps' {NO_SWITCH}: it is on"
    assert loose.remark(()) is loose.remark(("off",)) is None


def test_a_flag_is_written_only_for_its_value() -> None:
    assert (of.flag().write(False, None), of.flag(False).write(True, None)) == (None, None)
    assert of.flag().most == 0


def test_a_member_is_added_and_written_where_it_is_one() -> None:
    kind = of.member("sh-port")
    assert (kind.append, kind.read(())) == (True, "sh-port")
    assert (kind.write(("flag-1", "sh-port"), None), kind.write((), None)) == ((), None)


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("192.0.2.1/24", "192.0.2.1"),
        ("2001:db8::1/64", "2001:db8::1"),
        ("192.0.2.1/x", "192.0.2.1/x"),
        ("192.0.2.1/", "192.0.2.1/"),
        ("name/24", "name/24"),
    ],
)
def test_a_length_is_left_out_where_none_can_stand(word: str, left: str) -> None:
    assert of.without_length(word) == left
    remark = of.remark_on_length((word,))
    assert remark == (
        None if word == left else f"'{word}': an address stands here without a length, which is left out: {left}"
    )
    assert of.remark_on_length(()) is None


@pytest.mark.parametrize(
    ("word", "address"),
    [("192.0.2.1", True), ("1.2.3.x", True), ("::1", True), ("1.2.3", False), ("eth0:1", False), ("a.b.c.d", False)],
)
def test_what_can_only_be_an_address(word: str, address: bool) -> None:
    assert of.looks_like_address(word) is address


def test_a_host_is_written_only_where_its_condition_holds() -> None:
    kind = of.host(lambda owner: owner == "mine")
    assert (kind.write(V4, "mine"), kind.write(V4, "yours")) == (("192.0.2.1",), None)


def test_a_command_with_arguments_is_one_word() -> None:
    read = of.command().read((Quoted("/bin/x 'a b' c", "\"/bin/x 'a b' c\""), "games"))
    assert read == Command(("/bin/x", "a b", "c"), "games")
    assert of.command().write(read, None) == ('/bin/x "a b" c', "games")


def test_a_command_may_stand_without_quotes_where_its_user_has_a_keyword() -> None:
    kind = of.command_line()
    assert kind.read(("/bin/x", "a", "b")) == ("/bin/x", "a", "b")
    assert kind.read((Quoted("/bin/x a", '"/bin/x a"'),)) == ("/bin/x", "a")
    assert kind.write(("/bin/x", "a b"), None) == ('/bin/x "a b"',)
    assert kind.remark(("/bin/x",)) is None
    assert "keepalived leaves them out" in str(kind.remark(("/bin/x", "a")))


def test_a_user_that_is_not_given_is_not_written() -> None:
    assert of.user_group().write((None, None), None) is None


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        (of.string(), 1, 1),
        (of.interface(), 1, 1),
        (of.choice("a"), 1, 1),
        (of.flag(), 0, 0),
        (of.boolean(), 0, 1),
        (of.member("a"), 0, 0),
        (of.address(), 1, 1),
        (of.address_port(), 1, 2),
        (of.command(), 1, 3),
        (of.command_line(), 1, None),
        (of.user_group(), 1, 2),
    ],
)
def test_how_many_words_a_value_has(kind: Kind, least: int, most: int | None) -> None:
    assert (kind.least, kind.most) == (least, most)
