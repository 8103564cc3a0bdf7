# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration whose files are as they were is not read again; whatever it depends on makes it new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd import conf
from lvsd.conf.cache import KEPT, Witness, once
from lvsd.conf.preprocess import Context
from lvsd.model import Configuration, GlobalDefs

TOP = """global_defs {
  router_id ${_ENV NAME}
}
include conf.d/*.conf
include maybe.conf
"""
INSTANCE = "vrrp_instance VI_%d {\n  interface eth0\n  virtual_router_id %d\n}\n"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NAME", "one")
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "1.conf").write_text(INSTANCE % (1, 51))
    (tmp_path / "lvsd.conf").write_text(TOP)
    return tmp_path / "lvsd.conf"


def test_nothing_has_changed(top: Path) -> None:
    first = conf.load(top, config_id="x")
    assert conf.load(top, config_id="x") is first
    (top.parent / "conf.d" / "1.conf").write_text(INSTANCE % (1, 51))  # written again, as it was
    assert conf.load(top, config_id="x") is first
    assert conf.render(first.configuration) is conf.render(first.configuration)
    assert conf.parts(first.configuration) is conf.parts(first.configuration)


CHANGES: dict[str, Callable[[Path], object]] = {
    "the top file": lambda top: top.write_text(TOP + "! a comment\n"),
    "an included file": lambda top: (top.parent / "conf.d" / "1.conf").write_text(INSTANCE % (1, 52)),
    "one more file": lambda top: (top.parent / "conf.d" / "2.conf").write_text(INSTANCE % (2, 52)),
    "a file less": lambda top: (top.parent / "conf.d" / "1.conf").unlink(),
    "one that was missing": lambda top: (top.parent / "maybe.conf").write_text(INSTANCE % (3, 53)),
    "another kind of file": lambda top: (top.parent / "conf.d" / "2.conf").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(top: Path, change: Callable[[Path], object]) -> None:
    first = conf.load(top)
    change(top)
    again = conf.load(top)
    assert again is not first
    assert conf.load(top) is again


def test_the_surroundings_count(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = conf.load(top, config_id="x")
    assert conf.load(top, config_id="y") is not first
    monkeypatch.setenv("NAME", "two")
    assert conf.load(top, config_id="y").configuration.global_defs.router_id == "two"


def test_chance_is_asked_again(top: Path) -> None:
    top.write_text("global_defs {\n  router_id ${_RANDOM 1 1000000}\n}\n")
    assert len({conf.load(top).configuration.global_defs.router_id for _ in range(5)}) > 1


def test_a_file_that_is_gone_is_an_error_again_and_again(top: Path) -> None:
    conf.load(top)
    top.unlink()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            conf.load(top)


def test_a_part_that_was_rendered_need_not_be_read(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = conf.load(top).configuration
    part = top.with_name("vrrp.conf")
    text = conf.render(configuration)
    part.write_text(text)
    conf.foresee(part, configuration, text)
    monkeypatch.setenv("NAME", "two")  # a rendered text asks for nothing
    assert conf.load(part).configuration is configuration
    part.write_text(text + "! not what was foreseen\n")
    read = conf.load(part).configuration
    assert read is not configuration
    assert read == configuration


def test_only_the_last_files_are_remembered(top: Path) -> None:
    first = conf.load(top)
    for number in range(5):
        other = top.with_name(f"{number}.conf")
        other.write_text("")
        conf.load(other)
    assert conf.load(top) is not first


def test_a_reload_that_finds_nothing_new_renders_nothing(top: Path) -> None:
    configuration = conf.load(top).configuration
    parts = conf.parts(configuration)

    def rendered() -> list[str]:
        worker_that_may_not_run = Configuration(global_defs=GlobalDefs(router_id="nobody"))
        return [conf.render(part) for part in (*parts.values(), worker_that_may_not_run, configuration)]

    first, _, third = rendered(), rendered(), rendered()
    kept = [text is before for text, before in zip(third, first, strict=True)]
    assert kept == [*(True for _part in parts), False, True]


class Shelf:
    """A `Reader` of texts by their names; a name without a text is no file."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts

    def read(self, path: str) -> str:
        if path not in self.texts:
            raise FileNotFoundError(2, "none", path)
        return self.texts[path]

    def glob(self, pattern: str) -> list[str]:
        return sorted(name for name in self.texts if name.startswith(pattern.rstrip("*")))


def test_a_witness_asks_the_same_questions_again() -> None:
    witness = Witness(Shelf(a="1", b="2"))
    assert (witness.read("a"), witness.glob("*")) == ("1", ["a", "b"])
    with pytest.raises(FileNotFoundError):
        witness.read("c")
    assert witness.unchanged(Shelf(a="1", b="another, that was not asked for"))
    for other in (Shelf(a="x", b="2"), Shelf(a="1"), Shelf(a="1", b="2", c="3")):
        assert not witness.unchanged(other)


def test_an_error_of_another_kind_is_another_answer() -> None:
    class Denied(Shelf):
        def read(self, path: str) -> str:
            raise PermissionError(13, "no", path)

    witness = Witness(Shelf())
    with pytest.raises(FileNotFoundError):
        witness.read("a")
    assert witness.unchanged(Shelf())
    assert not witness.unchanged(Denied())


def test_what_chance_has_decided_is_never_the_same() -> None:
    witness = Witness(Shelf())
    thrown = witness.throw(Context(random=lambda least, most: most))
    assert witness.unchanged(Shelf())
    assert thrown(1, 6) == 6
    assert not witness.unchanged(Shelf())


def test_once_goes_by_what_is_the_same_and_not_by_what_is_equal() -> None:
    asked: list[list[int]] = []

    @once
    def total(numbers: list[int]) -> int:
        asked.append(numbers)
        return sum(numbers)

    one, equal = [1, 2], [1, 2]
    assert [total(one), total(one), total(equal)] == [3, 3, 3]
    assert asked == [one, equal]
    for _ in range(KEPT):
        total([])
    total(one)
    assert len(asked) == 2 + KEPT + 1
