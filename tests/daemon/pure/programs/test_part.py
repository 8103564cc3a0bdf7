# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a part names, in a child."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvsd.conf.validate.whole import WORDS
from lvsd.loop import Loop
from lvsd.model import Command, GlobalDefs
from lvsd.programs.part import NamedPrograms, PartReader, named_in, none_in, read, told

from tests.support.programs import naming

TWO = Command(("/bin/true", "a b"), "nobody"), Command(("/bin/false",))


class Scene:
    """A loop that runs until the next reading is done; `found` is what the readings said."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.found: list[NamedPrograms] = []

    def hear(self, named: NamedPrograms) -> None:
        self.found.append(named)
        self.loop.stop()

    def run(self) -> None:
        self.loop.run()
        self.loop.close()


def test_the_child_says_what_the_part_names(tmp_path: Path) -> None:
    part = tmp_path / "checker.conf"
    part.write_text(naming(*TWO, defs=GlobalDefs(script_user="root", enable_script_security=True)))
    scene = Scene()
    PartReader(scene.loop, part, scene.hear)
    scene.run()
    found = scene.found
    assert found == [named_in(part)]
    assert (found[0].commands, found[0].error) == (TWO, None)
    assert (found[0].defs.script_user, found[0].defs.enable_script_security) == ("root", True)


def test_a_part_that_is_wrong_or_not_there_is_an_error_and_nothing_else(tmp_path: Path) -> None:
    part = tmp_path / "checker.conf"
    assert named_in(part) == NamedPrograms(error=f"{part}: No such file or directory")
    part.write_text("virtual_server {\n")
    error = named_in(part).error
    assert error is not None
    assert error.startswith(f"{part}:1: ")
    assert named_in(part).commands == ()


def test_a_part_without_a_program_is_not_parsed_unless_there_are_programs_to_compare_with(tmp_path: Path) -> None:
    part, scene = tmp_path / "checker.conf", Scene()
    part.write_text(naming() + "}\n")  # wrong, which only a parser would find
    read(scene.loop, part, False, scene.hear)
    assert scene.found == [NamedPrograms()]
    read(scene.loop, part, True, scene.hear)
    scene.run()
    assert scene.found[1].error is not None


@pytest.mark.parametrize("keyword", sorted(WORDS))
def test_no_part_with_a_keyword_that_names_a_program_goes_unread(tmp_path: Path, keyword: str) -> None:
    part = tmp_path / "part.conf"
    part.write_text(f"vrrp_instance VI_1 {{\n {keyword} /bin/true\n}}\n")
    assert not none_in(part)


@pytest.mark.parametrize("text", ["include x.conf", "$A=x", "not\\\nify x"])
def test_nor_one_in_which_such_a_keyword_could_come_to_be(tmp_path: Path, text: str) -> None:
    part = tmp_path / "part.conf"
    part.write_text(text)
    assert not none_in(part)


def test_a_part_that_cannot_be_read_is_not_taken_for_one_without_programs(tmp_path: Path) -> None:
    assert not none_in(tmp_path / "part.conf")


def test_a_child_that_ends_early_is_an_error() -> None:
    assert told(b"").error == "the reading of the configuration ended early"
    assert told(b"\x80\x05").error == "the reading of the configuration ended early"
