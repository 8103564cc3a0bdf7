# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example on a page is accepted by what it is an example for."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.plugin_utils._plan import plan
from ansible_collections.lvs.director.tests.collection.docs import pages
from ansible_collections.lvs.director.tests.collection.docs.options_page import documentation
from ansible_collections.lvs.director.tests.collection.docs.pages import ALL, BY_HAND, ROOT, Block

sys.path.append(str(ROOT / "runtime"))

from lvsd import conf
from lvsd.conf.manual import not_implemented

PAIR = ROOT / "examples" / "pair"


@cache
def pair() -> tuple[dict[str, Any], dict[str, Any]]:
    """Variables of the directors and of the real servers of examples/pair; without checks, which are templates."""
    inventory = yaml.safe_load((PAIR / "inventory.yml").read_text())
    text = (PAIR / "group_vars" / "directors.yml").read_text()
    shared = yaml.safe_load(
        text.replace("{{ director_vrrp_password }}", "password").replace("{{ director_web_check }}", "")
    )
    for service in shared["director_services"]:
        for server in service["real_servers"]:
            del server["HTTP_GET"]
    directors = {name: {**shared, **own} for name, own in inventory["directors"]["hosts"].items()}
    return directors, dict(inventory["real_servers"]["hosts"])


def examples(kind: type) -> list[tuple[Block, Any]]:
    found = [(block, yaml.safe_load(block.text)) for page in ALL for block in pages.blocks(page, "yaml")]
    return [(block, value) for block, value in found if isinstance(value, kind)]


def test_playbooks_parse_and_modules_have_their_options(tmp_path: Path) -> None:
    paths = []
    for number, (block, _) in enumerate(examples(list)):
        paths.append(tmp_path / f"{number}.yml")
        paths[-1].write_text(f"# {block}\n{block.text}")
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "lvs" / "director").exists())
    program = Path(sys.executable).parent / "ansible-playbook"
    done = subprocess.run(
        [program, "-i", PAIR / "inventory.yml", "--syntax-check", *paths],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections},
    )
    assert done.returncode == 0, done.stderr
    for block, plays in examples(list):
        for play in plays:
            for task in [*play.get("tasks", []), play.get("module_defaults", {})]:
                assert unknown(task) == [], block


def unknown(task: dict[str, Any]) -> list[str]:
    """The options of a task, or of module_defaults, that its module does not have."""
    return [
        f"{module}: {option}"
        for module, given in task.items()
        if module.startswith("lvs.director.")
        for option in given or {}
        if option not in documentation()["module"][module]["doc"]["options"]
    ]


@pytest.mark.parametrize(("block", "value"), examples(dict), ids=str)
def test_an_inventory_is_accepted(block: Block, value: dict[str, Any], tmp_path: Path) -> None:
    if "all" in value:  # how the hosts of the example are reached
        assert set(value["all"]["hosts"]) == {host for group in pair() for host in group}
    else:
        accepted_as_inventory(value, tmp_path)


def accepted_as_inventory(value: dict[str, Any], folder: Path) -> None:
    """The example pair with these variables contradicts itself nowhere, and becomes files that the daemon takes."""
    directors, real_servers = copy.deepcopy(pair())
    inventory = value.get("directors", {})
    shared = inventory.get("vars", {}) | {name: one for name, one in value.items() if name.startswith("director_")}
    for name, director in directors.items():
        director.update({**shared, **inventory.get("hosts", {}).get(name, {})})
    found = plan(templated(directors), real_servers)
    assert found.errors == ()
    for name, part in found.directors.items():
        assert said_of(part["configuration"], folder / name) == []


def said_of(configuration: dict[str, Any], folder: Path) -> list[str]:
    """What the daemon's parser finds in the files that a director gets."""
    for name, text in files(configuration).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [str(finding) for finding in conf.load(folder / "lvsd.conf").findings]


def templated(directors: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The variables as each host has them."""
    loader = DataLoader()
    return {
        name: Templar(loader, variables={"inventory_hostname": name}).template(trust(variables))
        for name, variables in directors.items()
    }


def trust(value: Any) -> Any:
    """Texts of our pages may be templates."""
    if isinstance(value, dict):
        return {name: trust(one) for name, one in value.items()}
    if isinstance(value, list):
        return [trust(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value


def test_configurations_are_good() -> None:
    for block in (block for page in BY_HAND for block in pages.blocks(page, "keepalived")):
        assert [str(finding) for finding in conf.parse(block.text, str(block)).findings] == []


def test_the_page_on_moving_names_what_has_no_effect() -> None:
    text = (ROOT / "docs" / "moving-from-keepalived.md").read_text()
    rows = text[text.index("| Keyword | With `lvsd` |") :].partition("\n\n")[0].splitlines()[2:]
    named = [word for row in rows for word in pages.CODE.findall(row.split("|")[1])]
    without = {keyword for _, keyword, _ in not_implemented()}
    assert len(named) > 20
    assert [word for word in named if word not in without] == []
