# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services with their real servers: who owns which file, draining, and waiting for connections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SERVICE = {"address": "192.0.2.10", "port": 80}
SERVER = {"virtual_server": SERVICE, "address": "198.51.100.11"}
FOLDER = "conf.d/virtual_server-192.0.2.10-80-TCP.d"


def names(host: Any) -> list[str]:
    folder = Path(host["config_dir"]) / FOLDER
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_inline_real_servers_are_files_and_the_rest_is_removed(run: Any, host: Any) -> None:
    first, second = {"address": "198.51.100.11", "weight": 2}, {"address": "198.51.100.12"}
    run("ipvs_service", **SERVICE, real_servers=[first, second])
    assert names(host) == ["real_server-198.51.100.11-80.conf", "real_server-198.51.100.12-80.conf"]
    assert run("ipvs_service", **SERVICE, real_servers=[first, second])["changed"] is False
    done = run("ipvs_service", **SERVICE, real_servers=[second])
    assert [entry["action"] for entry in done["files"]] == ["removed"]
    assert run("ipvs_service", **SERVICE)["changed"] is False
    assert names(host) == ["real_server-198.51.100.12-80.conf"]
    assert run("ipvs_service", **SERVICE, state="absent")["changed"] is True
    assert not (Path(host["config_dir"]) / FOLDER).exists()


def test_a_file_by_hand_stays(run: Any, host: Any) -> None:
    run("ipvs_service", **SERVICE, real_servers=[{"address": "198.51.100.11"}])
    (Path(host["config_dir"]) / FOLDER / "mine.conf").write_text("real_server 198.51.100.99 80 {\n}\n")
    run("ipvs_service", **SERVICE, real_servers=[])
    assert names(host) == ["mine.conf"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"port": 0}, "persistence_timeout"),
        ({"lb_kind": "DR", "real_servers": [{"address": "198.51.100.11", "port": 8080}]}, "cannot change the port"),
        ({"real_servers": [{"address": "2001:db8::1"}]}, "TUN"),
        ({"real_servers": [{"address": "198.51.100.11"}, {"address": "198.51.100.11", "port": 80}]}, "twice"),
        ({"real_servers": [{"address": "web1"}]}, r"real_server.address: 'web1'"),
        ({"real_servers": [{"address": "198.51.100.11", "weight": 70000}]}, "not within 0 and 65535"),
        ({"tunnel": {"type": "gue"}}, "lb_kind TUN"),
        ({"ops": True}, "UDP"),
        ({"lb_algo": "fastest"}, "lb_algo"),
    ],
)
def test_what_ipvs_would_not_take_is_refused_with_the_reason(run: Any, host: Any, options: Any, reason: str) -> None:
    result = run("ipvs_service", **{**SERVICE, **options})
    assert result["failed"] is True
    assert reason in result["msg"]
    assert not Path(host["config_dir"]).exists()


def service(admin: str = "enabled") -> dict[str, Any]:
    return {"key": "192.0.2.10:80/TCP", "servers": [{"key": "198.51.100.11:80", "admin": admin, "weight": 1}]}


def test_drain_enable_and_again(run: Any, daemon: Any) -> None:
    daemon.services = [service()]
    assert run("ipvs_real_server", check=True, **SERVER, state="drained")["changed"] is True
    assert daemon.services[0]["servers"][0]["admin"] == "enabled"
    done = run("ipvs_real_server", **SERVER, state="drained")
    assert (done["changed"], done["live"]["admin"]) == (True, "drained")
    assert run("ipvs_real_server", **SERVER, state="drained")["changed"] is False
    assert run("ipvs_real_server", **SERVER, state="enabled")["changed"] is True
    assert run("ipvs_real_server", **SERVER, state="enabled")["changed"] is False


def test_drained_waits_for_the_last_connection(run: Any, daemon: Any) -> None:
    daemon.services = [service()]
    daemon.connections = [3, 3, 2, 1, 0]
    done = run("ipvs_real_server", **SERVER, state="drained", wait=30)
    assert (done["changed"], done["connections"]) == (True, 0)
    assert 0 < done["waited"] < 30


def test_connections_that_are_left_fail_the_task_and_are_counted(run: Any, daemon: Any) -> None:
    daemon.services = [service()]
    daemon.connections = [3]
    failed = run("ipvs_real_server", **SERVER, state="drained", wait=0.5)
    assert (failed["failed"], failed["connections"], failed["live"]["admin"]) == (True, 3, "drained")


def test_absent_with_wait_drains_first_and_keeps_a_busy_server(run: Any, host: Any, daemon: Any) -> None:
    daemon.services = [service()]
    run("ipvs_real_server", **SERVER)
    daemon.connections = [1]
    assert run("ipvs_real_server", **SERVER, state="absent", wait=0.3)["failed"] is True
    assert names(host) == ["real_server-198.51.100.11-80.conf"]
    daemon.connections = [1, 0]
    assert run("ipvs_real_server", **SERVER, state="absent", wait=30)["changed"] is True
    assert names(host) == []


def test_draining_needs_the_daemon(run: Any) -> None:
    failed = run("ipvs_real_server", **SERVER, state="drained")
    assert (failed["failed"], "is not running" in failed["msg"]) == (True, True)


def test_draining_needs_the_server(run: Any, daemon: Any) -> None:
    failed = run("ipvs_real_server", **SERVER, state="drained")
    assert (failed["failed"], "no real server 198.51.100.11:80" in failed["msg"]) == (True, True)
