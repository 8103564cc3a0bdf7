# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A day of operation on machines, under a steady stream of requests: mistakes in the inventory, hosts that are away, an
evacuation, and a director that leaves for good.

Two directors and one real server are machines; the other real server is a namespace that Ansible cannot reach.  The
counts are printed at the end and kept as .cache/promise/operation.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.demo.directors import active, states
from tests.demo.provision import COLLECTIONS, ROOT, environment
from tests.lab import ClientSpec, Lab, Link, Topology, eventually, inventory, leftovers
from tests.lab.paths import Paths
from tests.lab.topology import CLIENT, INTERNAL, PUBLIC, SYNC, director, real_server
from tests.lab.traffic import Summary, summarize
from tests.lab.web import serve
from tests.promise import server
from tests.promise.place import GATEWAY, URL, prepare
from tests.promise.tally import markdown
from tests.unit.wrong_inventories import WRONG, Inventory, another_service, example

AWAY = "10.0.0.12"  # real-02, whose machine answers clients and not the controller
TABLE = ROOT / ".cache" / "promise" / "operation.md"
RATE = 10.0  # requests a second
PATIENT = 3.5  # seconds for one request: enough for a packet that a hand-over has lost to be sent again
LONGEST = 900.0
FAST = {"director_manage_packages": False, "director_manage_kernel": False}  # place.py has prepared the directors
OPERATION = Topology(
    "operation",
    (PUBLIC, SYNC, INTERNAL),
    (director(1), director(2), real_server(1)),
    (CLIENT, ClientSpec("real-02", (Link("internal", (f"{AWAY}/24",)),))),
)


@dataclass(slots=True)
class Operation:
    """The pair that serves, and the counts so far."""

    lab: Lab
    folder: Path
    rows: list[tuple[str, Summary]] = field(default_factory=list)

    def run(self, playbook: str, made: dict[str, Any], *words: str, **extra: Any) -> tuple[int, str]:
        """The exit code of a playbook over an inventory, and what it said, on one line."""
        paths = self.folder / "inventory.yml", self.folder / "lab.json"
        paths[0].write_text(yaml.safe_dump(made))
        reach = inventory(self.lab)
        for name in ("real-02", "director-03"):
            reach["all"]["hosts"][name] = {"ansible_host": "127.0.0.1", "ansible_port": 1}
        paths[1].write_text(json.dumps({"all": {"hosts": reach["all"]["hosts"]}}))
        given = [word for path in paths for word in ("-i", str(path))]
        command = [str(Path(sys.executable).with_name("ansible-playbook")), f"lvs.director.{playbook}", *given, *words]
        done = subprocess.run(
            [*command, "--extra-vars", json.dumps(FAST | extra)], cwd=ROOT, env=environment(COLLECTIONS), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False,
        )  # fmt: skip
        return done.returncode, " ".join(done.stdout.split())

    def under_load(self, what: str, act: Callable[[], object]) -> Summary:
        stream = self.lab.client().stream(URL, rate=RATE, duration=LONGEST, timeout=PATIENT, name="steady")
        assert eventually(lambda: len(stream.requests()) > RATE, 30)
        act()
        before = len(stream.requests())
        assert eventually(lambda: len(stream.requests()) > before + RATE, 30)
        found = summarize(stream.stop())
        self.rows.append((what, found))
        return found

    @property
    def table(self) -> str:
        head = ("under way meanwhile", "requests", "failed", "slowest request")
        body = [(what, found.requests, found.failures, f"{found.slowest:.0f} ms") for what, found in self.rows]
        return markdown(head, body)


