# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value that would open a block of its own, in every option that takes text: refused by name, or one word."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.tests.unit.oracles.test_keywords import everything

sys.path.append(str(Path(__file__).parents[3] / "runtime"))

from lvsd import conf

HOSTILE = "x } vrrp_instance y {"

INSTANCE = {
    **everything(_vrrp.INSTANCE, "mcast_src_ip"),
    "interface": "lo",
    "version": 2,
    "unicast_peer": [{"address": "192.0.2.7"}],
}
SERVICE = {
    **everything((*_ipvs.SERVICE_KEY, *_ipvs.SERVICE), "fwmark", "ip_family", "ops", "tunnel"),
    "port": 80,
    "sorry_server": {"address": "192.0.2.8", "port": 80, "inhibit": True, "lb_kind": "NAT"},
    "real_servers": [everything((*_ipvs.REAL_SERVER_KEY, *_ipvs.REAL_SERVER), "tunnel", "bind_if")],
}
BLOCKS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], str]]] = {
    "director_globals": (everything(_vrrp.GLOBALS), _vrrp.globals_text),
    "vrrp_instance": (
        {"name": "VI_1", **INSTANCE},
        lambda values: _vrrp.instance_text(values["name"], {k: v for k, v in values.items() if k != "name"}),
    ),
    "vrrp_sync_group": (
        {"name": "G", **everything(_vrrp.GROUP)},
        lambda values: _vrrp.group_candidate(values["name"], {k: v for k, v in values.items() if k != "name"}),
    ),
    "ipvs_service": (SERVICE, lambda values: _ipvs.service_candidate(_ipvs.service_of(values), values)),
}

Path_ = tuple[str | int, ...]


def texts(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Where the texts are in nested options."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, (*path, index))


def with_hostile(values: dict[str, Any], path: Path_) -> dict[str, Any]:
    changed: Any = copy.deepcopy(values)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = HOSTILE
    result: dict[str, Any] = changed
    return result


def blocks_of(text: str) -> set[str]:
    found = conf.parse(text, "hostile").configuration
    services = {f"{service.address} {service.port}" for service in found.virtual_servers}
    return {router.name for router in found.routers} | {group.name for group in found.sync_groups} | services


PLACES = [(name, path) for name, (values, _unused) in BLOCKS.items() for path in texts(values)]


def test_there_are_options_to_try() -> None:
    assert len(PLACES) > 60


def outcome(name: str, path: Path_) -> tuple[str, str]:
    """(the text, "") or ("", why it is refused)."""
    values, text_of = BLOCKS[name]
    try:
        return text_of(with_hostile(values, path)), ""
    except Refused as refused:
        return "", str(refused)


@pytest.mark.parametrize(("name", "path"), PLACES, ids=[f"{n}-{'.'.join(map(str, p))}" for n, p in PLACES])
def test_a_value_never_opens_a_block(name: str, path: Path_) -> None:
    text, refusal = outcome(name, path)
    if text:
        values, text_of = BLOCKS[name]
        harmless = text_of(values)
        assert blocks_of(text) <= blocks_of(harmless)
        assert len(text.splitlines()) == len(harmless.splitlines())
    else:
        option = [step for step in path if isinstance(step, str)][-1]
        assert HOSTILE in refusal or option in refusal


@pytest.mark.parametrize("secret", ["a\\b", "a#b!c", "it's", "a$", "x } y {", "~SEQ"])
def test_the_daemon_reads_the_password_that_was_meant(secret: str) -> None:
    text = _vrrp.instance_text("VI_1", {**INSTANCE, "authentication": {"auth_type": "PASS", "auth_pass": secret}})
    (router,) = conf.parse(text, "instance").configuration.routers
    assert router.authentication is not None
    assert router.authentication.password == secret


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("vrrp_instance", {"name": HOSTILE, "interface": "eth0", "virtual_router_id": 20}),
        ("vrrp_instance", {"name": "a", "interface": HOSTILE, "virtual_router_id": 20}),
        ("vrrp_instance", {"name": "a", "interface": "eth0", "virtual_router_id": HOSTILE}),
        ("ipvs_service", {"address": HOSTILE, "port": 80}),
        ("ipvs_service", {"address": "192.0.2.10", "port": 80, "lb_algo": HOSTILE}),
    ],
)
def test_a_module_refuses_it_with_one_clear_line_and_writes_nothing(
    run: Any, host: Any, module: str, options: Any
) -> None:
    failed = run(module, **options)
    assert failed["failed"] is True
    assert HOSTILE in failed["msg"] or json.dumps(HOSTILE) in failed["msg"]
    assert len(failed["msg"].splitlines()) == 1
    assert not list(Path(host["config_dir"]).rglob("*"))
