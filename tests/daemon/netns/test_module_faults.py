# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that changes the configuration of a running director: what does not work afterwards fails the task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from directors import VIP, Director
from modules import run_module
from network import Network, eventually

pytestmark = pytest.mark.beside

FIRST = """
include etc/conf.d/*.conf
vrrp_instance VI_0 {
    interface eth0
    virtual_router_id 50
    virtual_ipaddress {
        192.0.2.50
    }
}
"""
ROUTER: dict[str, Any] = {
    "name": "VI_1",
    "interface": "eth0",
    "virtual_router_id": 51,
    "priority": 150,
    "advert_int": 0.1,
    "virtual_ipaddress": [{"address": VIP, "dev": "eth0"}],
}


def module(director: Director, name: str, /, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Run a module for the configuration of this director, in another network namespace than the daemon's."""
    shared = {"config_dir": str(director.folder / "etc"), "runtime_dir": str(director.run), "lvsd_path": "/none"}
    return run_module(director.folder, name, check=check, **shared, **options)


def begin(network: Network) -> tuple[Director, Path]:
    """A director with a router that came from the module, and the file of that router."""
    director = Director(network, "a", "192.0.2.11/24", FIRST)
    done = module(director, "vrrp_instance", **ROUTER)
    assert (done["changed"], done["reloaded"]) == (True, True)
    eventually(director.holds, within=8)
    return director, director.folder / "etc" / "conf.d" / "vrrp_instance-VI_1.conf"


def test_an_interface_that_the_daemon_lacks_is_refused_before_the_address_goes(network: Network) -> None:
    director, file = begin(network)
    before, reloads = file.read_text(), director.log.read_text().count("reloaded:")
    for check in (True, False):
        failed = module(director, "vrrp_instance", check=check, **{**ROUTER, "interface": "eth9"})
        assert failed["failed"] is True
        assert failed["faults"] == ["vrrp_instance VI_1: no interface eth9"]
        assert "nothing has changed" in failed["msg"]
    assert (file.read_text(), director.log.read_text().count("reloaded:")) == (before, reloads)
    assert director.holds()


def test_a_fault_after_the_reload_fails_the_task_and_the_address_comes_back(network: Network) -> None:
    director, file = begin(network)
    director.host.ip("link add eth1 type veth peer name eth2")  # there, and down
    before = file.read_text()
    failed = module(director, "vrrp_instance", **{**ROUTER, "interface": "eth1"})
    assert failed["failed"] is True
    assert failed["faults"] == ["vrrp_instance VI_1: interface eth1 is down"]
    assert "The files are as they were, and the daemon has loaded them again" in failed["msg"]
    assert file.read_text() == before
    eventually(director.holds, within=8)
    assert module(director, "vrrp_instance", **ROUTER)["changed"] is False


def test_a_fault_is_a_warning_where_it_is_allowed_and_stays_one(network: Network) -> None:
    director, _unused = begin(network)
    later = {**ROUTER, "name": "VI_2", "interface": "eth7", "virtual_router_id": 52, "virtual_ipaddress": []}
    done = module(director, "vrrp_instance", allow_faults=True, **later)
    assert done["changed"] is True
    assert "allowed by allow_faults: vrrp_instance VI_2: no interface eth7" in str(done["warnings"])
    assert done["live"]["faults"] == ["no interface eth7"]

    done = module(director, "vrrp_instance", **{**ROUTER, "priority": 149})
    assert done["changed"] is True
    assert "As before this task: vrrp_instance VI_2: no interface eth7" in str(done["warnings"])
    assert director.holds()
