# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole daemon in a namespace: parent, VRRP worker, lvsctl."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from directors import ONE, TWO, VIP, Director, alone, gone
from network import Network, end, eventually, lines
from routers import RUNTIME
from scenes import Monitor

pytestmark = pytest.mark.beside


def test_start_and_status(network: Network) -> None:
    director = alone(network)
    eventually(director.holds, within=2)
    code, out, _ = director.lvsctl("status")
    assert code == 0
    assert "VI_1    Active" in out
    assert VIP in out
    shown = json.loads(director.lvsctl("status", "--json")[1])
    assert shown["vrrp"]["instances"][0]["addresses"] == [f"{VIP} dev eth0"]
    assert any("Backup -> Active" in line for line in lines(director.log))
    code, out, _ = director.lvsctl("events")
    assert "Backup -> Active" in out
    assert "vrrp: started (pid" in out


def test_status_begins_with_the_router_id(network: Network) -> None:
    director = Director(network, "ours", "192.0.2.10/24", f"global_defs {{\n router_id north-1\n}}\n{ONE}")
    assert director.lvsctl("status")[1].startswith("north-1: lvsd ")
    assert json.loads(director.lvsctl("status", "--json")[1])["lvsd"]["router_id"] == "north-1"


def test_reload(network: Network) -> None:
    director = alone(network)
    pid = director.pid("vrrp")
    director.config.write_text(TWO)
    code, out, _ = director.lvsctl("reload")
    assert code == 0
    assert "VI_2" in out
    eventually(lambda: director.active() and director.holds("192.0.2.2/24"), within=8)
    assert director.pid("vrrp") == pid
    assert director.holds()


def test_wrong_reload(network: Network) -> None:
    director = alone(network)
    director.config.write_text(ONE.replace("virtual_router_id 51", "virtual_router_id 510"))
    code, _, err = director.lvsctl("reload")
    assert code == 1
    assert f"{director.config}:2:" in err
    assert director.active()
    assert director.holds()
    assert "virtual_router_id 51\n" in director.lvsctl("show", "config")[1]


def test_dead_worker(network: Network) -> None:
    director = alone(network)
    pid = director.pid("vrrp")
    assert pid
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: director.pid("vrrp") not in (None, pid), within=10)
    assert director.worker("vrrp")["restarts"] == 1
    eventually(lambda: director.active() and director.holds(), within=8)


def test_dead_starter(network: Network) -> None:
    """The worker makes room for another one, which goes on as Active: no address moves, and scripts run again."""
    told = network.folder / "told"
    script = network.folder / "told.sh"
    script.write_text(f'#!/bin/sh\necho "$3" >> {told}\n')
    script.chmod(0o755)
    director = alone(network, ONE.replace("interface eth0", f'interface eth0\n notify "{script}"'))
    monitor = Monitor(director.host)
    pid = director.pid("vrrp")
    assert pid
    (starter,) = starters_of(pid)
    os.kill(starter, signal.SIGKILL)
    eventually(lambda: director.pid("vrrp") not in (None, pid), within=10)
    eventually(director.active, within=5)
    assert any("VI_1: resumed as Active" in line for line in lines(director.log))
    assert any("vrrp: the process that starts programs has ended" in line for line in lines(director.log))
    assert director.holds()
    assert monitor.changes(VIP) == []
    assert end(director.process, within=10) == 0
    eventually(lambda: "STOP" in told.read_text().split(), within=5)


def test_first_program(network: Network) -> None:
    """Of a worker of root's that began without a starter: another takes its place, which has one; no address moves."""
    told = network.folder / "told"
    script = network.folder / "told.sh"
    script.write_text(f'#!/bin/sh\necho "$3" >> {told}\n')
    script.chmod(0o755)
    director = alone(network)
    monitor = Monitor(director.host)
    pid = director.pid("vrrp")
    assert pid
    assert starters_of(pid) == []
    director.config.write_text(ONE.replace("interface eth0", f'interface eth0\n notify "{script}"'))
    assert director.lvsctl("reload")[0] == 0
    after = director.pid("vrrp")
    assert after not in (None, pid)
    assert len(starters_of(after or 0)) == 1
    assert any("VI_1: resumed as Active" in line for line in lines(director.log))
    assert director.lvsctl("reload")[0] == 0
    assert director.pid("vrrp") == after
    assert monitor.changes(VIP) == []
    assert end(director.process, within=10) == 0
    eventually(lambda: "STOP" in told.read_text().split(), within=5)


def starters_of(worker: int) -> list[int]:
    words = ["ps", "-o", "pid=,comm=", "--ppid", str(worker)]  # it fails where a process has no child
    rows = subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()
    return [int(row.split()[0]) for row in rows if row.split()[1] == "lvsd_starter"]


def test_lost_runtime_directory(network: Network) -> None:
    """Somebody removes it: the router goes on, everything comes back, and a crash afterwards is as harmless as ever."""
    director = alone(network)
    pid = director.pid("vrrp")
    assert pid
    shutil.rmtree(director.run)
    eventually(lambda: director.pid("vrrp") == pid and director.pid("lvsd") == director.process.pid, within=10)
    eventually((director.run / "vrrp" / "vrrp.state").exists, within=5)
    eventually((director.run / "vrrp.conf").exists, within=5)
    assert director.worker("vrrp")["restarts"] == 0
    assert director.active()
    assert director.holds()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: director.pid("vrrp") not in (None, pid), within=10)
    assert director.active()
    assert any("VI_1: resumed as Active" in line for line in lines(director.log))


