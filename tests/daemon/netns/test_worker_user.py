# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers of a host that has the system user `lvsd`: who they are, what is theirs, what they cannot do."""

from __future__ import annotations

import json
import os
import shutil
import signal

import pytest
from directors import ONE, TWO, gone
from network import Network, end, eventually, lines
from test_programs_sandbox import STARTER_UNIT
from test_upgrade import NEW, OLD, FormerInstalled, pair, undisturbed
from workers_user import ENTRY, GID, UID, VIEWERS, Housed, belongs, credentials, housed, open_folder, status

pytestmark = pytest.mark.beside

US = " ".join([str(UID)] * 4)
OURS = " ".join([str(GID)] * 4)
NUMBERS = {  # linux/capability.h
    "DAC_READ_SEARCH": 2, "KILL": 5, "SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13,
    "IPC_LOCK": 14, "SYS_NICE": 23,
}  # fmt: skip


def bits(*names: str) -> int:
    return sum(1 << NUMBERS[name] for name in names)


def of_the_unit() -> int:
    (line,) = (line for line in STARTER_UNIT.read_text().splitlines() if line.startswith("CapabilityBoundingSet="))
    return bits(*(name.removeprefix("CAP_") for name in line.partition("=")[2].split()))


def ours(*names: str) -> tuple[str, str, str, dict[str, int]]:
    """The credentials of a worker that has these capabilities."""
    held = bits(*names)
    return US, OURS, "", {"Prm": held, "Eff": held, "Inh": 0, "Amb": 0, "Bnd": of_the_unit()}


def test_who_the_worker_is_and_what_is_its(network: Network) -> None:
    director = housed(network, ONE)
    assert credentials(director.pid("vrrp")) == ours("NET_ADMIN", "NET_RAW")
    assert status(director.pid("vrrp"))["NoNewPrivs"] == "1"
    assert director.worker("vrrp")["user"] == "lvsd"
    run = director.run
    assert belongs(run) == (0, 0, "755")
    assert belongs(run / "vrrp") == (0, GID, "770")
    assert belongs(run / "vrrp" / "vrrp.state") == (UID, GID, "660")
    assert belongs(run / "vrrp.conf") == (0, GID, "640")
    assert belongs(run / "vrrp.sock") == (0, VIEWERS, "660")
    assert "runs as root" not in director.log.read_text()


def test_a_script_has_none_of_it(network: Network) -> None:
    """A program runs as the user that the configuration names, or as root, and never as the worker."""
    told = open_folder(network) / "told"
    told.mkdir()
    told.chmod(0o777)
    script = network.folder / "script.sh"
    script.write_text(f"#!/bin/sh\ncat /proc/self/status > {told}/$$ && mv {told}/$$ {told}/$(id -u)\n")
    script.chmod(0o755)
    text = ONE.replace(
        "interface eth0", f'interface eth0\n notify_master "{script}" nobody\n notify "{script}" root', 1
    )
    director = housed(network, text)
    nobody, root = told / "65534", told / "0"
    eventually(lambda: nobody.exists() and root.exists(), within=10)
    for field in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        assert f"{field}:\t{0:016x}\n" in nobody.read_text()
    assert f"CapPrm:\t{of_the_unit():016x}\n" in root.read_text()
    assert str(UID) not in nobody.read_text() + root.read_text()
    assert director.pid("vrrp")


def test_a_reload_a_crash_of_each_and_a_stop(network: Network) -> None:
    director = housed(network, ONE)
    director.config.write_text(TWO)
    assert director.lvsctl("reload")[0] == 0
    eventually(lambda: director.holds("192.0.2.2/24"), within=8)
    worker = director.pid("vrrp")
    director.crash()
    state_dir = director.folder / "state"
    state_dir.mkdir(exist_ok=True)
    os.chown(state_dir, 0, 0)  # as systemd does, before it starts the next parent
    director.start()
    assert director.pid("vrrp") == worker
    assert belongs(state_dir) == (0, GID, "775")
    director.config.write_text(ONE)
    assert director.lvsctl("reload")[0] == 0
    eventually(lambda: not director.holds("192.0.2.2/24"), within=8)
    os.kill(worker or 0, signal.SIGKILL)
    eventually(lambda: director.pid("vrrp") not in (None, worker), within=10)
    assert director.active()
    assert director.holds()
    assert any("VI_1: resumed as Active" in line for line in lines(director.log))
    assert credentials(director.pid("vrrp")) == ours("NET_ADMIN", "NET_RAW")
    pid = director.pid("vrrp")
    assert end(director.process, within=10) == 0
    assert gone(pid)
    assert not director.holds()
    assert not list(director.run.glob("*.sock"))
    assert not list(director.run.glob("**/*.state"))


