# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directors as an operator sees them: `lvsctl` over ssh."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from tests.lab.lab import Lab
from tests.lab.machine import Machine
from tests.lab.paths import LabError
from tests.lab.process import eventually as poll

DIRECTORS = ("director-01", "director-02")


def ask(machine: Machine, words: str) -> dict[str, Any]:
    """The answer of `lvsctl WORDS --json`, `{}` while the daemon cannot be reached."""
    result = machine.run(f"lvsctl {words} --json", check=False, timeout=20)
    try:
        answer = json.loads(result.stdout)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def states(machine: Machine) -> dict[str, str]:
    """State by virtual router, as `lvsctl show vrrp` tells it."""
    return {row["name"]: row["state"] for row in ask(machine, "show vrrp").get("instances", [])}


def events(machine: Machine) -> list[dict[str, Any]]:
    return list(ask(machine, "events").get("events", []))


def connections(machine: Machine, server: str) -> Counter[str]:
    """How many connections a director's kernel has to a real server (IPv4), by state: what `ipvsadm -Lnc` shows."""
    wanted = IPv4Address(server)
    found: Counter[str] = Counter()
    for row in machine.run("cat /proc/net/ip_vs_conn", timeout=20).stdout.splitlines()[1:]:
        words = row.split()  # protocol, then address and port of client, service and server, then the state
        if IPv4Address(int(words[5], 16)) == wanted:
            found[words[7]] += 1
    return found


def eventually(what: str, question: Callable[[], Any], within: float = 60.0) -> Any:
    """The first true answer.  Raises `LabError` naming `what` after `within` seconds."""
    answers: list[Any] = []

    def answered() -> bool:
        answers.append(question())
        return bool(answers[-1])

    if not poll(answered, within, every=0.3):
        raise LabError(f"waited {within:.0f} s in vain: {what}")
    return answers[-1]


def active(lab: Lab) -> Machine | None:
    """The director on which every virtual router is Active, once there is exactly one and the other is Backup."""
    found = {name: set(states(lab.machine(name)).values()) for name in DIRECTORS}
    leaders = [name for name, seen in found.items() if seen == {"Active"}]
    others = [name for name, seen in found.items() if seen == {"Backup"}]
    return lab.machine(leaders[0]) if len(leaders) == 1 and len(others) == 1 else None