def test_last_script_behind_a_slow_one(network: Network) -> None:
    """What still runs does not keep the script of the stop from being started."""
    told = network.folder / "told"
    slow, last = network.folder / "slow.sh", network.folder / "last.sh"
    slow.write_text(f"#!/bin/sh\necho $$ > {network.folder}/slow\nexec sleep 60\n")
    last.write_text(f"#!/bin/sh\necho stopped >> {told}\n")
    for script in (slow, last):
        script.chmod(0o755)
    text = ONE.replace("interface eth0", f'interface eth0\n notify_master "{slow}"\n notify_stop "{last}"')
    director = alone(network, text)
    eventually(lambda: (network.folder / "slow").exists() and (network.folder / "slow").read_text().strip(), within=5)
    assert end(director.process, within=10) == 0
    eventually(told.exists, within=5)
    os.kill(int((network.folder / "slow").read_text()), signal.SIGKILL)


def test_stop(network: Network) -> None:
    director = alone(network)
    pid = director.pid("vrrp")
    assert end(director.process, within=10) == 0
    assert gone(pid)
    assert director.host.addresses() & {VIP} == set()
    assert not list(director.run.glob("*.sock"))
    messages = [line for line in lines(director.log) if "lvsd: stopping" in line or "vrrp: stopped" in line]
    assert len(messages) == 2


def down(director: Director) -> bool:
    return director.worker("vrrp")["pid"] is None


def test_stop_after_a_crash(network: Network) -> None:
    """What a crashed worker left behind is gone after an orderly stop, though its restart was still to come."""
    director = alone(network)
    eventually(director.holds, within=2)
    first = director.pid("vrrp")
    assert first
    os.kill(first, signal.SIGKILL)
    eventually(lambda: director.pid("vrrp") not in (None, first), within=5)
    second = director.pid("vrrp")
    assert second
    os.kill(second, signal.SIGKILL)  # the first restart was at once, the next one is not
    eventually(lambda: gone(second) and down(director), within=5)
    assert director.holds()
    assert end(director.process, within=15) == 0
    assert not director.holds()


def test_leave_the_addresses(network: Network) -> None:
    director = alone(network, ONE, "-n", "-V")
    end(director.process, within=10)
    assert director.holds()


def test_killed_parent(network: Network) -> None:
    """Its worker carries on; the next parent adopts it, and stops it in order when that is its time."""
    director = alone(network)
    pid = director.pid("vrrp")
    director.crash()
    assert director.active()
    assert director.holds()
    director.start()
    eventually(lambda: director.worker("vrrp")["pid"] == pid, within=5)
    assert director.active()
    assert end(director.process, within=10) == 0
    assert gone(pid)
    assert not director.holds()


def test_orphaned_worker(network: Network) -> None:
    """A worker that somebody started by hand in the same runtime directory gets a parent."""
    director = alone(network)
    end(director.process, within=10)
    words = ["--worker", "vrrp", "--use-file", str(director.config), "--runtime-dir", str(director.run)]
    orphan = director.host.start(sys.executable, "-m", "lvsd", *words, log=director.log, PYTHONPATH=str(RUNTIME))
    eventually(lambda: director.pid("vrrp"), within=10)
    director.start()
    eventually(lambda: director.worker("vrrp")["pid"] == orphan.pid, within=5)


def test_second_parent(network: Network) -> None:
    director = alone(network)
    second = director.host.start(*director.words(), log=director.folder / "second", PYTHONPATH=str(RUNTIME))
    assert second.wait(10) == 1
    assert any("already running as pid" in line for line in lines(director.folder / "second"))
    assert director.active()


def test_background(network: Network) -> None:
    """Without -n it goes to the background; the pid file names it, the log file has its lines."""
    log = network.folder / "background.log"
    director = Director(network, "a", "192.0.2.11/24", ONE, "-G", "-g", str(log), "-p", str(network.folder / "pid"))
    try:
        assert director.process.wait(10) == 0
        pid = int((network.folder / "pid").read_text())
        assert pid == director.pid("lvsd")
        eventually(director.active, within=8)
        assert any("vrrp: started" in line for line in lines(log))
        assert any("Backup -> Active" in line for line in lines(log.with_name("background_vrrp.log")))
        code, _, err = director.lvsctl("reexec")
        assert (code, err) == (0, "")
        assert pid == director.pid("lvsd")
        assert director.active()
    finally:
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: gone(pid), within=15)
    assert not (network.folder / "pid").exists()


def test_namespace_option(network: Network) -> None:
    """-s moves the daemon itself; here it starts in another namespace than it works in."""
    host = network.host("a", eth0="lan")
    host.ip("addr add 192.0.2.11/24 dev eth0")
    outside = network.host("outside")
    config = host.folder / "lvsd.conf"
    config.write_text(ONE)
    run = host.folder / "run"
    words = ["-m", "lvsd", "-n", "-s", host.namespace, "-f", str(config), "--runtime-dir", str(run)]
    outside.start(sys.executable, *words, log=host.folder / "log", PYTHONPATH=str(RUNTIME))
    eventually(lambda: VIP in host.addresses(), within=15)


def test_planned_failover(network: Network) -> None:
    a = alone(network)
    b = Director(network, "b", "192.0.2.12/24", ONE.replace("priority 150", "priority 100"))
    code, out, _ = a.lvsctl("failover")
    assert code == 0
    assert "VI_1" in out
    eventually(b.holds, within=4)
    code, _, err = b.lvsctl("failover", "VI_9")
    assert code == 1
    assert "VI_9" in err


def test_stop_hands_over(network: Network) -> None:
    a = alone(network)
    b = Director(network, "b", "192.0.2.12/24", ONE.replace("priority 150", "priority 100"))
    assert not b.active()
    end(a.process, within=10)
    eventually(b.holds, within=2)  # priority 0: a skew time, not three intervals
