# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages hold together: links lead somewhere, names are names of something, quoted files and tests are there."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.plugin_utils._model import DIRECTOR_SPEC, REAL_SERVER_SPEC
from ansible_collections.lvs.director.tests.collection.docs import pages
from ansible_collections.lvs.director.tests.collection.docs.options_page import documentation, nested
from ansible_collections.lvs.director.tests.collection.docs.pages import ALL, BY_HAND, ROOT

sys.path.append(str(ROOT / "runtime"))

from lvsd.conf.manual import explanations

FOLDERS = ("docs", "examples", "extensions", "playbooks", "plugins", "roles", "runtime", "tests")
NOT_OURS = {
    "ansible_host",
    "ansible_play_hosts",
    "ansible_user",
    "arp_announce",
    "arp_ignore",
    "director_prio",
    "director_service",
    "group_names",
    "ip_vs",
    "ip_vs_wlc",
    "keepalived_script",
    "lvsd_program",
    "lvsd_starter",
    "lvsd_vrrp",
    "lvsd_checker",
    "lvsd_worker",
    "refused_programs",
    "rp_filter",
}
NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
MODULE = re.compile(r"(?:[a-z_]+/)*(?:\w+\.py|[a-z_]+/)")
OURS = re.compile(r"lvs\.director\.[a-z_]+")

by_hand = pytest.mark.parametrize("page", BY_HAND, ids=lambda page: str(page.relative_to(ROOT)))


def test_every_page_is_listed() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / word.text).resolve() for word in (*pages.links(index), *pages.codes(index))}
    assert {page.resolve() for page in ALL if page not in (*pages.ROLES, index)} <= listed


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [str(link) for link in pages.links(page) if not leads(page, link.text)] == []


def leads(page: Path, link: str) -> bool:
    """Whether the file is there, and a heading of that name in it; other sites are not asked."""
    where, _, name = link.partition("#")
    target = (page.parent / where) if where else page
    return ":" in where or (target.exists() and (not name or name in pages.anchors(target)))


@by_hand
def test_blocks_are_of_a_kind_that_is_checked(page: Path) -> None:
    kinds = ("sh", "yaml", "ini", "log", "keepalived", "text")
    assert [str(block) for block in pages.blocks(page) if block.language not in kinds] == []


@cache
def names() -> frozenset[str]:
    """Whatever has a name: keywords, options, modules, return values, variables of roles, playbooks and the example."""
    known = documentation()
    found = {name.rpartition(".")[2] for kind in known.values() for name in kind}
    for entry in known["module"].values():
        found |= {*inside(entry["doc"]["options"]), *inside(entry["return"] or {})}
    for entry in known["role"].values():
        found |= set(inside(entry["entry_points"]["main"]["options"]))
    for file in (*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "examples").rglob("*.yml")):
        found |= set(NAME.findall(file.read_text()))
    found |= tags()
    keywords = {name for one in explanations() for name in (one.keyword, *one.spellings, *one.deprecated)}
    return frozenset(found | keywords | NOT_OURS)


def tags() -> set[str]:
    """Of the roles' tasks."""
    texts = [path.read_text() for path in (ROOT / "roles").glob("*/tasks/*.yml")]
    return {tag for text in texts for tag in re.findall(r"^  tags: \[(\w+)\]$", text, re.MULTILINE)} - {"always"}


def inside(options: Any) -> list[str]:
    """The names of options or return values, and of those inside of them."""
    return [n for name, one in options.items() for n in (name, *inside(one.get("contains") or nested(one)))]


@by_hand
def test_names_are_names_of_something(page: Path) -> None:
    words = [(code, code.text.partition(":")[0]) for code in pages.codes(page)]
    assert [str(code) for code, word in words if NAME.fullmatch(word) and word not in names()] == []


def test_the_page_on_every_day_has_every_tag() -> None:
    codes = {code.text for code in pages.codes(ROOT / "docs" / "day-2.md")}
    assert {code for code in codes if re.fullmatch(r"(director|real_server)_(\w+)", code)} >= tags()


def test_every_level_of_the_tests_is_described() -> None:
    levels = re.findall(r"Level\(\s*\"(\w+)\"", (ROOT / "tests" / "levels.py").read_text())
    described = re.findall(r"^\| (\w+) \| `", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    assert levels
    assert levels == described


def test_the_page_on_the_inventory_has_every_variable() -> None:
    codes = {code.text.partition(":")[0] for code in pages.codes(ROOT / "docs" / "inventory.md")}
    assert {*DIRECTOR_SPEC, *REAL_SERVER_SPEC} - codes == set()


@by_hand
def test_playbooks_modules_and_roles_are_there(page: Path) -> None:
    known = {name for kind in documentation().values() for name in kind}
    known |= {f"lvs.director.{path.stem}" for path in (ROOT / "playbooks").glob("*.yml")}
    texts = [code.text for code in pages.codes(page)] + [block.text for block in pages.blocks(page)]
    assert {word for text in texts for word in OURS.findall(text)} <= known


@cache
def sources() -> frozenset[str]:
    """Every Python file of ours and, with a `/` at the end, every folder with one."""
    files = [path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return frozenset(f"/{name}" for path in files for name in (path, f"{path.parent}/"))


@by_hand
def test_files_and_tests_are_there(page: Path) -> None:
    assert [str(code) for code in pages.codes(page) if not is_there(code.text)] == []


def is_there(text: str) -> bool:
    """Whether a path below one of our folders is there, and `tests/x::test_y` a test below it; or it is no path.

    A module and a folder of the daemon may be named from any folder on: `fsm.py`, `vrrp/fsm.py`, `probe/`.
    """
    path, _, test = text.partition("::")
    if MODULE.fullmatch(path):
        return (ROOT / path).exists() or any(name.endswith(f"/{path}") for name in sources())
    if path.split("/")[0] not in FOLDERS or "/" not in path or " " in path:
        return True
    found = list(ROOT.glob(path.rstrip("/")))
    return bool(found) and (not test or any(f"def {test}(" in file.read_text() for file in found[0].rglob("test_*.py")))
