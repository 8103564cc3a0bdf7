# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line becomes words, and words become a line again: comments, quotes, escapes, commands."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf.lexer import (
    INCLUDES,
    Literal,
    command_text,
    command_words,
    literal,
    quote,
    split,
    strip_comment,
    unescape,
)
from lvsd.conf.parser import Quoted

# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \t\v\f\r\n ", []),
        ("a  b\tc", ["a", "b", "c"]),
        ('abcd" efg h jkl "mnop', ["abcd efg h jkl mnop"]),
        ('abcd "efg h jkl" mnop', ["abcd", "efg h jkl", "mnop"]),
        ("'a b'\"c d\" e", ["a bc d", "e"]),
        (r'"\a\b\E\f\n\r\t\v"', ["\a\b\x1b\f\n\r\t\v"]),
        (r'"\101\x42\cC\q\"\\"', ['AB\x03q"\\']),
        ('""', [""]),
        ("it's", ["it's"]),
        (r"a\ b \"c \d+", ["a b", '"c', r"\d+"]),
        ('"a b"{', ["a b", "{"]),
        ('"a b"c{', ["a bc{"]),
        ("a\xa0b", ["a\xa0b"]),
    ],
)
def test_quoted_strings(text: str, words: list[str]) -> None:
    assert split(text) == (words, False)


@pytest.mark.parametrize(("text", "words"), [('a "b c', ["a", "b c"]), ('"', [""]), (r'"a\"', ['a"'])])
def test_an_open_double_quote_is_told_and_holds_the_rest_of_the_line(text: str, words: list[str]) -> None:
    assert split(text) == (words, True)


def test_a_quoted_brace_is_a_word() -> None:
    assert [type(word) for word in split('a "{" {')[0]] == [str, Quoted, str]


@pytest.mark.parametrize(
    ("text", "source"), [(r'"a\101"b c', r'"a\101"b'), (r"a\ b", r"a\ b"), ('"x y"{', '"x y"'), ('"a b', '"a b')]
)
def test_a_quoted_word_knows_how_it_was_written(text: str, source: str) -> None:
    word = split(text)[0][0]
    assert isinstance(word, Quoted)
    assert word.source == source


@given(st.text())
def test_every_word_can_be_written_and_read_again(word: str) -> None:
    written = quote(word)
    assert strip_comment(written) == (written, "")
    assert split(written) == ([word], False)


@given(st.lists(st.text(), max_size=5))
def test_a_line_of_written_words_has_as_many_words(words: list[str]) -> None:
    assert split(" ".join(map(quote, words))) == (words, False)


@pytest.mark.parametrize("word", INCLUDES)
def test_a_word_that_would_include_a_file_is_written_in_quotes(word: str) -> None:
    assert quote(word) == f'"{word}"'


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("192.0.2.1/24", "192.0.2.1/24"),
        ("", '""'),
        ("a b", '"a b"'),
        ('a"b', r'"a\042b"'),
        ("a\\b", r'"a\134b"'),
        ("$HOME", r'"\044HOME"'),
        ("a\x1b1", r'"a\0331"'),
        ("a\x7f", r'"a\177"'),
        ("a{", '"a{"'),
        ("@host", '"@host"'),
        ("~SEQ", '"~SEQ"'),
        ("a@b~", "a@b~"),
        (Quoted("plain"), '"plain"'),
    ],
)
def test_a_word_is_quoted_where_another_reading_is_possible(word: str, written: str) -> None:
    assert quote(word) == written


# --- comments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "comment"),
    [
        ("weight 1", "weight 1", ""),
        ("weight 1 # one ! two", "weight 1 ", "# one ! two"),
        ("! all", "", "! all"),
        ("k@l!ve", "k@l", "!ve"),
        (r"k@l\!ve # x", r"k@l\!ve ", "# x"),
        ('"a # b" # c', '"a # b" ', "# c"),
        ("'a ! b' ! c", "'a ! b' ", "! c"),
        (r'"a \" # b" # c', r'"a \" # b" ', "# c"),
        ('a "b # c', 'a "b ', "# c"),
        ("it's # late", "it's ", "# late"),
        ("a\\", "a\\", ""),
    ],
)
def test_a_comment_begins_at_a_mark_that_nothing_protects(text: str, code: str, comment: str) -> None:
    assert strip_comment(text) == (code, comment)


