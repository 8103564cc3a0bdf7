# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No result shows a secret, however its option is spelt; a text that is no Unicode is one clear error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SECRET = "hunter2!"
INSTANCE: dict[str, Any] = {"name": "a", "interface": "eth0", "virtual_router_id": 20}
SLIPS: list[tuple[str, dict[str, Any]]] = [
    ("vrrp_instance", {**INSTANCE, "authentication": {"auth_passs": SECRET}}),
    ("vrrp_instance", {**INSTANCE, "authentication": {"auth_pass": "x", "key_passwrd": SECRET}}),
    ("vrrp_instance", {**INSTANCE, "authentication": {"auth_type": SECRET, "auth_pass": "PASS"}}),
    ("vrrp_instance", {**INSTANCE, "authentication": {"auth_pass": [SECRET], "auth_type": {"a": SECRET}}}),
    ("vrrp_instance", {**INSTANCE, "authentication": SECRET}),
    ("vrrp_instance", {**INSTANCE, "authentication": f"auth_passs={SECRET}"}),
    ("vrrp_instance", {**INSTANCE, "authentication": [{"auth_pass": SECRET}]}),
    ("vrrp_instance", {**INSTANCE, "authentification": {"auth_pass": SECRET}}),
    ("vrrp_instance", {**INSTANCE, "auth_pass": SECRET}),
    ("vrrp_instance", {**INSTANCE, "key_passwrd": {"x": [SECRET]}, "virtual_router_id": "many"}),
    ("vrrp_instance", {**INSTANCE, "authentication": {"auth_pass": SECRET + SECRET}}),
    ("vrrp_sync_group", {"name": "g", "group": ["a"], "auth_pass": SECRET}),
    ("ipvs_service", {"address": "192.0.2.1", "real_servers": [{"address": "192.0.2.2", "password": SECRET}]}),
    ("ipvs_real_server", {"virtual_server": {"address": "192.0.2.1", "key_password": SECRET}, "address": "192.0.2.2"}),
    ("director_globals", {"auth_pass": SECRET}),
    ("director_info", {"auth_pass": SECRET}),
    ("director_configuration", {"globals": {"auth_pass": SECRET}}),
    ("director_configuration", {"vrrp_instances": [{**INSTANCE, "authentication": {"auth_passs": SECRET}}]}),
    ("director_configuration", {"vrrp_instances": [{**INSTANCE, "auth_pass": SECRET}]}),
    ("director_configuration", {"vrrp_instances": {"a": {"auth_pass": SECRET}}}),
]  # fmt: skip


@pytest.mark.parametrize(("module", "options"), SLIPS, ids=[f"{n}-{m}" for n, (m, _options) in enumerate(SLIPS)])
def test_a_mistyped_secret_is_not_in_the_result(run: Any, module: str, options: dict[str, Any]) -> None:
    failed = run(module, **options)
    assert failed["failed"] is True
    assert SECRET not in json.dumps(failed)
    assert "module_args" in failed["invocation"]


def test_what_is_no_secret_is_in_the_invocation(run: Any) -> None:
    failed = run("vrrp_instance", **{**INSTANCE, "virtual_router_id": 700}, authentication={"auth_pass": SECRET})
    arguments = failed["invocation"]["module_args"]
    assert (arguments["interface"], arguments["virtual_router_id"]) == ("eth0", 700)
    assert arguments["authentication"] == {"auth_type": "PASS", "auth_pass": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}


SERVICE = {"address": "192.0.2.1", "port": 80}


@pytest.mark.parametrize(
    ("module", "options", "place"),
    [
        ("vrrp_instance", {**INSTANCE, "notify": "a\udce4"}, "notify"),
        ("vrrp_instance", {**INSTANCE, "name": "a\udce4"}, "name"),
        ("vrrp_instance", {**INSTANCE, "state": "a\udce4"}, "state"),
        ("vrrp_instance", {**INSTANCE, "config_dir": "/x\udce4"}, "config_dir"),
        ("vrrp_instance", {**INSTANCE, "authentication": {"auth_pass": "x\udce4y"}}, "authentication.auth_pass"),
        ("vrrp_instance", {**INSTANCE, "virtual_ipaddress": [{"address": "\ud800"}]}, "virtual_ipaddress[0].address"),
        ("vrrp_instance", {**INSTANCE, "x\udce4": 1}, "Unsupported parameters"),
        ("ipvs_service", {**SERVICE, "quorum_up": "\udfff"}, "quorum_up"),
        ("ipvs_real_server", {"virtual_server": {"address": "\udce4"}, "address": "x"}, "virtual_server.address"),
        ("vrrp_sync_group", {"name": "g", "group": ["a", "b\udce4"]}, "group[1]"),
        ("director_globals", {"router_id": "\udce4"}, "router_id"),
        ("director_configuration", {"globals": {"router_id": "\udce4"}}, "globals.router_id"),
        ("director_info", {"install_dir": "/\udce4"}, "install_dir"),
    ],
)  # fmt: skip
def test_a_lone_surrogate_is_one_clear_error(run: Any, host: Any, module: str, options: Any, place: str) -> None:
    failed = run(module, **options)
    assert failed["failed"] is True
    assert place in json.dumps(failed["msg"])
    assert "Traceback" not in json.dumps(failed)
    assert not Path(host["config_dir"]).exists()
