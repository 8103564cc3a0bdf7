# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promise: nothing done on purpose to the active director drops a connection, and no crash of its daemon does.

Every test adds rows to one table of counts, which is printed at the end and kept as .cache/promise/table.md.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from tests.demo.directors import DIRECTORS, active, states
from tests.demo.provision import ROOT, play
from tests.lab import Lab, eventually, leftovers
from tests.lab.machine import Machine
from tests.lab.paths import Paths
from tests.promise.handover import SETTLED, hand_over, latency, skew_time
from tests.promise.place import PLACE, THERE, VIP, installed, provision, ready, serving, set_up
from tests.promise.tally import Handover, Row, handovers, promises
from tests.promise.witness import Scene, transferring, witnesses
from tests.support import former

ROUNDS = 10
TURNS = 1  # of the ten upgrades and rollbacks: those by a playbook, without and with the user of the workers
TABLE = ROOT / ".cache" / "promise" / "table.md"
PLAYS = ROOT / "tests" / "promise"
PRIORITY = {"director-01": 100, "director-02": 50}  # as in examples/pair
WORK = 0.1  # seconds that an emulated peer may need beyond its latency: to set two addresses and announce them
STALL = 0.3  # seconds that a small shared host sometimes gives an emulated machine no processor at all
SERVICE, SERVER = "192.168.122.140:80/TCP", "10.0.0.11:80"
FLUSH = "ipvsadm-save -n >/run/table && ipvsadm -C && ipvsadm-restore </run/table"
NOTES, PROGRAM = "/var/lib/lvsd-programs", "/usr/local/bin/says-who"
SAYS_WHO = "#!/bin/sh\nawk '/^Uid/ {uid = $2} /^CapEff/ {print uid, $2}' /proc/self/status >$1\n"
WITH_PROGRAMS = "/etc/lvsd/conf.d/programs.conf"
PROGRAMS = f"""
virtual_server {VIP} 8099 {{
 lvs_method NAT
 protocol TCP
 delay_loop 1
 alpha
 real_server 10.0.0.11 80 {{
  notify_up "{PROGRAM} {NOTES}/notify" root
  MISC_CHECK {{
   misc_path "{PROGRAM} {NOTES}/check/who"
   user nobody
  }}
 }}
}}
"""
TAKE_AWAY = f"ip address del {VIP}/24 dev eth0"


@dataclass(slots=True)
class Ground:
    """The directors, how Ansible reaches them, this collection, and the table so far."""

    lab: Lab
    reach: Path
    collections: Path
    rows: list[Row] = field(default_factory=list)

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        """Witnesses, once one director is Active, the other Backup, and both real servers answer."""
        assert eventually(lambda: active(self.lab) is not None, 60, every=0.5)
        assert ready(self.lab)
        leader = active(self.lab)
        assert leader is not None
        with witnesses(self.lab, leader, other(self.lab, leader)) as scene:
            scene.rows = self.rows
            yield scene


@dataclass(slots=True)
class Pair:
    """The pair with the daemon of this collection, and its witnesses."""

    scene: Scene
    reach: Path
    collections: Path
    handovers: list[Handover] = field(default_factory=list)
    latency: dict[str, float] = field(default_factory=dict)

    @property
    def table(self) -> str:
        parts = [promises(self.scene.rows)]
        if self.handovers:
            parts.append(handovers(self.handovers, self.latency))
        return "\n\n".join(parts) + "\n"


