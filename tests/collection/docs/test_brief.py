# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `examples/*/ansible.cfg` makes of Ansible's output: the tasks that have something to say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from ansible_collections.lvs.director.tests.collection.docs.pages import ROOT, blocks

EXAMPLES = sorted((ROOT / "examples").glob("*/ansible.cfg"))
PLAYBOOK = """
- name: The play
  hosts: localhost
  gather_facts: false
  tasks:
    - {name: fine, ansible.builtin.command: "true", changed_when: false}
    - {name: skipped, ansible.builtin.command: "true", when: false}
    - {name: each fine, ansible.builtin.command: "true", changed_when: false, loop: [fine-item]}
    - {name: each skipped, ansible.builtin.command: "true", when: false, loop: [skipped-item]}
    - {name: included, ansible.builtin.include_tasks: more.yml}
    - {name: shown, ansible.builtin.debug: {msg: [what is shown]}}
    - {name: one changed, ansible.builtin.command: "true", changed_when: item == 'new', loop: [old, new]}
    - {name: written, ansible.builtin.copy: {dest: "{{ playbook_dir }}/file", content: "text"}, diff: true}
    - {name: warning, warns: {}}
    - {name: failed, ansible.builtin.fail: {msg: what failed}}
"""
MORE = "- {name: within, ansible.builtin.command: 'true', changed_when: false}\n"
MODULE = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({})
module.warn("what is to be known")
module.exit_json()
"""


def run(folder: Path, config: Path | None, *words: str) -> str:
    """What the playbook prints, started in a folder that has this ansible.cfg."""
    (folder / "play.yml").write_text(PLAYBOOK)
    (folder / "more.yml").write_text(MORE)
    (folder / "library").mkdir()
    (folder / "library" / "warns.py").write_text(MODULE)
    if config:
        shutil.copy(config, folder / "ansible.cfg")
    found = (Path(path).absolute() for path in sys.path)
    collections = next(path for path in found if (path / "ansible_collections" / "lvs" / "director").exists())
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "play.yml", *words],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run(tmp_path_factory.mktemp("brief"), EXAMPLES[0])


def tasks(output: str) -> list[str]:
    """The names of the tasks of an output, in order."""
    return [line.partition("[")[2].partition("]")[0] for line in output.splitlines() if line.startswith("TASK [")]


def test_what_changes_fails_warns_or_is_there_to_be_shown_is_printed(brief: str) -> None:
    assert tasks(brief) == ["shown", "one changed", "written", "warning", "failed"], brief
    for words in ("- what is shown", "(item=new)", "+text", "[WARNING]: what is to be known", "msg: what failed"):
        assert words in brief, brief


def test_what_is_as_it_should_be_is_counted_and_nothing_else(brief: str) -> None:
    for words in ("skipping", "included:", "-item", "(item=old)"):
        assert words not in brief, brief
    assert "ok=8    changed=2    unreachable=0    failed=1    skipped=2" in brief, brief


@pytest.mark.parametrize(("config", "words"), [(EXAMPLES[0], ["-v"]), (None, [])], ids=["-v", "without the file"])
def test_every_task_is_there_on_demand_and_without_the_file(
    tmp_path: Path, config: Path | None, words: list[str]
) -> None:
    shown = run(tmp_path, config, *words)
    named = [line.split("name: ")[1].split(",")[0] for line in (PLAYBOOK + MORE).splitlines() if "- {name" in line]
    assert sorted(tasks(shown)) == sorted(named), shown
    assert "included: " in shown, shown


def settings(text: str) -> dict[str, dict[str, str]]:
    config = ConfigParser()
    config.read_string(text)
    return {name: dict(config[name]) for name in config.sections()}


def test_the_files_of_the_examples_and_the_page_say_the_same_and_weaken_nothing() -> None:
    assert {path.parent.name for path in EXAMPLES} == {path.name for path in (ROOT / "examples").iterdir()}
    wanted = {"defaults": {"stdout_callback": "lvs.director.brief", "callback_result_format": "yaml"}}
    shown = blocks(ROOT / "docs" / "day-2.md", "ini")
    assert [settings(text) for text in (*(path.read_text() for path in EXAMPLES), shown[0].text)] == [wanted] * 3


def test_ansible_reads_no_file_in_a_folder_that_others_may_write_into(tmp_path: Path) -> None:
    """As docs/day-2.md says it."""
    tmp_path.chmod(0o777)
    shown = run(tmp_path, EXAMPLES[0])
    assert "skipping: " in shown, shown
    assert "world writable" in " ".join(shown.split()), shown
