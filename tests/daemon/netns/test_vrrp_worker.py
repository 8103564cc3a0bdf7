# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker as a process: scripts, control socket, priority, exit codes."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from network import Host, Network, eventually
from routers import RUNTIME, Lvsd
from scenes import SLACK, VIP, double, group, one, single, tells, told


def all_told(host: Host, word: str) -> None:
    """Both instances and the group were told `word` last: a state that passes before is left out."""

    def last() -> bool:
        said = [line.split() for line in told(host)]
        every = [[words[2] for words in said if words[1] == name] for name in ("front", "back", "VG")]
        return all(words and words[-1] == word for words in every)

    eventually(last, within=SLACK)


@pytest.mark.beside
def test_scripts_are_told_in_order(network: Network) -> None:
    host = double(network, "ours", 1)
    script = tells(host)
    text = group(255, f"notify {script}").replace(
        "vrrp_sync_group VG {", f'vrrp_sync_group VG {{\n  notify {script}\n  notify_master "{script} group is master"'
    )
    ours = Lvsd(host, text)
    ours.reaches("Active", "back", within=SLACK)
    all_told(host, "MASTER")
    host.ip("link set eth1 down")
    ours.reaches("Initialize", "front", within=SLACK)
    all_told(host, "FAULT")
    host.ip("link set eth1 up")
    ours.reaches("Active", "front", within=SLACK)
    all_told(host, "MASTER")
    began = time.monotonic()
    ours.stop()
    assert time.monotonic() - began < 1.5
    said = told(host)
    for name in ("front", "back"):
        words = [line.split()[2] for line in said if line.startswith(f"INSTANCE {name} ")]
        assert words == ["MASTER", "FAULT", "MASTER", "STOP"]
    assert [line.split()[2] for line in said if line.startswith("GROUP VG ")] == ["MASTER", "FAULT", "MASTER", "STOP"]
    assert all(line.endswith(" 0") for line in said if line.startswith("GROUP"))
    assert said.count("group is master") == 2
    assert ours.logged("exit code 0") == len(said)


@pytest.mark.beside
def test_the_control_socket_tells_everything(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    shown = ours.show()
    told = {
        "state": "Active", "vrid": 51, "interface": "eth0", "family": 4, "version": 2, "priority": 255,
        "faults": [], "group": None,
    }  # fmt: skip
    assert {key: shown[key] for key in told} == told
    messages = [e["message"] for e in ours.ask("events")["events"] if e["what"] == "state"]
    assert messages == ["VI_1: Initialize -> Active (startup)"]
    assert ours.logged("VI_1: Initialize -> Active (startup)") == 1


@pytest.mark.beside
def test_a_script_that_hangs_does_not_hold_up_the_stop(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255, 'notify_stop "/bin/sleep 3"'))
    ours.reaches("Active", within=SLACK)
    began = time.monotonic()
    assert ours.stop() == 0
    assert time.monotonic() - began < 2
    assert VIP not in host.addresses()


@pytest.mark.beside
def test_real_time_priority_and_locked_memory_when_asked(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, f"global_defs {{\n  vrrp_rt_priority 50\n  vrrp_no_swap\n}}\n{one(255, f'notify {tells(host)}')}")
    ours.reaches("Active", within=SLACK)
    assert os.sched_getscheduler(ours.process.pid) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR
    assert os.sched_getparam(ours.process.pid).sched_priority == 50
    status = Path(f"/proc/{ours.process.pid}/status").read_text()
    assert int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmLck"))) > 1000


@pytest.mark.beside
def test_a_wrong_configuration_ends_the_start_with_its_exit_code(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.stop()
    ours.configure("vrrp_instance VI_1 {\n  interfase eth0\n}\n")
    words = ("-m", "lvsd", "--worker", "vrrp", "--use-file", str(ours.config), "--runtime-dir", str(host.folder))
    for expected, change in ((5, lambda: None), (4, ours.config.unlink)):
        change()
        process = host.start(sys.executable, *words, log=host.folder / "refused.log", PYTHONPATH=str(RUNTIME))
        assert process.wait(10) == expected
