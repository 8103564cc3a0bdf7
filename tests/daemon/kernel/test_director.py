# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole daemon over real IPVS: one configuration, both workers, `lvsctl`; read back with ipvsadm and ip."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checkers import RUNTIME, table
from inside import eventually, run
from lvsd.control.server import Unreachable, request

VIP = "192.0.2.1"
VRRP = f"""vrrp_instance VI_1 {{
    interface outside
    virtual_router_id 51
    advert_int 0.1
    version 3
    virtual_ipaddress {{
        {VIP}/24
    }}
}}
"""
SERVICE = f"""virtual_server {VIP} 80 {{
    protocol TCP
    lb_algo wrr
    lb_kind NAT
    real_server 10.0.0.11 80 {{
        weight 2
    }}
    real_server 10.0.0.12 80 {{
        weight 1
    }}
}}
"""
BOTH = f"TCP {VIP}:80 wrr\n-> 10.0.0.11:80 Masq 2\n-> 10.0.0.12:80 Masq 1"
DRAINED = f"TCP {VIP}:80 wrr\n-> 10.0.0.11:80 Masq 0\n-> 10.0.0.12:80 Masq 1"


class Daemon:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.config = folder / "lvsd.conf"
        self.log = folder / "log"
        self.environment = {**os.environ, "PYTHONPATH": str(RUNTIME)}
        run("ip", "link", "add", "outside", "type", "veth", "peer", "name", "peer")
        for command in ("link set peer up", "link set outside up", "addr add 192.0.2.9/24 dev outside"):
            run("ip", *command.split())

    def start(self, text: str) -> None:
        self.config.write_text(text)
        words = [
            "-n",
            "-f",
            str(self.config),
            "--runtime-dir",
            str(self.run),
            "--state-dir",
            str(self.folder / "state"),
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lvsd", *words], env=self.environment, stdout=log, stderr=log
            )

    def lvsctl(self, line: str) -> tuple[int, str]:
        words = [sys.executable, "-m", "lvsd.ctl", "--runtime-dir", str(self.run), *line.split()]
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def workers(self) -> dict[str, Any]:
        try:
            answer = request(self.run / "lvsd.sock", "show", timeout=5)
        except Unreachable:
            return {}
        return {worker["name"]: worker["pid"] for worker in answer["workers"]}

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path)
    daemon.start(VRRP + SERVICE)
    eventually(lambda: table() == BOTH and holds(), within=60)
    yield daemon
    if daemon.process.poll() is None:
        daemon.end(signal.SIGTERM)
    print(daemon.log.read_text())


def holds() -> bool:
    return f"inet {VIP}/24" in run("ip", "address", "show", "dev", "outside")


def test_an_operators_day(daemon: Daemon) -> None:
    code, text = daemon.lvsctl("status")
    assert code == 0
    assert "VI_1    Active" in text
    assert f"{VIP}:80/TCP" in text
    code, text = daemon.lvsctl("show ipvs")
    assert code == 0
    assert "-> 10.0.0.12:80" in text
    code, text = daemon.lvsctl(f"drain {VIP}:80 10.0.0.11:80 --wait 5")
    assert (code, table()) == (0, DRAINED)
    assert "drained, weight 0" in text
    assert daemon.lvsctl("reload")[0] == 0
    assert table() == DRAINED
    assert daemon.lvsctl(f"enable {VIP} 10.0.0.11")[0] == 0
    assert table() == BOTH
    assert daemon.lvsctl(f"weight {VIP} 10.0.0.12 7")[0] == 0
    assert "10.0.0.12:80 Masq 7" in table()
    code, text = daemon.lvsctl("events --json")
    sources = {event["source"] for event in json.loads(text)["events"]}
    assert (code, sources) == (0, {"lvsd", "vrrp", "checker"})


def test_a_reload_brings_takes_and_refuses_services(daemon: Daemon) -> None:
    daemon.config.write_text(VRRP + SERVICE.replace("weight 2", "weight 5"))
    assert daemon.lvsctl("reload")[0] == 0
    assert "10.0.0.11:80 Masq 5" in table()
    daemon.config.write_text(VRRP + SERVICE.replace("lb_algo wrr", "lb_kind TUN type nonsense"))
    code, text = daemon.lvsctl("reload")
    assert code == 1
    assert "nonsense" in text
    assert "10.0.0.11:80 Masq 5" in table()
    daemon.config.write_text(VRRP)
    assert daemon.lvsctl("reload")[0] == 0
    eventually(lambda: set(daemon.workers()) == {"vrrp"}, within=20)
    assert table() == ""
    assert holds()


def test_a_reload_that_the_kernel_does_not_take_whole_is_not_done(daemon: Daemon) -> None:
    daemon.config.write_text(VRRP + SERVICE.replace("10.0.0.12", "224.0.0.1"))
    code, text = daemon.lvsctl("reload")
    assert code == 1
    assert "destination 224.0.0.1:80" in text
    assert f"TCP {VIP}:80 wrr\n-> 10.0.0.11:80 Masq 2" in table()


def test_a_crash_of_the_parent_leaves_everything_and_its_successor_takes_it_over(daemon: Daemon) -> None:
    daemon.end(signal.SIGKILL)
    assert (table(), holds()) == (BOTH, True)
    daemon.start(VRRP + SERVICE)
    eventually(lambda: len(daemon.workers()) == 2 and all(daemon.workers().values()), within=60)
    eventually(lambda: daemon.lvsctl("status")[0] == 0, within=20)
    assert table() == BOTH


def test_a_stop_takes_the_addresses_first_and_everything_in_the_end(daemon: Daemon) -> None:
    assert daemon.end(signal.SIGTERM) == 0
    assert (table(), holds()) == ("", False)
    said = [line for line in daemon.log.read_text().splitlines() if ": stopped (" in line]
    assert [line.partition(":")[0] for line in said] == ["vrrp", "checker"]
