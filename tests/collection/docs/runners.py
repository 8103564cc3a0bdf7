# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each command of the README is run by a test: here, in a workshop, or there, in a scenario that needs machines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lvs.director.tests.collection.docs.pages import README, ROOT, blocks
from ansible_collections.lvs.director.tests.collection.docs.workshop import Workshop, galaxy, named

Run = Callable[[Workshop, str], str]  # (workshop, command) -> output; AssertionError unless it went well

COPY = "pair"
MOLECULE = "extensions/molecule/default"
KEEPALIVED = ROOT / "tests" / "fixtures" / "conf" / "sample.conf"


@dataclass(frozen=True)
class Place:
    """A file of the tests, and what stands in it where it runs the command."""

    file: str
    words: str

    @property
    def path(self) -> Path:
        return ROOT / self.file


@dataclass(frozen=True)
class Runner:
    """`command` is a pattern of the whole command; `here` runs it, `there` says where a run with machines does."""

    command: str
    here: Run | None = None
    there: tuple[Place, ...] = ()

    def fits(self, command: str) -> bool:
        return re.fullmatch(self.command, command) is not None


def as_it_stands(workshop: Workshop, command: str) -> str:
    return ended(workshop, command, 0)


def ended(workshop: Workshop, command: str, code: int, folder: str = ".") -> str:
    done = workshop.run(command, folder)
    assert done.returncode == code, f"{command}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def from_galaxy(workshop: Workshop, command: str) -> str:
    ended(workshop, "ansible-galaxy collection build --output-path ../built", 0)
    (tarball,) = (workshop.checkout.parent / "built").glob("*.tar.gz")
    with galaxy(tarball) as address:
        workshop.galaxy = address
        try:
            return as_it_stands(workshop, command)
        finally:
            workshop.galaxy = ""


def into_the_copy(workshop: Workshop, command: str) -> str:
    """The commands of Ansible that follow are run in the copy, which gets the files that the page shows."""
    for block in blocks(README, "yaml"):
        (workshop.checkout / COPY / (named(block.text) or "")).write_text(block.text)
    return as_it_stands(workshop, command)


def in_the_copy(workshop: Workshop, command: str) -> str:
    return ended(workshop, command, 0, COPY)


def as_syntax(workshop: Workshop, command: str) -> str:
    """A playbook of the installed collection, as far as it goes without its hosts."""
    return in_the_copy(workshop, f"{command} --syntax-check")


def without_a_daemon(workshop: Workshop, command: str) -> str:
    """`lvsctl` understands the command: it exits with 3, because nothing answers, and not with 2."""
    return ended(workshop, command, 3)


def on_keepalived_conf(workshop: Workshop, command: str) -> str:
    """The configuration that comes with keepalived: warnings, and exit 0."""
    output = ended(workshop, command.replace("/etc/keepalived/keepalived.conf", str(KEEPALIVED)), 0)
    assert f"{KEEPALIVED}:" in output
    return output


def playbook(name: str, more: str, *there: Place) -> Runner:
    return Runner(rf"ansible-playbook -i inventory\.yml -i hosts\.yml lvs\.director\.{name}{more}", as_syntax, there)


def on_a_director(command: str) -> Runner:
    return Runner(re.escape(command), without_a_daemon, (Place(f"{MOLECULE}/readme.yml", f"- {command}\n"),))


RUNNERS = (
    Runner(
        "make demo", there=(Place("tests/system/test_scenarios.py", '"tests.demo"'), Place("Makefile", "-m tests.demo"))
    ),
    Runner("make test", there=(Place(".ci/run", "exec make test"),)),
    Runner(r"ansible-galaxy collection install lvs\.director", from_galaxy),
    Runner(r"ansible-galaxy collection build --force", as_it_stands),
    Runner(r"ansible-galaxy collection install --force lvs-director-\*\.tar\.gz", as_it_stands),
    Runner(r"cp -r ~/\.ansible/collections/ansible_collections/lvs/director/examples/pair \.", as_it_stands),
    Runner("cd pair", into_the_copy),
    Runner(r"ansible-inventory -i inventory\.yml -i hosts\.yml --graph", in_the_copy),
    playbook("site", " --check --diff", Place(f"{MOLECULE}/molecule.yml", "- check\n    - converge\n")),
    playbook("site", "", Place(f"{MOLECULE}/converge.yml", "import_playbook: lvs.director.site")),
    playbook("status", "", Place(f"{MOLECULE}/modules.yml", "import_playbook: lvs.director.status")),
    playbook(
        "drain", " -e real_server=real-01 -e wait=300", Place(f"{MOLECULE}/readme.yml", "playbook: lvs.director.drain")
    ),
    playbook("drain", " -e real_server=real-01 -e state=enabled", Place(f"{MOLECULE}/readme.yml", "state: enabled")),
    playbook("failover", "", Place(f"{MOLECULE}/modules.yml", "import_playbook: lvs.director.failover")),
    playbook(
        "failover", " -e from=director-01", Place("tests/daemon/netns/test_failover_playbook.py", '"-e", "from=a")')
    ),
    playbook(
        "decommission",
        " -e host=director-02",
        Place("tests/daemon/netns/test_decommission_playbook.py", 'done("decommission", host="a")'),
    ),
    playbook(
        "upgrade",
        "",
        Place("tests/daemon/netns/test_upgrade_playbook.py", '"ansible-playbook", "lvs.director.upgrade")'),
    ),
    on_a_director("lvsctl status"),
    on_a_director("lvsctl drain 192.168.122.140:80/TCP 10.0.0.11:80 --wait 60"),
    on_a_director("lvsctl enable 192.168.122.140:80/TCP 10.0.0.11:80"),
    Runner("lvsctl failover", without_a_daemon, (Place("tests/daemon/netns/test_daemon.py", 'a.lvsctl("failover")'),)),
    on_a_director("lvsctl events"),
    on_a_director("lvsctl reload"),
    Runner(
        "lvsd -t -f /etc/lvsd/lvsd.conf", there=(Place(f"{MOLECULE}/readme.yml", "- lvsd -t -f /etc/lvsd/lvsd.conf\n"),)
    ),
    Runner(r"PYTHONPATH=runtime python3 -m lvsd -t -f /etc/keepalived/keepalived\.conf", on_keepalived_conf),
    Runner(r"PYTHONPATH=runtime python3 -m lvsd --list-unimplemented", as_it_stands),
)
