# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command that the README shows is run: here, in the order of the page, or in a named scenario with machines."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.director.tests.collection.docs.pages import README, ROOT, Word, blocks, commands
from ansible_collections.lvs.director.tests.collection.docs.runners import COPY, RUNNERS, Runner
from ansible_collections.lvs.director.tests.collection.docs.workshop import Workshop

COMMANDS = commands(README)


def runner_of(command: Word) -> Runner:
    found = [runner for runner in RUNNERS if runner.fits(command.text)]
    assert len(found) == 1, f"{command}: run by {len(found)} entries of runners.py; every command needs exactly one"
    return found[0]


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_has_a_runner(command: Word) -> None:
    runner = runner_of(command)
    assert runner.here or runner.there
    for place in runner.there:
        assert place.words in place.path.read_text(), f"{place.file} does not run {command.text!r}"


def test_no_runner_is_left_over() -> None:
    used = {runner_of(command).command for command in COMMANDS}
    assert [runner.command for runner in RUNNERS if runner.command not in used] == []


def test_the_commands_run_in_the_order_of_the_page(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    for command in COMMANDS:
        if here := runner_of(command).here:
            here(workshop, command.text)
    installed = workshop.home / ".ansible/collections/ansible_collections/lvs/director"
    assert (installed / "MANIFEST.json").exists()
    assert (installed / "runtime/lvsd/__main__.py").exists()
    assert "= lvs.director.brief" in workshop.run("ansible-config dump --only-changed", COPY).stdout


def test_the_picture_is_the_example() -> None:
    picture = " ".join(ElementTree.parse(ROOT / "docs" / "topology.svg").getroot().itertext())
    inventory = yaml.safe_load((ROOT / "examples/pair/inventory.yml").read_text())
    shared = yaml.safe_load((ROOT / "examples/pair/group_vars/directors.yml").read_text())
    for name, own in inventory["directors"]["hosts"].items():
        assert name in picture
        assert f"priority {own['director_priority']}" in picture
    for instance in shared["director_vrrp_instances"]:
        assert instance["virtual_ipaddress"][0]["address"].partition("/")[0] in picture
    for server in shared["director_services"][0]["real_servers"]:
        assert server["host"] in picture
        assert f"weight {server['weight']}" in picture


def test_every_block_says_what_it_is() -> None:
    assert {block.language for block in blocks(README)} <= {"sh", "yaml"}
