# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services with their real servers: who owns which file, draining, and waiting for connections."""

from __future__ import annotations

import socket
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
        ({"real_servers": [{"address": "198.51.100.11", "weight": 70000}]}, "outside 0 to 65535"),
        ({"tunnel": {"type": "gue"}}, "lb_kind TUN"),
        ({"real_servers": [{"address": "198.51.100.11", "tunnel": {"type": "ipip"}}]}, "lb_kind is NAT"),
        (
            {"lb_kind": "TUN", "real_servers": [{"address": "198.51.100.11", "lb_kind": "DR", "tunnel": {}}]},
            "lb_kind is DR",
        ),
        ({"ops": True}, "UDP"),
        ({"lb_algo": "fastest"}, "lb_algo"),
    ],
)
def test_what_ipvs_would_not_take_is_refused_with_the_reason(run: Any, host: Any, options: Any, reason: str) -> None:
    result = run("ipvs_service", **{**SERVICE, **options})
    assert result["failed"] is True
    assert reason in result["msg"]
    assert not Path(host["config_dir"]).exists()


def test_a_server_has_its_own_tunnel_by_the_services_method(run: Any, host: Any) -> None:
    gue = {"address": "198.51.100.11", "tunnel": {"type": "gue", "port": 6080}}
    run("ipvs_service", **SERVICE, lb_kind="TUN", real_servers=[gue, {"address": "198.51.100.12"}])
    folder = Path(host["config_dir"]) / FOLDER
    assert "lvs_method TUN type gue port 6080\n" in (folder / "real_server-198.51.100.11-80.conf").read_text()
    assert "lvs_method" not in (folder / "real_server-198.51.100.12-80.conf").read_text()

    alone = {**SERVER, "tunnel": gue["tunnel"]}
    assert run("ipvs_real_server", **alone)["changed"] is False
    assert run("ipvs_real_server", **alone, lb_kind="TUN")["changed"] is False
    assert "lb_kind is not given" in run("ipvs_real_server", **{**alone, "address": "198.51.100.13"})["msg"]


def test_a_service_for_all_ports_can_be_removed_by_its_name_alone(run: Any) -> None:
    every = {"address": "192.0.2.10", "port": 0}
    run("ipvs_service", **every, persistence_timeout=60)
    assert run("ipvs_service", **every, state="absent")["changed"] is True


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


def without_checker(daemon: Any, after: int = 0) -> None:
    """No checker behind its socket any more, once it has shown its services so often."""
    listener = daemon._sockets.pop()
    answer, left = daemon.answer, [after]

    def last_answers(worker: str, request: Any) -> Any:
        if (worker, request["verb"]) == ("checker", "show"):
            left[0] -= 1
            if left[0] == 0:
                listener.close()
        found = answer(worker, request)
        return {**found, "workers": [{"name": "checker", "pid": None}]} if worker == "lvsd" else found

    daemon.answer = last_answers
    if not after:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_checker_that_has_gone_has_not_said_that_no_connection_is_left(run: Any, host: Any, daemon: Any) -> None:
    run("ipvs_real_server", **SERVER)
    daemon.services, daemon.connections = [service("drained")], [3]
    without_checker(daemon, after=3)
    failed = run("ipvs_real_server", **SERVER, state="absent", wait=1)
    assert (failed["failed"], failed["connections"]) == (True, None)
    assert "cannot say how many connections to 198.51.100.11:80 of 192.0.2.10:80/TCP are left" in failed["msg"]
    assert names(host) == ["real_server-198.51.100.11-80.conf"]


def test_a_checker_that_is_started_again_is_waited_for(run: Any, daemon: Any) -> None:
    daemon.services, daemon.connections = [service()], [3]
    run("ipvs_real_server", **SERVER, state="drained")
    answer, told = daemon.answer, []

    def answers(worker: str, request: Any) -> Any:
        told.append(request["verb"])
        if len(told) in (3, 4):
            return {"ok": False, "error": "not yet"}
        daemon.connections = [0] if len(told) > 6 else [3]
        return answer(worker, request)

    daemon.answer = answers
    assert run("ipvs_real_server", **SERVER, state="drained", wait=60)["connections"] == 0
    assert len(told) > 6


