# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a keyword means, as lvsctl says it: a paragraph for each block that knows it."""

from __future__ import annotations

from argparse import Namespace

import pytest
from lvsd.conf.manual import Explanation, not_implemented
from lvsd.ctl.explain import explain, text
from lvsd.ctl.sockets import Failed


def options(keyword: str | None, *, unimplemented: bool = False) -> Namespace:
    return Namespace(keyword=keyword, unimplemented=unimplemented)


def test_a_keyword_with_all_that_can_be_said() -> None:
    one = Explanation("b", "k", "N", "word " * 30, "1", ("l",), ("o",), "nothing is done")
    assert text([one]).splitlines() == [
        "k N    (in b)",
        "    " + " ".join(["word"] * 18),
        "    " + " ".join(["word"] * 12),
        "    Default: 1",
        "    Also written: l",
        "    Deprecated spellings: o",
        "    Warning: nothing is done",
    ]


def test_what_is_not_there_is_not_said() -> None:
    one = Explanation("", "k", "", "Says.", "", (), (), None)
    assert text([one]) == "k    (at the top level)\n    Says."
    assert text([one, one]) == "k    (at the top level)\n    Says.\n\nk    (at the top level)\n    Says."


def test_a_keyword_of_two_blocks_has_two_paragraphs() -> None:
    document, shown = explain(options("virtualhost"))
    assert [one["block"] for one in document["explanations"]][:2] == ["virtual_server", "real_server"]
    assert (document["version"], document["ok"]) == (1, True)
    assert shown().count("virtualhost NAME") == len(document["explanations"])
    assert document["explanations"][0].keys() == {
        "block",
        "keyword",
        "syntax",
        "text",
        "default",
        "spellings",
        "deprecated",
        "warning",
    }


def test_an_older_spelling_leads_to_the_keyword() -> None:
    document, shown = explain(options("nb_get_retry"))
    assert {one["keyword"] for one in document["explanations"]} == {"retry"}
    assert "Deprecated spellings: nb_get_retry" in shown()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("advert_imt", "'advert_imt' is no keyword; did you mean advert_int?"),
        ("zzzzzz", "'zzzzzz' is no keyword"),
    ],
)
def test_a_word_that_is_no_keyword(word: str, message: str) -> None:
    with pytest.raises(Failed) as error:
        explain(options(word))
    assert str(error.value) == message


def test_what_has_no_effect_is_listed() -> None:
    document, shown = explain(options(None, unimplemented=True))
    rows = not_implemented()
    assert [(row["block"], row["keyword"], row["warning"]) for row in document["keywords"]] == list(rows)
    lines = shown().splitlines()
    assert lines[0].split() == ["BLOCK", "KEYWORD", "WARNING"]
    assert len(lines) == len(rows) + 1