@given(st.text("ab \"'\\#!\n"))
def test_a_line_is_its_code_and_its_comment(text: str) -> None:
    code, comment = strip_comment(text)
    assert code + comment == text
    assert comment[:1] in ("", "#", "!")
    assert strip_comment(code) == (code, "")


# --- escapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\303\244", "ä"),
        (r"\xc3\xa4", "ä"),
        (r"\xff", "ÿ"),
        (r"\x123", "#"),
        (r"\777", "ÿ"),
        (r"\0", "\0"),
        (r"\1018", "A8"),
        (r"\c@\c_", "\0\x1f"),
        (r"\x", "x"),
        ("\\\n", "\n"),
        ("a\\", "a\\"),
    ],
)
def test_an_escape_stands_for_bytes(text: str, meant: str) -> None:
    assert unescape(text) == meant


# --- words without escapes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("plain", "plain", ""),
        (r'"a\\b c"', r"a\\b c", ""),
        ('"ab"cd', "ab", "cd"),
        ("'a'", "'a'", ""),
        (r"a\#b", "a", r"\#b"),
        (r"a\\b", r"a\\b", ""),
        ('a"b"', "a", '"b"'),
        ('""', "", ""),
    ],
)
def test_a_literal_is_read_without_escapes(text: str, word: str, rest: str) -> None:
    assert literal(split(text)[0][0]) == (word, rest)


@given(st.text(st.characters(codec="utf-8", exclude_characters='"\\'), min_size=1))
def test_a_literal_can_be_written_and_read_again(word: str) -> None:
    written = quote(Literal(word))
    (read,), unterminated = split(written)
    assert not unterminated
    assert literal(read) == (word, "")


@pytest.mark.parametrize(("word", "written"), [("a\\b", '"a\\b"'), ("a\\", "a\\"), ("a\\\\", '"a\\\\"')])
def test_a_last_backslash_does_not_protect_the_quote_of_a_literal(word: str, written: str) -> None:
    assert quote(Literal(word)) == written
    assert literal(split(written)[0][0]) == (word, "")


# --- commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/bin/a b  c", ("/bin/a", "b", "c")),
        ("", ()),
        ('/bin/a "b c" d', ("/bin/a", "b c", "d")),
        ("/bin/a 'b c'd", ("/bin/a", "b cd")),
        (r"a\040b c", ("a b", "c")),
        (r"a\x41 b", ("aA", "b")),
        (r"a\ b", ("a b",)),
        ("a ''", ("a", "")),
        ("ä b", ("ä", "b")),
        ("a\xa0b", ("a\xa0b",)),
    ],
)
def test_a_command_line_is_words(text: str, words: tuple[str, ...]) -> None:
    assert command_words(text) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('/bin/a "b', "'/bin/a \"b': a quote in the command is not closed"),
        ("/bin/it's", "'/bin/it's': a quote in the command is not closed"),
        ("/bin/a \\", "'/bin/a \\': nothing follows the last backslash of the command"),
        ('"' + "a" * 200, f"'\"{'a' * 79}': a quote in the command is not closed"),
    ],
)
def test_a_command_line_that_has_no_end_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        command_words(text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("/bin/a", "-b", "c=1,2"), "/bin/a -b c=1,2"),
        (("a b", ""), '"a b" ""'),
        (("/bin/a", "x;y", "*", "a|b"), '/bin/a "x;y" "*" "a|b"'),
        (("/bin/a", "@b"), '/bin/a "@b"'),
        (('"', "\\"), '"\\"" "\\\\"'),
    ],
)
def test_a_word_that_a_shell_would_change_is_quoted(words: tuple[str, ...], text: str) -> None:
    assert command_text(words) == text


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_a_command_can_be_written_and_read_again(words: list[str]) -> None:
    assert command_words(command_text(tuple(words))) == tuple(words)


@given(st.lists(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])), min_size=1, max_size=5))
def test_a_shell_reads_a_written_command_alike(words: list[str]) -> None:
    assert shlex.split(command_text(tuple(words))) == words
