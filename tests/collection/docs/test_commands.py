# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command on a page is one that its program takes; those of the README are run besides (test_readme.py)."""

from __future__ import annotations

import re
import shlex
import sys
from itertools import pairwise

import pytest
from ansible_collections.lvs.director.tests.collection.docs import pages
from ansible_collections.lvs.director.tests.collection.docs.pages import BY_HAND, ROOT, Word

sys.path.append(str(ROOT / "runtime"))

from lvsd import options
from lvsd.ctl import arguments

COMMANDS = [command for page in BY_HAND for command in pages.commands(page)]
CODES = [code for page in BY_HAND for code in pages.codes(page)]
OURS = re.compile(r"(lvsctl|lvsd|ansible-playbook|make) ")
NOT_OURS = {"ansible-doc", "ansible-galaxy", "ansible-inventory", "cd", "cp", "git", "gpg", "journalctl", "sha256sum"}


def words_of(command: str) -> list[str]:
    """The words of a command, without assignments before it."""
    words = shlex.split(command)
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    return words


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_is_one_that_its_program_takes(command: Word) -> None:
    taken(words_of(command.text))


@pytest.mark.parametrize("code", [code for code in CODES if OURS.match(code.text)], ids=str)
def test_a_command_within_a_sentence_is_one_too(code: Word) -> None:
    words = words_of(code.text.replace("…", "SERVICE SERVER"))
    if words[0] == "lvsctl" and len(words) == 2 and words[1] in ("drain", "enable", "weight", "show"):
        words += {"show": ["vrrp"], "weight": ["SERVICE", "SERVER", "1"]}.get(words[1], ["SERVICE", "SERVER"])
    taken(words)


def taken(words: list[str]) -> None:
    """AssertionError, or the parser's own exit, for a command that its program would not take."""
    match words:
        case ["lvsctl" | "lvsd", "--help"]:
            pass
        case ["lvsctl", *rest]:
            arguments.parse(rest)
        case ["lvsd", *rest] | ["python3", "-m", "lvsd", *rest]:
            options.parse(rest)
        case ["python3", "-m", module, *_]:
            assert (ROOT / "runtime" / (module.replace(".", "/") + ".py")).exists()
        case ["make", *targets]:
            makefile = (ROOT / "Makefile").read_text()
            assert [t for t in targets if "=" not in t and not re.search(rf"^{t}:", makefile, re.M)] == []
        case ["ansible-playbook", *rest]:
            (name,) = (word.removeprefix("lvs.director.") for word in rest if word.startswith("lvs.director."))
            playbook = (ROOT / "playbooks" / f"{name}.yml").read_text()
            roles = sorted(set(re.findall(r"(?:role|name): lvs\.director\.(\w+)", playbook)))
            playbook += "".join((ROOT / "roles" / role / "defaults" / "main.yml").read_text() for role in roles)
            extra = {value.partition("=")[0] for flag, value in pairwise(rest) if flag == "-e"}
            assert [variable for variable in extra if not re.search(rf"\b{variable}\b", playbook)] == []
        case [program, *_]:
            assert program in NOT_OURS, program
