# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units as systemd itself runs them: who each process is, what a program is, what outlives what."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from booted import SECOND, Booted
from network import eventually
from routers import RUNTIME
from test_programs_sandbox import STARTER_UNIT, UNIT
from test_worker_user import bits
from workers_user import credentials, status

from tests.support import former

DAEMON = bits("NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE", "SYS_NICE", "IPC_LOCK")
STARTER = bits("SETUID", "SETGID", "KILL", "DAC_READ_SEARCH")
NOTES = "/var/lib/lvsd-programs"  # where a program of root may write
TOLD = f'#!/bin/sh\n{{ echo "$@"; cat /proc/self/status; }} >> {NOTES}/$(id -un)\n'
TEXT = """
global_defs {
 router_id host
}
vrrp_instance VI_1 {
 state BACKUP
 interface eth0
 notify "/usr/local/bin/told.sh" root
 notify_master "/usr/local/bin/told.sh master" nobody
 virtual_router_id 51
 advert_int 0.3
 priority 100
 virtual_ipaddress {
  192.0.2.1/24
 }
}
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Booted]:
    with Booted(tmp_path) as booted:
        booted.write("/usr/local/bin/told.sh", TOLD, 0o755)
        yield booted
        print(booted.journal())


def active(host: Booted) -> bool:
    return "192.0.2.1/24" in host.run("ip", "-o", "address", "show", "eth0")


def started(host: Booted, text: str = TEXT) -> Booted:
    """The daemon of this tree runs, and is active."""
    host.install(RUNTIME, text)
    host.run("systemctl", "start", "lvsd")
    eventually(lambda: active(host), within=30)
    return host


def one(host: Booted, name: str) -> int:
    """The only process of this name; a starter has a second one for as long as that reads the configuration."""
    eventually(lambda: len(host.processes(name)) == 1, within=10)
    return host.processes(name)[0]


def another(host: Booted, name: str, before: int) -> bool:
    found = host.processes(name)
    return len(found) == 1 and found != [before]


def crash_of_the_parent(host: Booted) -> None:
    """Returns when systemd has started another one, which has adopted what runs."""
    before = one(host, "lvsd")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: another(host, "lvsd", before), within=30)
    eventually(lambda: complete(host), within=40)


def complete(host: Booted) -> bool:
    shown = host.run("lvsctl", "status", "--json", check=False)
    return bool(shown) and bool((json.loads(shown)["lvsd"] or {}).get("complete"))


def user(host: Booted) -> tuple[int, int, int]:
    """(uid of lvsd, gid of lvsd_worker, gid of lvsd)."""
    words = ("id -u lvsd", "id -g lvsd", "getent group lvsd | cut -d: -f3")
    uid, gid, viewers = (int(host.run("sh", "-c", word)) for word in words)
    return uid, gid, viewers


def notes(host: Booted, name: str) -> str:
    path = host.path(f"{NOTES}/{name}")
    return path.read_text() if path.exists() else ""


def capabilities(unit: Path, key: str) -> int:
    (line,) = (line for line in unit.read_text().splitlines() if line.startswith(f"{key}="))
    return bits(*(name.removeprefix("CAP_") for name in line.partition("=")[2].split()))


def test_who_each_process_is_and_what_is_theirs(host: Booted) -> None:
    started(host)
    uid, gid, viewers = user(host)
    us, ours, groups = " ".join([str(uid)] * 4), " ".join([str(gid)] * 4), " ".join(map(str, sorted((gid, viewers))))
    assert capabilities(UNIT, "CapabilityBoundingSet") == capabilities(UNIT, "AmbientCapabilities") == DAEMON
    assert credentials(one(host, "lvsd")) == (
        us, ours, groups, dict.fromkeys(("Prm", "Eff", "Inh", "Amb", "Bnd"), DAEMON)
    )  # fmt: skip
    worker = bits("NET_ADMIN", "NET_RAW")
    assert credentials(one(host, "lvsd_vrrp")) == (
        us, ours, groups, {"Prm": worker, "Eff": worker, "Inh": 0, "Amb": 0, "Bnd": DAEMON}
    )  # fmt: skip
    whole = capabilities(STARTER_UNIT, "CapabilityBoundingSet")
    assert credentials(one(host, "lvsd_starter")) == (
        "0 0 0 0", "0 0 0 0", "", {"Prm": whole, "Eff": STARTER, "Inh": 0, "Amb": 0, "Bnd": whole}
    )  # fmt: skip
    for name in ("lvsd", "lvsd_vrrp", "lvsd_starter"):
        assert status(one(host, name))["NoNewPrivs"] == "1"
    for path, belongs in (
        ("/run/lvsd", (uid, gid, 0o755)),
        ("/run/lvsd/vrrp.conf", (uid, gid, 0o640)),
        ("/run/lvsd/vrrp.sock", (uid, viewers, 0o660)),
        ("/run/lvsd/lvsd.sock", (uid, viewers, 0o660)),
        ("/run/lvsd-starter.sock", (uid, 0, 0o600)),
        (NOTES, (0, 0, 0o755)),
    ):
        found = os.lstat(host.path(path))
        assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == belongs, path


def test_it_starts_where_the_group_that_may_look_has_gone(host: Booted) -> None:
    started(host)
    host.run("groupdel", "lvsd")
    host.run("systemctl", "restart", "lvsd")
    eventually(lambda: active(host), within=30)
    uid, gid = (int(host.run("id", which, "lvsd")) for which in ("-u", "-g"))
    found = os.lstat(host.path("/run/lvsd/lvsd.sock"))
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (uid, gid, 0o600)


def test_a_program_is_the_user_that_the_configuration_names(host: Booted) -> None:
    host.write(NOTES + "/nobody", "", 0o666)
    started(host)
    eventually(lambda: "CapAmb" in notes(host, "nobody") and "CapAmb" in notes(host, "root"), within=30)
    for field in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        assert f"{field}:\t{0:016x}\n" in notes(host, "nobody")
    assert f"CapPrm:\t{capabilities(STARTER_UNIT, 'CapabilityBoundingSet'):016x}\n" in notes(host, "root")
    assert str(user(host)[0]) not in notes(host, "nobody") + notes(host, "root")


def test_only_the_user_lvsd_gets_a_starter(host: Booted) -> None:
    started(host)
    ask = "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect('/run/lvsd-starter.sock')"
    ask += "; s.settimeout(20); print(s.recv(100))"
    before = host.processes("lvsd_starter")
    assert "PermissionError" in host.run(
        "sh", "-c", f'setpriv --reuid=nobody --clear-groups python3 -c "{ask}" 2>&1 || :'
    )
    assert host.run("python3", "-c", ask) == "b''\n"  # root may connect, and is not served
    assert "no program is run for root (pid " in host.journal()
    assert host.processes("lvsd_starter") == before


def test_a_crash_of_each_moves_no_address_and_a_restart_begins_in_order(host: Booted) -> None:
    started(host)
    worker, starter = one(host, "lvsd_vrrp"), one(host, "lvsd_starter")
    with host.watched() as events:
        crash_of_the_parent(host)
        assert (one(host, "lvsd_vrrp"), one(host, "lvsd_starter")) == (worker, starter)
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: host.processes("lvsd_vrrp") not in ([], [worker]), within=30)
        eventually(lambda: "VI_1: resumed as Active" in host.journal(), within=30)
        eventually(lambda: another(host, "lvsd_starter", starter), within=40)
        os.kill(one(host, "lvsd_starter"), signal.SIGKILL)
        eventually(lambda: "programs are run again" in host.journal(), within=30)
        host.run("systemctl", "reload", "lvsd")
    assert events() == []
    host.run("systemctl", "restart", "lvsd")
    eventually(lambda: active(host), within=30)
    assert "STOP" in notes(host, "root")
    eventually(lambda: len(host.processes("lvsd_starter")) == 1, within=30)


def test_without_a_starter_no_program_runs_until_there_is_one(host: Booted) -> None:
    host.install(RUNTIME, TEXT)
    host.write("/etc/systemd/system/lvsd-starter.socket", "[Socket]\nListenStream=/run/another\nAccept=yes\n")
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "start", "lvsd")
    eventually(lambda: active(host), within=30)
    (said,) = (line for line in host.journal().splitlines() if "no program is run until" in line)
    assert "/run/lvsd-starter.sock: no such file or directory" in said
    assert "there is no starter" in host.run("lvsctl", "status")
    assert notes(host, "root") == ""
    host.write("/etc/systemd/system/lvsd-starter.socket", (RUNTIME / "lvsd" / "lvsd-starter.socket").read_text())
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "restart", "lvsd-starter.socket")
    eventually(lambda: "programs are run again" in host.journal(), within=40)
    assert "there is no starter" not in host.run("lvsctl", "status")


def test_the_socket_of_the_starters_comes_back_when_it_is_stopped(host: Booted) -> None:
    started(host)
    host.run("systemctl", "stop", "lvsd-starter.socket")
    state = ("systemctl", "is-active", "lvsd-starter.socket")
    eventually(lambda: host.run(*state, check=False) == "active\n", within=30)


def test_a_configuration_that_the_user_lvsd_could_have_written_names_no_program(host: Booted) -> None:
    started(host)
    host.run("chown", "lvsd", "/etc/lvsd/lvsd.conf")
    host.run("systemctl", "restart", "lvsd")
    eventually(lambda: active(host), within=30)
    eventually(lambda: "/etc/lvsd/lvsd.conf: the daemon's own user could have written it" in host.journal(), within=30)


def test_an_upgrade_in_place_keeps_root_and_a_crash_or_a_restart_then_does_not(host: Booted, tmp_path: Path) -> None:
    """From the version before: its unit starts a daemon of root, and systemd has read ours by the time of a crash."""
    old = former.package(tmp_path / "former")
    host.install(old.parent, TEXT)
    host.run("systemctl", "start", "lvsd")
    eventually(lambda: active(host), within=30)
    assert status(one(host, "lvsd_vrrp"))["Uid"] == "0 0 0 0"
    with host.watched() as events:
        host.install(RUNTIME, TEXT, version=SECOND)
        host.run("lvsctl", "reexec")
        uid = " ".join([str(user(host)[0])] * 4)
        assert (status(one(host, "lvsd"))["Uid"], status(one(host, "lvsd_vrrp"))["Uid"]) == ("0 0 0 0", uid)
        worker = one(host, "lvsd_vrrp")
        crash_of_the_parent(host)
        assert status(one(host, "lvsd"))["Uid"] == uid
        assert one(host, "lvsd_vrrp") == worker
        host.run("lvsctl", "reload")
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: host.processes("lvsd_vrrp") not in ([], [worker]), within=30)
        eventually(lambda: host.journal().count("VI_1: resumed as Active") == 2, within=30)
    assert events() == []
    host.run("systemctl", "restart", "lvsd")
    eventually(lambda: active(host), within=30)
    assert status(one(host, "lvsd"))["Uid"] == uid
    eventually(lambda: len(host.processes("lvsd_starter")) == 1, within=30)
