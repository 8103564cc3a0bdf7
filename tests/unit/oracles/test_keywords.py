# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of every module becomes text that the daemon's parser and keepalived's both know."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils import _forms as kw
from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._fragment import block, fragment, line
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table
from ansible_collections.lvs.director.tests.unit.plugins.module_utils.test_fragment import HOSTILE, NO_LITERAL

sys.path.append(str(Path(__file__).parents[3] / "runtime"))

from lvsd import conf

SAMPLES: dict[Callable[[str], str] | None, str] = {
    kw.address: "192.0.2.9",
    kw.address_with_prefix: "192.0.2.9/24",
    kw.netmask: "255.255.255.0",
    kw.interface: "lo",
    kw.status_code: "200",
    kw.host: "192.0.2.9",
    kw.peer: "192.0.2.9",
    kw.md5: "d41d8cd98f00b204e9800998ecf8427e",
}

SPECIAL = {
    "vrrp_mcast_group4": "224.0.0.99",
    "vrrp_mcast_group6": "ff02::99",
    "mcast_dst_ip": "224.0.0.99",
    "label": "lo:9",
    "scope": "global",
    "brd": "+",
    "preferred_lft": "3600",
    "auth_pass": "secret",
    "script_user": ["root"],
    "user": ["root"],
    "regex_options": ["caseless"],
    "group": ["VI_1"],
    "hysteresis": 1,
    "quorum": 2,
    "lthreshold": 5,
    "uthreshold": 9,
}

# Newer than 2.2.7, which is the oldest that knows all the rest.
NEWER = {"v3_checksum_as_v2", "notify_deleted"}


def sample(keyword: Keyword) -> Any:
    """A value that the keyword takes."""
    if keyword.name in SPECIAL:
        return SPECIAL[keyword.name]
    if keyword.body:
        return [everything(keyword.body)] if keyword.kind in ("rows", "blocks") else everything(keyword.body)
    if keyword.kind in ("switch", "flag") or keyword.type == "bool":
        return True
    value = keyword.choices[0] if keyword.choices else SAMPLES.get(keyword.form, "/bin/true")
    if keyword.low is not None:
        value = int(max(keyword.low, 1))
    return [value] if keyword.kind in ("words", "names") or keyword.type == "list" else value


def everything(table: Table, *without: str) -> dict[str, Any]:
    """Every option of the table, but for those that exclude another one."""
    return {keyword.name: sample(keyword) for keyword in table if keyword.name not in without}


def instance(**more: Any) -> str:
    values = {
        **everything(_vrrp.INSTANCE, "mcast_src_ip", "version"),
        "interface": "lo",
        "unicast_peer": [{"address": "192.0.2.7"}],
        **more,
    }
    return _vrrp.instance_text("VI_1", values)


def service() -> str:
    values = {
        **everything((*_ipvs.SERVICE_KEY, *_ipvs.SERVICE), "fwmark", "ip_family", "ops", "tunnel"),
        "port": 80,
        "real_servers": [everything((*_ipvs.REAL_SERVER_KEY, *_ipvs.REAL_SERVER), "tunnel", "bind_if")],
    }
    values["sorry_server"] = {"address": "192.0.2.8", "port": 80, "inhibit": True, "lb_kind": "NAT"}
    return _ipvs.service_candidate(_ipvs.service_of(values), values)


def marked() -> str:
    values = {
        "fwmark": 7,
        "ip_family": "inet6",
        "ops": True,
        "lb_kind": "TUN",
        "tunnel": {"type": "gue", "port": 6080, "checksum": "nocsum"},
    }
    values["real_servers"] = [
        {"address": "2001:db8::9", "lb_kind": "TUN", "tunnel": {"type": "gre", "port": None, "checksum": "csum"}}
    ]
    return _ipvs.service_candidate(_ipvs.service_of(values), values)


TEXTS = {
    "globals": _vrrp.globals_text(everything(_vrrp.GLOBALS)),
    "instance": instance(),
    "multicast": _vrrp.instance_text("VI_1", {"interface": "lo", "virtual_router_id": 1, "mcast_src_ip": "192.0.2.9"}),
    "switched off": instance(
        **{k.name: False for k in _vrrp.INSTANCE if k.kind in ("switch", "flag")},
    ),
    "group": _vrrp.group_candidate("g", everything(_vrrp.GROUP)),
    "service": service(),
    "marked": marked(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_daemon_knows_every_option(name: str, tmp_path: Path) -> None:
    path = tmp_path / "lvsd.conf"
    path.write_text(TEXTS[name])
    errors = [str(finding) for finding in conf.load(path).findings if finding.severity.value == "error"]
    assert errors == [], TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_keepalived_knows_every_option(name: str, tmp_path: Path) -> None:
    keepalived = shutil.which("keepalived") or "/usr/sbin/keepalived"
    assert Path(keepalived).exists(), "keepalived is one of the tools that the tests install"
    path = tmp_path / "keepalived.conf"
    path.write_text(TEXTS[name])
    done = subprocess.run([keepalived, "-t", "-f", path], capture_output=True, text=True, timeout=20, check=False)
    unknown = set(re.findall(r"Unknown keyword '([^']*)'", done.stderr))
    assert unknown <= NEWER, done.stderr
    assert not re.search(r"quote|[Ii]nvalid|missing '}'|Extra '}'|Missing '\{'", done.stderr), done.stderr


@pytest.mark.parametrize("value", [value for value in HOSTILE if value and value not in NO_LITERAL])
def test_the_daemon_reads_the_value_that_was_meant(value: str) -> None:
    text = fragment([block(["global_defs"], [line("router_id", value), line("vrrp_version", 3)])])
    found = conf.parse(text, "hostile").configuration.global_defs
    assert (found.router_id, found.vrrp_version) == (value, 3)
