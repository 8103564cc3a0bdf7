# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a predecessor, a full disk or a curious operator may leave in the state files: understood or refused, whole."""

from __future__ import annotations

import json
from ipaddress import ip_address
from math import inf
from random import Random
from typing import Any

from lvsd.check import overrides, ownership
from lvsd.check import state_codec as check_states
from lvsd.check.health import Health
from lvsd.kernel.rtnl_types import AddressKey
from lvsd.vrrp import state_codec as router_states
from lvsd.vrrp.fsm import Active, Backup, Parameters
from lvsd.vrrp.parameters import Identity
from lvsd.vrrp.resume import resume
from lvsd.vrrp.state_codec import Subject

from tests.daemon.fuzz.box import fuzz
from tests.daemon.fuzz.noise import either

BOOT = "4f0c"
NOW = 1000.0
VR = Parameters(priority=100, primary=ip_address("192.0.2.1"), preempt_delay=5.0)


def vrrp_states() -> list[bytes]:
    keys = (AddressKey(3, ip_address("192.0.2.100"), 24),)
    who = [Subject(f"VI_{n}", Identity(50 + n, 4, "eth0", ip_address("224.0.0.18"), None), keys) for n in (1, 2)]
    peer = ip_address("192.0.2.2")
    backup = Backup(NOW + 1, 1.0, NOW + 2, ready=True, yielding=True)
    known = [
        router_states.numbers(Active(NOW + 1), NOW, 1.0, 1.7e9, 100, None),
        router_states.numbers(backup, NOW, 1.0, 1.7e9, 100, peer),
    ]
    return [router_states.encode(BOOT, who[:n], known[:n]) for n in (0, 1, 2)]


def test_vrrp_state() -> None:
    """Whatever is read of it, the state to go on in has a timer that runs out."""
    samples = vrrp_states()

    def read(content: bytes) -> None:
        for left in router_states.decode(content, BOOT):
            state = resume(VR, left, NOW)
            assert state is None or NOW <= state.deadline < NOW + VR.active_down_interval(256.0), state
            assert (
                not isinstance(state, Backup) or state.preempt_at == inf or state.preempt_at <= NOW + VR.preempt_delay
            )

    fuzz("vrrp.state", lambda draw: either(draw, samples), read, (ValueError,))


def test_checker_state() -> None:
    health = Health(up=False, probe_at=0.0, observed=True, failures=2, weight=7, detail="status 503")
    sample = (
        check_states.header(BOOT) + check_states.check("10.0.0.11:80 of S", health) + check_states.quorum("S", True)
    )
    document("checker.state", sample, lambda text: check_states.parse(text, BOOT))


def test_servers_json() -> None:
    sample = overrides.render({("192.0.2.10:80/TCP", "10.0.0.11:80"): overrides.Order(drained=True, weight=3)})
    document("servers.json", sample, overrides.parse)


def test_services_json() -> None:
    sample = ownership.render(frozenset({"192.0.2.10:80/TCP"}), BOOT)
    document("services.json", sample, lambda text: ownership.parse(text, BOOT))


def document(box: str, sample: str, parse: Any) -> None:
    """Bytes that are wrong, and JSON that is right and of another shape."""

    def make(draw: Random) -> str:
        if draw.random() < 0.5:
            return either(draw, [sample.encode()], 1024).decode("utf-8", "replace")
        return "\n".join(json.dumps(reshaped(draw, json.loads(line))) for line in whole(sample)) + "\n"

    fuzz(box, make, parse, (ValueError,))


def whole(sample: str) -> list[str]:
    """The JSON documents of a sample: one over many lines, or one per line."""
    try:
        json.loads(sample)
    except ValueError:
        return sample.splitlines()
    return [sample]


ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    0,
    1,
    10**30,
    1.5,
    float("nan"),
    "",
    "x",
    "\ud800",
    [],
    {},
    [[]],
    {"a": {}},
)


def reshaped(draw: Random, value: Any) -> Any:
    """The same document with some value replaced by one of another type."""
    if draw.random() < 0.15:
        return draw.choice(ODD)
    if isinstance(value, dict):
        return {key: reshaped(draw, inner) for key, inner in value.items() if draw.random() < 0.95}
    if isinstance(value, list):
        return [reshaped(draw, inner) for inner in value]
    return value