def test_a_keyword_that_needs_what_was_given_up_replaces_the_worker_in_place(network: Network) -> None:
    director = housed(network, ONE)
    director.watch()
    before = director.pid("vrrp")
    director.config.write_text("global_defs {\n vrrp_rt_priority 20\n vrrp_no_swap\n}\n" + ONE)
    code, _, err = director.lvsctl("reload")
    assert (code, err) == (0, "")
    after = director.pid("vrrp")
    assert after != before
    assert director.active()
    assert credentials(after) == ours("NET_ADMIN", "NET_RAW", "SYS_NICE", "IPC_LOCK")
    assert os.sched_getscheduler(after or 0) == os.SCHED_RR | os.SCHED_RESET_ON_FORK
    assert director.lvsctl("reload")[0] == 0
    assert director.pid("vrrp") == after
    assert director.address_events() == []
    assert not [line for line in lines(director.log) if "not permitted" in line]


def test_what_is_removed_from_the_directory_comes_back(network: Network) -> None:
    director = housed(network, ONE)
    worker = director.pid("vrrp")
    shutil.rmtree(director.run)
    eventually(lambda: director.pid("vrrp") == worker and director.pid("lvsd"), within=10)
    eventually((director.run / "vrrp" / "vrrp.state").exists, within=5)
    assert belongs(director.run / "vrrp") == (0, GID, "770")
    assert belongs(director.run / "vrrp" / "vrrp.state") == (UID, GID, "660")
    assert belongs(director.run / "vrrp.sock") == (0, VIEWERS, "660")
    assert director.worker("vrrp")["restarts"] == 0


def test_a_socket_that_is_removed_while_no_parent_runs_comes_back(network: Network) -> None:
    director = housed(network, ONE)
    worker = director.pid("vrrp")
    director.crash()
    (director.run / "vrrp.sock").unlink()
    eventually(lambda: director.pid("vrrp") == worker, within=10)
    assert belongs(director.run / "vrrp.sock") == (0, VIEWERS, "660")
    director.start()
    assert director.pid("vrrp") == worker
    assert director.lvsctl("reload")[0] == 0


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("", "there is no user lvsd"),
        (ENTRY.replace(f":{GID}:", f":{VIEWERS}:"), "the primary group of the user lvsd is the group lvsd"),
        (ENTRY.replace("/usr/sbin/nologin", "/bin/bash"), "the user lvsd can log in (/bin/bash)"),
    ],
)
def test_a_host_without_the_user_has_workers_of_root_and_says_so(network: Network, entry: str, why: str) -> None:
    director = housed(network, ONE, entry)
    assert status(director.pid("vrrp"))["Uid"] == "0 0 0 0"
    (line,) = (line for line in lines(director.log) if "runs as root" in line)
    assert f"vrrp: runs as root: {why}" in line
    assert f"workers run as root: {why}" in director.lvsctl("status")[1]
    assert director.worker("vrrp")["user"] == "root"
    assert belongs(director.run / "vrrp") == (0, 0, "755")
    assert belongs(director.run / "vrrp.conf") == (0, 0, "640")


class FormerHoused(Housed, FormerInstalled):
    """It begins with the daemon of a commit before, whose workers stay root."""

    def words(self) -> list[str]:
        return self.within(*FormerInstalled.words(self))


def test_upgrade_from_a_version_whose_workers_are_roots_and_back(network: Network) -> None:
    director, peer = pair(network, FormerHoused)
    assert status(director.pid("vrrp"))["Uid"] == "0 0 0 0"
    director.version(NEW)
    for digest in (NEW, OLD, NEW):
        director.switch(digest)
        before = director.pid("vrrp")
        code, out, err = director.lvsctl("reexec", "--json")
        assert (code, err) == (0, "")
        assert {version["digest"] for version in json.loads(out)["after"].values()} == {digest}
        assert gone(before)
        undisturbed(director, peer)
        if digest == NEW:
            assert credentials(director.pid("vrrp")) == ours("NET_ADMIN", "NET_RAW")
            assert [path.name for path in director.run.glob("**/*.state")] == ["vrrp.state"]
        else:
            assert status(director.pid("vrrp"))["Uid"] == "0 0 0 0"
    resumed = [line for line in lines(director.log) if "VI_1: resumed as Active" in line]
    assert len(resumed) == 3
