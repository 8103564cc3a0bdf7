# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that a role prepares: a network and a mount namespace, with an /etc of its own and no systemd."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from network import Network, eventually

ROOT = Path(__file__).parents[3]
HOST = """
cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc || exit 1
for folder in /run /etc/sysctl.d /etc/systemd/system /etc/modules-load.d; do
    mount -t tmpfs tmpfs $folder || exit 1
done
touch "$1/ready" && exec sleep 600
"""
SYSTEMCTL = f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("systemctl.py")} "$(dirname "$0")" "$@"\n'
MODPROBE = "#!/bin/sh\n"  # the modules are there, or the test does without them

Variables = dict[str, Any]


class Prepared:
    """`run` a play on the host; `ip` and the like `say` what became of it."""

    def __init__(self, network: Network, name: str, **groups: Variables) -> None:
        """`name` is in the inventory once, in one of `groups`: the variables of each host, by its name."""
        self.name = name
        self.host = network.host(name, eth0="lan")
        self.folder = self.host.folder
        self.groups = groups
        self.shared: Variables = {}  # what the groups have in common
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        for program, text in (("systemctl", SYSTEMCTL), ("modprobe", MODPROBE)):
            (self.programs / program).write_text(text)
            (self.programs / program).chmod(0o755)
        collection = self.folder / "collections" / "ansible_collections" / "lvs"
        collection.mkdir(parents=True)
        (collection / "director").symlink_to(ROOT)
        words = ["unshare", "--mount", "sh", "-c", HOST, "sh", str(self.folder)]
        self.holder = self.host.start(*words, log=self.folder / "holder.log")
        eventually((self.folder / "ready").exists, within=10)

    def inside(self, *words: str) -> list[str]:
        return ["nsenter", "--target", str(self.holder.pid), "--mount", "--net", *words]

    def say(self, *words: str) -> str:
        return subprocess.run(self.inside(*words), capture_output=True, text=True, check=True, timeout=20).stdout

    def write(self, path: str, text: str) -> None:
        words = self.inside("sh", "-c", 'cat > "$1"', "sh", path)
        subprocess.run(words, input=text, text=True, check=True, timeout=20)

    def sysctl(self, name: str) -> str:
        return self.say("sysctl", "-n", name).strip()

    def play(
        self, role: str, *words: str, only: str = "", facts: bool = False, **extra: Any
    ) -> subprocess.CompletedProcess[str]:
        """The `role` on this host, or `only` some of its files of tasks, which may need `facts`."""
        files = [{"name": f"lvs.director.{role}", "tasks_from": name} for name in only.split()]
        what = (
            {"tasks": [{"ansible.builtin.include_role": one} for one in files]}
            if only
            else {"roles": [f"lvs.director.{role}"]}
        )
        play = {"hosts": self.name, "gather_facts": facts, **what}
        (self.folder / "play.yml").write_text(yaml.safe_dump([play]))
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        groups = {group: {"hosts": hosts} for group, hosts in self.groups.items()}
        inventory = {"all": {"hosts": {self.name: local}, "vars": self.shared, "children": groups}}
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
        return subprocess.run(
            self.inside(
                str(Path(sys.executable).parent / "ansible-playbook"),
                *("-i", str(self.folder / "inventory.yml"), str(self.folder / "play.yml")),
                *("--diff", "--extra-vars", json.dumps(extra), *words),
            ),
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
                "ANSIBLE_HOME": str(self.folder / "home"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PIPELINING": "1",
                "PATH": f"{self.programs}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )

    def changed(self, role: str, *words: str, only: str = "", facts: bool = False, **extra: Any) -> int:
        """How many tasks changed something; none may fail."""
        done = self.play(role, *words, only=only, facts=facts, **extra)
        found = re.search(r"changed=(\d+)", done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        assert found is not None, done.stdout + done.stderr
        return int(found[1])