@contextmanager
def serving(lab: Lab) -> Iterator[None]:
    """Both web servers; the machine gets its way back from the role, the namespace has it."""
    serve([lab.machine("real-01")])
    client = lab.client("real-02")
    client.run(["ip", "route", "replace", "default", "via", GATEWAY])
    process = subprocess.Popen(
        client.command([sys.executable, server.__file__, "real-02", AWAY, "80"]), stdin=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def operation(where: Paths, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operation]:
    """Set up in two steps: with a real server that is away nothing starts, and the way on is the one that is named."""
    own = replace(where, name="operate")
    with Lab(OPERATION, where=own) as lab, serving(lab):
        for name in ("director-01", "director-02"):
            prepare(lab.machine(name))
        found = Operation(lab, tmp_path_factory.mktemp("operation"))
        code, said = found.run("site", example().as_dict())
        assert code != 0
        assert "real-02: 192.168.122.140:80/TCP to 10.0.0.12:80 by NAT" in said, said
        assert "with --limit 'all:!real-02'" in said, said
        assert states(lab.machine("director-01")) == {}
        way_back = lab.machine("real-01").run("ip route get 192.168.122.10").stdout
        assert GATEWAY in way_back  # those that can be reached are set up
        code, said = found.run("site", example().as_dict(), "--limit", "all:!real-02")
        assert code == 0, said
        assert eventually(lambda: active(lab) is not None, 60, every=0.5)
        words = ["curl", "-s", "-m", "2", *[URL] * 6]
        both = {"real-01", "real-02"}
        assert eventually(lambda: set(lab.client().run(words, check=False).stdout.split()) == both, 90, every=0.5)
        yield found
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        TABLE.write_text(found.table + "\n")
    assert leftovers(own) == []


def test_no_mistake_takes_a_working_service_away(operation: Operation) -> None:
    """Those that the plan does not find; one that it finds, to be sure that the stream is there."""
    tried = [one for one in WRONG if one.found != "plan"] + list(WRONG[:1])

    def mistakes() -> None:
        for wrong in tried:
            more = ["--limit", "all:!real-02"] if wrong.found == "host" else []
            code, said = operation.run("site", wrong.inventory(), *more)
            assert code != 0, f"{wrong.name}: {said}"
            assert wrong.says in said, f"{wrong.name}: {said}"

    found = operation.under_load(f"{len(tried)} wrong inventories", mistakes)
    assert found.failures == 0, found.errors


def test_what_is_safe_goes_on_without_hosts_that_are_away(operation: Operation) -> None:
    """A service for the real server that is there, and another weight for the one that is not."""

    def change() -> None:
        made: Inventory = example()
        another_service(made, "real-01")
        made.service["real_servers"][1]["weight"] = 3
        code, said = operation.run("site", made.as_dict())
        assert code != 0  # one host could not be reached
        table = operation.lab.machine("director-01").run("ipvsadm -Ln").stdout
        assert "192.168.122.140:81" in table, said
        assert "10.0.0.12:80                 Masq    3" in table, table

    found = operation.under_load("a service is added while a real server is away", change)
    assert found.failures == 0, found.errors


def test_a_director_is_evacuated(operation: Operation) -> None:
    leader = active(operation.lab)
    assert leader is not None

    def evacuate() -> None:
        extra = {"from": leader.name}
        code, said = operation.run("failover", example().as_dict(), **extra)
        assert code == 0, said

    found = operation.under_load("`failover -e from=` the active director", evacuate)
    now = active(operation.lab)
    assert now is not None
    assert now.name != leader.name
    assert found.failures == 0, found.errors


def test_a_director_leaves_for_good(operation: Operation) -> None:
    leader = active(operation.lab)
    assert leader is not None
    (other,) = {"director-01", "director-02"} - {leader.name}

    def leave() -> None:
        code, said = operation.run("decommission", example().as_dict(), host=leader.name)
        assert code == 0, said

    found = operation.under_load("`decommission` of the active director", leave)
    assert set(states(operation.lab.machine(other)).values()) == {"Active"}
    left = "ls -d /etc/lvsd /opt/lvsd /var/lib/lvsd* /run/lvsd* /etc/systemd/system/lvsd* /usr/local/sbin/lvsctl"
    assert leader.run(f"{left} 2>/dev/null; true").stdout == ""
    assert "192.168.122.140" not in leader.run("ip address").stdout
    assert "192.168.122.140" not in leader.run("ipvsadm -Ln").stdout
    assert found.failures == 0, found.errors


def test_a_real_server_leaves_for_good(operation: Operation) -> None:
    made = example()
    del made.directors[next(name for name in made.directors if not states(operation.lab.machine(name)))]

    def leave() -> None:
        code, said = operation.run("decommission", made.as_dict(), host="real-01")
        assert code == 0, said

    found = operation.under_load("`decommission` of a real server", leave)
    assert found.failures == 0, found.errors
    machine = operation.lab.machine("real-01")
    assert machine.run("ip route show proto 112").stdout == ""
    assert machine.run("ls /etc/sysctl.d/90-lvs-real-server.conf 2>/dev/null; true").stdout == ""


def test_the_table_of_operation(operation: Operation, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n\n{operation.table}")
    assert len(operation.rows) == 5