def test_a_server_that_leaves_while_it_is_waited_for_is_counted_by_nobody(run: Any, daemon: Any) -> None:
    daemon.services, daemon.connections = [service()], [3]
    answer = daemon.answer

    def answers(worker: str, request: Any) -> Any:
        found = answer(worker, request)
        if request["verb"] == "drain":
            daemon.services = []
        return found

    daemon.answer = answers
    failed = run("ipvs_real_server", **SERVER, state="drained", wait=60)
    assert "not configured any more; the checker does not count what it had left" in failed["msg"]


def test_a_server_is_not_removed_undrained_while_the_checker_is_between_two_processes(
    run: Any, host: Any, daemon: Any
) -> None:
    run("ipvs_real_server", **SERVER)
    without_checker(daemon)
    failed = run("ipvs_real_server", **SERVER, state="absent", wait=5)
    assert "The checker is not running, so 198.51.100.11:80 cannot be drained" in failed["msg"]
    assert names(host) == ["real_server-198.51.100.11-80.conf"]


def test_a_server_of_somebody_elses_file_is_not_drained_to_remove_nothing(run: Any, daemon: Any) -> None:
    daemon.services = [service()]
    assert run("ipvs_real_server", **SERVER, state="absent", wait=5)["changed"] is False
    assert daemon.services[0]["servers"][0]["admin"] == "enabled"


def test_a_server_whose_file_went_without_a_reload_is_drained_first(run: Any, host: Any, daemon: Any) -> None:
    daemon.services, daemon.loaded_at = [service()], 1.0
    Path(host["config_dir"]).mkdir()
    would = run("ipvs_real_server", check=True, **SERVER, state="absent", wait=5)
    assert (would["changed"], daemon.services[0]["servers"][0]["admin"]) == (True, "enabled")
    done = run("ipvs_real_server", **SERVER, state="absent", wait=5)
    assert (done["changed"], done["reloaded"], done["connections"]) == (True, True, 0)
    assert daemon.services[0]["servers"][0]["admin"] == "drained"


def test_draining_needs_the_daemon(run: Any) -> None:
    failed = run("ipvs_real_server", **SERVER, state="drained")
    assert (failed["failed"], "is not running" in failed["msg"]) == (True, True)


def test_draining_needs_the_server(run: Any, daemon: Any) -> None:
    failed = run("ipvs_real_server", **SERVER, state="drained")
    assert (failed["failed"], "no real server 198.51.100.11:80" in failed["msg"]) == (True, True)


FILE = f"{FOLDER}/real_server-198.51.100.11-80.conf"
WHOLE = {
    "weight": 2,
    "uthreshold": 100,
    "inhibit_on_failure": False,
    "notify_up": "/bin/true 'a b'",
    "TCP_CHECK": [{"connect_timeout": 3}, {"connect_port": 81}],
    "HTTP_GET": [{"url": [{"path": "/", "status_code": ["200"]}]}],
    "lb_kind": "TUN",
    "tunnel": {"type": "gue", "port": 6080, "checksum": "csum"},
}


def text(host: Any) -> str:
    return (Path(host["config_dir"]) / FILE).read_text()


def test_what_a_task_does_not_name_stays(run: Any, host: Any) -> None:
    run("ipvs_real_server", **SERVER, **WHOLE)
    whole = text(host)
    done = run("ipvs_real_server", check=True, **SERVER, weight=7)
    assert done["diff"][0]["after"].replace("(hidden)", "") == whole.replace("weight 2", "weight 7")
    assert run("ipvs_real_server", **SERVER, weight=7)["changed"] is True
    assert text(host) == whole.replace("weight 2", "weight 7")
    for same in ({}, {"weight": 7}, {**WHOLE, "weight": 7}, {"TCP_CHECK": WHOLE["TCP_CHECK"]}, {"lb_kind": "TUN"}):
        assert run("ipvs_real_server", **SERVER, **same)["changed"] is False, same


