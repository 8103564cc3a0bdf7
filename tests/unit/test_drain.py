# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `drain` on a host that is this machine, with a daemon on real sockets that tells what it was asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.director.plugins.filter.server_options import is_called, server_options, virtual_server

PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "drain.yml"
MODULES = ("lvs.director.director_info", "lvs.director.ipvs_real_server")
Ended = subprocess.CompletedProcess[str]
Drain = Callable[..., Ended]


def service(address: str, *servers: str) -> dict[str, Any]:
    shown = [{"key": key, "admin": "enabled", "up": True, "effective_weight": 1} for key in servers]
    return {"key": address, "scheduler": "wrr", "forwarding": "NAT", "servers": shown}


@pytest.fixture
def drain(tmp_path: Path, host: dict[str, str]) -> Drain:
    """The playbook with the test's sockets in place of the host's, and without another user."""
    (play,) = yaml.safe_load(PLAYBOOK.read_text())
    play["become"] = False
    play["module_defaults"] = {name: {"runtime_dir": host["runtime_dir"]} for name in MODULES}
    playbook, inventory = tmp_path / "drain.yml", tmp_path / "inventory.yml"
    playbook.write_text(yaml.safe_dump([play]))
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    real = {"hosts": {"real-01": {"real_server_address": "10.0.0.11"}}}
    inventory.write_text(yaml.safe_dump({"directors": {"hosts": {"one": local}}, "real_servers": real}))
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "lvs" / "director").exists())
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_PIPELINING": "1"}

    def go(*arguments: str, **extra: str) -> Ended:
        program = Path(sys.executable).parent / "ansible-playbook"
        words: list[str | Path] = [program, "-i", inventory, playbook, "--extra-vars", json.dumps(extra), *arguments]
        return subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, env=environment)

    return go


def admin(daemon: Any) -> list[str]:
    return [server["admin"] for one in daemon.services for server in one["servers"]]


def changed(done: Ended) -> int:
    found = re.search(r"changed=(\d+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return int(found[1])


def test_a_server_is_drained_what_is_left_is_counted_and_it_is_put_back(drain: Drain, daemon: Any) -> None:
    daemon.services = [service("192.0.2.10:80/TCP", "10.0.0.11:80", "10.0.0.12:80")]
    would = drain("--check", real_server="real-01")
    assert (would.returncode, changed(would)) == (0, 1), would.stdout
    assert admin(daemon) == ["enabled", "enabled"]

    daemon.connections = [3]
    done = drain(real_server="real-01", wait="0.5")
    assert (done.returncode, changed(done)) == (2, 1), done.stdout
    assert "10.0.0.11:80: up, weight 1, 3 connections, drained" in done.stdout
    assert "3 connections to 10.0.0.11 are left after 0.5 s; it stays drained" in " ".join(done.stdout.split())
    assert admin(daemon) == ["drained", "enabled"]

    back = drain(real_server="10.0.0.11", service="192.0.2.10:80", state="enabled")
    assert (back.returncode, changed(back)) == (0, 1), back.stdout
    assert admin(daemon) == ["enabled", "enabled"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({}, "-e real_server=NAME"),
        ({"real_server": "10.0.0.99"}, "no real server 10.0.0.99 in any service; there is 192.0.2.10:80/TCP"),
        (
            {"real_server": "real-01", "state": "gone", "wait": "soon"},
            "not gone; or wait is a number of seconds, not soon",
        ),
    ],
)
def test_a_wrong_order_says_what_would_be_right(drain: Drain, daemon: Any, extra: dict[str, str], words: str) -> None:
    daemon.services = [service("192.0.2.10:80/TCP", "10.0.0.11:80")]
    done = drain(**extra)
    assert done.returncode != 0
    assert words in " ".join(done.stdout.split()), done.stdout
    assert admin(daemon) == ["enabled"]


def test_a_host_without_the_daemon_is_said_to_be_one(drain: Drain) -> None:
    done = drain(real_server="10.0.0.11")
    assert done.returncode != 0
    assert "one: the checker does not answer" in " ".join(done.stdout.split())


# --- the filter ---


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("192.0.2.10:80/TCP", {"address": "192.0.2.10", "port": 80, "protocol": "TCP"}),
        ("[2001:db8::1]:53/UDP", {"address": "2001:db8::1", "port": 53, "protocol": "UDP"}),
        ("fwmark 7/IPv6", {"fwmark": 7, "ip_family": "inet6"}),
    ],
)
def test_a_service_by_the_daemons_name_of_it(key: str, options: dict[str, Any]) -> None:
    assert virtual_server(key) == options


@pytest.mark.parametrize("name", ["", "[2001:db8::1]:80/TCP", "[2001:db8::1]:80", "[2001:db8::1]", "2001:db8::1"])
def test_a_service_has_shorter_names(name: str) -> None:
    assert is_called("[2001:db8::1]:80/TCP", name)
    assert not is_called("[2001:db8::1]:80/TCP", name + "0")


def test_a_server_is_found_however_its_address_is_written() -> None:
    services = [service("[2001:db8::1]:80/TCP", "[2001:db8::11]:80", "[2001:db8::12]:80"), {"key": "x:1/TCP"}]
    (found,) = server_options(services, "2001:0db8:0::11")
    assert (found["server"], found["address"], found["port"]) == ("[2001:db8::11]:80", "2001:db8::11", 80)
    with pytest.raises(AnsibleFilterError, match="'web' is no address"):
        server_options(services, "web")
    with pytest.raises(AnsibleFilterError, match="is no name of a service"):
        virtual_server("somewhere")
