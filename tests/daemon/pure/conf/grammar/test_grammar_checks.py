# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a real server: those that are carried out, and those that are known by their words alone."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.checks import CHECKS, MISC, PASSES
from lvsd.conf.grammar.entry import Block, Kept
from lvsd.conf.grammar.real_server import REAL_SERVER
from lvsd.model import CheckTiming, Command, KeptCheck, MiscCheck, Statement, TcpCheck

from tests.support.language import kept, read, words, written

HEAD = "real_server 192.0.2.1 80"
GENERIC = {"connect_ip", "connect_port", "bindto", "bind_port", "bind_if", "fwmark", "log_all_failures"}
TIMING = {"connect_timeout", "retry", "nb_get_retry", "delay_before_retry", "delay_loop", "warmup", "alpha"}
UNKNOWN = {
    "SMTP_CHECK": {"helo_name", "host"} | GENERIC | TIMING,
    "DNS_CHECK": {"type", "name"} | GENERIC | TIMING,
    "UDP_CHECK": {"payload", "require_reply", "min_reply_length", "max_reply_length"} | GENERIC | TIMING,
    "PING_CHECK": GENERIC | TIMING,
    "BFD_CHECK": {"name", "alpha"},
    "FILE_CHECK": {"track_file", "weight"},
}


def test_the_checks() -> None:
    ours = {entry.name for entry in CHECKS if isinstance(entry, Block)}
    assert ours >= {"TCP_CHECK", "HTTP_GET", "SSL_GET", "MISC_CHECK"}
    assert not ours & set(UNKNOWN)
    assert kept(CHECKS) == {name: f"'{name}' is known but not implemented yet: {PASSES}" for name in UNKNOWN}


@pytest.mark.parametrize("name", UNKNOWN)
def test_the_words_of_a_check_that_is_only_kept(name: str) -> None:
    [entry] = [entry for entry in CHECKS if isinstance(entry, Kept) and entry.name == name]
    assert set(entry.known) == UNKNOWN[name]
    assert {inside.warning for inside in entry.body} == {None}  # that of the block is enough


def test_a_check_that_is_kept_counts_among_the_checks() -> None:
    lines = ["PING_CHECK {", "    retry 3", "}"]
    value, said = read(REAL_SERVER, *lines, head=HEAD)
    assert value.checks == (KeptCheck(statement=Statement(("PING_CHECK",), (Statement(("retry", "3")),))),)
    assert said == [f"2: 'PING_CHECK' is known but not implemented yet: {PASSES}"]
    assert written(REAL_SERVER, value) == lines


def test_a_misspelled_word_of_a_check_that_is_kept_is_reported() -> None:
    _value, said = read(REAL_SERVER, "DNS_CHECK {", "typ A", "}", head=HEAD)
    assert said[1] == "error 3: DNS_CHECK: unknown keyword 'typ'; did you mean 'type'?"


def test_the_words_of_a_program() -> None:
    assert words(MISC) == {"misc_path", "user", "misc_timeout", "misc_dynamic"} | TIMING - {
        "connect_timeout",
        "nb_get_retry",
    }


def test_a_program_is_read_and_written() -> None:
    lines = ['misc_path "/bin/check -v a"', "user nobody games", "misc_timeout 30", "misc_dynamic", "retry 2"]
    value, said = read(MISC, *lines)
    command = Command(("/bin/check", "-v", "a"), "nobody", "games")
    assert (value, said) == (
        MiscCheck(command=command, timeout=30.0, dynamic=True, timing=CheckTiming(retry=2)),
        [],
    )
    assert written(MISC, value) == lines


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], ["error 1: 'misc_path COMMAND' is missing"]),
        (["misc_path ''"], ["fatal 2: misc_path has no command"]),
        (["misc_path '/bin/x \"a'"], ["fatal 2: misc_path '/bin/x \"a': a quote in the command is not closed"]),
    ],
)
def test_a_program_without_a_command_is_left_out(lines: list[str], said: list[str]) -> None:
    value, found = read(MISC, *lines)
    assert (value, found[: len(said)]) == (None, said)


@pytest.mark.parametrize("word", ["0", "2678401"])
def test_the_time_of_a_program_has_a_range(word: str) -> None:
    value, said = read(MISC, "misc_path /bin/x", f"misc_timeout {word}")
    assert value == MiscCheck(command=Command(("/bin/x",)))
    assert said == [f"error 3: misc_timeout '{word}' is outside 1 to 2678400"]


def test_a_program_has_no_place_to_connect_to() -> None:
    assert words(MISC).isdisjoint(GENERIC)
    value, said = read(REAL_SERVER, "TCP_CHECK {", "}", head=HEAD)
    assert (value.checks, said) == ((TcpCheck(),), [])