@pytest.fixture(scope="module")
def ground(where: Paths, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Two directors that balance to two real servers, set up by the collection of a commit before."""
    folder = tmp_path_factory.mktemp("promise")
    own = replace(where, name="promise")
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(PLACE, where=own))
        stack.enter_context(serving(lab))
        reach = provision(lab, former.unpacked(folder / "former"), folder)
        yield Ground(lab, reach, installed(folder / "now", version="0.1.1"))
    assert leftovers(own) == []


@pytest.fixture(scope="module")
def pair(ground: Ground) -> Iterator[Pair]:
    """The same directors, upgraded to this collection and started anew, so that what is new in the unit counts."""
    set_up(ground.reach, ground.collections)
    for machine in ground.lab.machines.values():
        machine.run("systemctl restart lvsd", timeout=SETTLED)
    with ground.scene() as scene:
        found = Pair(scene, ground.reach, ground.collections)
        yield found
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        TABLE.write_text(found.table)


def other(lab: Lab, machine: Machine) -> Machine:
    return lab.machine(next(name for name in DIRECTORS if name != machine.name))


def rounds(scene: Scene, title: str, kind: str, count: int = ROUNDS, server: str = "") -> Row:
    """Rounds of one kind of rounds.py on the active director, under load."""
    command = f"python3 {THERE}/rounds.py {kind} {count}"
    return scene.under_load(title, count, lambda: scene.active.run(command, timeout=300), server)


def test_an_upgrade_and_a_rollback_of_the_daemon_lose_nothing(ground: Ground) -> None:
    """From the daemon of a commit before to this one, and back, in the process that the former collection has started.

    The module brings the version to the host; then the two take turns, by the command that the module uses.  The first
    test of the file: the others begin where this one ends.
    """
    with ground.scene() as scene:

        def turns(user: bool) -> None:
            arguments = ["--limit", scene.active.name, "-e", f"turns={TURNS}", "-e", f"worker_user={user}"]
            play(str(PLAYS / "versions.yml"), ground.reach, lambda _: None, *arguments, collections=ground.collections)

        for user, title in ((False, "`director_runtime`"), (True, "`director_runtime`, workers without root")):
            row = scene.under_load(f"upgrade and rollback by {title}", 2 * TURNS, partial(turns, user))
            assert row.kept, row
        row = rounds(scene, "upgrade and rollback by `lvsctl reexec`", "reexec", 2 * (ROUNDS - 2 * TURNS))
        assert row.kept, row


def test_the_daemon_is_the_user_lvsd_and_a_starter_of_root_comes_with_the_first_program(pair: Pair) -> None:
    """A check and a script of a real server arrive by a reload, as root and as another user, and leave by one."""
    machine = other(pair.scene.lab, pair.scene.active)
    daemon = [("lvsd", "lvsd"), ("lvsd", "lvsd_checker"), ("lvsd", "lvsd_vrrp")]
    assert processes(machine) == daemon
    machine.run(f"cat >{PROGRAM}; chmod 755 {PROGRAM}; install -d -o nobody {NOTES}/check", stdin=SAYS_WHO)
    machine.run(f"cat >{WITH_PROGRAMS}; lvsctl reload", stdin=PROGRAMS)
    try:
        assert eventually(
            lambda: machine.run(f"cat {NOTES}/check/who 2>/dev/null; true").stdout == "65534 0000000000000000\n",
            SETTLED,
        )
        assert eventually(
            lambda: machine.run(f"cat {NOTES}/notify 2>/dev/null; true").stdout.startswith("0 0000000000"), SETTLED
        )
        assert processes(machine) == [*daemon, ("root", "lvsd_starter")]
    finally:
        machine.run(f"rm -f {WITH_PROGRAMS}; lvsctl reload; rm -rf {PROGRAM} {NOTES}/*")
    assert "refused" not in machine.run("lvsctl status").stdout


def processes(machine: Machine) -> list[tuple[str, ...]]:
    """The daemon's processes: user and name."""
    shown = machine.run("ps -C lvsd,lvsd_vrrp,lvsd_checker,lvsd_starter -o user=,comm=").stdout
    return sorted(tuple(line.split()) for line in shown.splitlines())


KINDS = (
    ("a reload that changes nothing", "reload-unchanged"),
    ("a reload that changes a weight", "reload-weight"),
    ("another service is added", "add-service"),
    ("another service is removed", "remove-service"),
    ("`kill -9` of the vrrp worker", "kill-vrrp"),
    ("`kill -9` of the checker worker", "kill-checker"),
    ("`kill -9` of the parent", "kill-parent"),
)


@pytest.mark.parametrize(("title", "kind"), KINDS, ids=[kind for _, kind in KINDS])
def test_nothing_is_lost_and_nothing_moves(pair: Pair, title: str, kind: str) -> None:
    row = rounds(pair.scene, title, kind)
    assert row.kept, row


def test_drains_and_returns_of_a_real_server_lose_nothing(pair: Pair) -> None:
    row = rounds(pair.scene, "a real server is drained and put back", "drain", 2 * ROUNDS, server="real-02")
    assert row.kept, row


def test_wait_says_how_many_connections_were_left_and_returns_when_the_last_has_gone(pair: Pair) -> None:
    leader = pair.scene.active
    with transferring(pair.scene.lab, "real-01") as held:
        arguments = ["--limit", leader.name]
        play(str(PLAYS / "wait.yml"), pair.reach, lambda _: None, *arguments, collections=pair.collections)
        command = [*leader.ssh_command("-T"), f"lvsctl drain {SERVICE} {SERVER} --wait 60 2>&1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == f"{SERVER}: 1 connections left\n"
            assert held.end()["right"]
            said, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0, said
    assert "0 connections left" in said
    assert leader.run(f"lvsctl enable {SERVICE} {SERVER}").returncode == 0


def test_the_witnesses_see_what_must_not_happen(pair: Pair) -> None:
    """Someone flushes the table and puts it back within milliseconds, and takes an address away."""
    leader = pair.scene.active

    def interfere() -> None:
        leader.run(f"{FLUSH}; {TAKE_AWAY}")
        assert eventually(lambda: VIP in leader.run("ip -4 address show dev eth0").stdout, 20)

    row = pair.scene.under_load("somebody interferes", 1, interfere)
    pair.scene.rows.remove(row)
    assert row.flushed >= 1
    assert row.moves >= 2
    assert not row.kept


def test_a_stop_of_the_active_director_hands_over_within_skew_time(pair: Pair) -> None:
    lab, leader = pair.scene.lab, pair.scene.active
    for name in DIRECTORS:
        pair.latency[name] = max(latency(lab, lab.machine(name), skew_time(PRIORITY[name]), ROUNDS // 2))
    for _ in range(ROUNDS):
        peer = other(lab, leader)
        pair.handovers.append(hand_over(lab, leader, peer, PRIORITY[peer.name]))
        leader.run("systemctl start lvsd", timeout=SETTLED)
        assert eventually(lambda name=leader: set(states(name).values()) == {"Backup"}, SETTLED, every=0.3)
        leader = peer
    late = [one.late - pair.latency[one.peer] for one in pair.handovers]
    assert median(late) < WORK, pair.table
    assert max(late) < WORK + STALL, pair.table


def test_the_table(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n\n{pair.table}")
    assert len(pair.scene.rows) == len(KINDS) + 4