@pytest.mark.parametrize(
    ("options", "gone", "there"),
    [
        ({"TCP_CHECK": []}, "TCP_CHECK", "HTTP_GET"),
        ({"TCP_CHECK": [{"retry": 1}]}, "connect_port 81", "retry 1"),
        ({"HTTP_GET": []}, "HTTP_GET", "connect_timeout 3"),
        ({"lb_kind": "DR"}, "TUN", "lvs_method DR\n"),
        ({"tunnel": {"type": "gre"}}, "gue", "lvs_method TUN type gre\n"),
        ({"inhibit_on_failure": True}, "inhibit_on_failure off", "inhibit_on_failure\n"),
        ({"notify_up": "/bin/false"}, "/bin/true", "notify_up /bin/false\n"),
    ],
)
def test_what_a_task_names_is_as_it_says(run: Any, host: Any, options: Any, gone: str, there: str) -> None:
    run("ipvs_real_server", **SERVER, **WHOLE)
    assert run("ipvs_real_server", **SERVER, **options)["changed"] is True
    assert gone not in text(host)
    assert there in text(host)
    assert run("ipvs_real_server", **SERVER, **options)["changed"] is False
    run("ipvs_real_server", **SERVER, state="absent")
    run("ipvs_real_server", **SERVER, **{name: WHOLE[name] for name in WHOLE if name != "tunnel"} | options)
    assert gone not in text(host)


def test_a_file_that_is_not_as_we_write_it_is_replaced(run: Any, host: Any) -> None:
    run("ipvs_real_server", **SERVER, weight=2)
    canonical = text(host)
    for torn in (canonical.replace("    weight", "weight"), canonical.replace("}\n", ""), canonical + "}\n"):
        (Path(host["config_dir"]) / FILE).write_text(torn)
        assert run("ipvs_real_server", **SERVER, weight=2)["changed"] is True
        assert text(host) == canonical


def test_enabled_with_a_weight_is_an_order_that_the_configured_weight_ends(run: Any, daemon: Any) -> None:
    daemon.services = [service("drained")]
    live = daemon.services[0]["servers"][0]
    assert run("ipvs_real_server", check=True, **SERVER, state="enabled", weight=5)["changed"] is True
    assert "weight_override" not in live
    done = run("ipvs_real_server", **SERVER, state="enabled", weight=5)
    assert (done["changed"], done["live"]["admin"], done["live"]["weight_override"]) == (True, "enabled", 5)
    assert run("ipvs_real_server", **SERVER, state="enabled", weight=5)["changed"] is False
    assert run("ipvs_real_server", **SERVER, state="enabled")["changed"] is False
    assert run("ipvs_real_server", **SERVER, state="enabled", weight=1)["live"]["weight_override"] is None
    assert run("ipvs_real_server", **SERVER, state="enabled", weight=1)["changed"] is False


@pytest.mark.parametrize(
    ("state", "options", "named"),
    [
        ("drained", {"weight": 3}, "weight"),
        ("enabled", {"weight": 3, "TCP_CHECK": [], "notify_up": "/bin/true"}, "notify_up, TCP_CHECK"),
    ],
)
def test_an_option_without_effect_is_refused(run: Any, daemon: Any, state: str, options: Any, named: str) -> None:
    daemon.services = [service()]
    failed = run("ipvs_real_server", **SERVER, state=state, **options)
    assert failed["msg"] == f"state {state} changes no file, so it has no use for {named}; use state present for that"
    assert ("checker", "drain") not in daemon.asked
