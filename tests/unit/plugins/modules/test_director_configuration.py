# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole configuration in one transaction."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from ansible_collections.lvs.director.tests.unit.conftest import program

WHOLE: dict[str, Any] = {
    "globals": {"router_id": "director-01"},
    "vrrp_instances": [
        {
            "name": name,
            "interface": interface,
            "virtual_router_id": number,
            "authentication": {"auth_pass": "hunter2!"},
            "unicast_src_ip": "10.10.10.10",
            "unicast_peer": [{"address": "10.10.10.11"}],
            "virtual_ipaddress": [{"address": address, "dev": interface}],
        }
        for name, interface, number, address in (("a", "eth0", 20, "192.0.2.10/24"), ("b", "eth2", 30, "10.0.0.1/24"))
    ],
    "vrrp_sync_groups": [{"name": "g", "group": ["a", "b"]}],
    "ipvs_services": [
        {
            "address": "192.0.2.10",
            "port": 80,
            "lb_algo": "wrr",
            "sorry_server": {"address": "10.0.0.1", "port": 80},
            "real_servers": [
                {"address": "10.0.0.11", "weight": 2, "HTTP_GET": [{"url": [{"status_code": ["200"]}]}]},
                {"address": "10.0.0.12"},
            ],
        }
    ],
}


def tree(host: Any) -> dict[str, str]:
    folder = Path(host["config_dir"])
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.conf")}


def test_check_do_again_and_prune(run: Any, host: Any) -> None:
    check = run("director_configuration", check=True, **WHOLE)
    assert (check["changed"], len(check["files"]), Path(host["config_dir"]).exists()) == (True, 7, False)
    done = run("director_configuration", **WHOLE)
    assert (done["changed"], done["diff"]) == (True, check["diff"])
    assert len(tree(host)) == 7
    assert "hunter2" not in str(done)
    assert run("director_configuration", **WHOLE)["changed"] is False

    by_hand = Path(host["config_dir"]) / "conf.d" / "mine.conf"
    by_hand.write_text("# mine\n")
    fewer = {**WHOLE, "vrrp_sync_groups": [], "ipvs_services": []}
    assert run("director_configuration", **fewer, prune=False)["changed"] is False
    pruned = run("director_configuration", **fewer, allow_removal=["all"])
    assert {entry["action"] for entry in pruned["files"]} == {"removed"}
    assert sorted(tree(host)) == [
        "conf.d/mine.conf",
        "conf.d/vrrp_instance-a.conf",
        "conf.d/vrrp_instance-b.conf",
        "lvsd.conf",
    ]


def test_seven_files_are_one_reload_and_a_refusal_takes_all_back(run: Any, host: Any, daemon: Any) -> None:
    assert run("director_configuration", **WHOLE)["reloaded"] is True
    assert daemon.asked.count(("lvsd", "reload")) == 1
    before = tree(host)
    daemon.refusal = {"ok": False, "error": "no", "findings": []}
    changed = {**WHOLE, "globals": {"router_id": "other"}, "ipvs_services": []}
    assert "lvsd refused" in run("director_configuration", **changed, allow_removal=["all"])["msg"]
    assert tree(host) == before


def test_the_last_of_anything_goes_only_with_a_word(run: Any, host: Any, daemon: Any) -> None:
    run("director_configuration", **WHOLE)
    before, asked = tree(host), len(daemon.asked)
    key = "192.0.2.10:80/TCP"
    for check in (True, False):
        for lost in ({}, {**WHOLE, "ipvs_services": []}):
            refused = run("director_configuration", check=check, **lost)
            assert refused["failed"] is True
            assert f"virtual_server {key} (the last virtual_server)" in refused["msg"]
            assert f"virtual_server {key}" in refused["removed"]
        other = run("director_configuration", check=check, **WHOLE, allow_removal=["a"])
        assert (other["changed"], other["removed"]) == (False, [])
    assert tree(host) == before
    assert ("lvsd", "reload") not in daemon.asked[asked:]
    without = {**WHOLE, "ipvs_services": []}
    check = run("director_configuration", check=True, **without, allow_removal=[key])
    assert check["removed"] == [f"virtual_server {key}"]
    done = run("director_configuration", **without, allow_removal=[key])
    assert (done["changed"], done["removed"]) == (True, check["removed"])
    assert run("director_configuration", **without)["changed"] is False  # a gateway without services


def test_files_that_the_daemon_has_not_read_are_a_reload(run: Any, host: Any, daemon: Any) -> None:
    run("director_configuration", **WHOLE)
    daemon.loaded_at = 1.0
    assert run("director_configuration", check=True, **WHOLE)["changed"] is True
    assert run("director_configuration", **WHOLE)["reloaded"] is True
    daemon.loaded_at = 2e9
    assert run("director_configuration", **WHOLE)["changed"] is False


def test_a_configuration_by_hand_is_not_replaced(run: Any, host: Any, daemon: Any) -> None:
    by_hand = Path(host["config_dir"]) / "lvsd.conf"
    by_hand.parent.mkdir()
    by_hand.write_text("vrrp_instance mine {\n}\n")
    for check in (True, False):
        refused = run("director_configuration", check=check, **WHOLE)
        assert refused["failed"] is True
        assert f"{by_hand}: not written by this collection" in refused["msg"]
    assert tree(host) == {"lvsd.conf": "vrrp_instance mine {\n}\n"}
    assert ("lvsd", "reload") not in daemon.asked
    by_hand.rename(by_hand.with_name("before"))
    assert run("director_configuration", **WHOLE)["changed"] is True


def lock(host: Any) -> None:
    """As Emacs marks a file that somebody edits."""
    for folder in (Path(host["config_dir"]), Path(host["config_dir"]) / "conf.d"):
        folder.mkdir(exist_ok=True)
        (folder / ".#lvsd.conf").symlink_to("root@director-01.4711:1700000000")


def test_a_lock_of_an_editor_is_no_file_to_check(run: Any, host: Any) -> None:
    program(host["lvsd_path"], "#!/bin/sh\nexit 0\n")
    lock(host)
    assert run("director_configuration", **WHOLE)["changed"] is True
    assert run("director_configuration", **WHOLE)["changed"] is False


def test_a_lock_of_an_editor_is_no_file_that_the_daemon_reads(run: Any, host: Any, daemon: Any) -> None:
    run("director_configuration", **WHOLE)
    lock(host)
    assert run("director_configuration", **WHOLE)["changed"] is False
    daemon.loaded_at = 1.0
    assert run("director_configuration", **WHOLE)["reloaded"] is True


def test_a_warning_quotes_no_secret(run: Any, host: Any) -> None:
    by_hand = Path(host["config_dir"]) / "conf.d" / "mine.conf"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("@director-01 auth_pass h@n!d\n")
    finding = {"path": "FOLDER/conf.d/mine.conf", "line": 1, "severity": "warning", "message": "this is 'h@n'"}
    text = f"#!/bin/sh\nsed \"s,FOLDER,$(dirname $4),\" << 'END'\n{json.dumps([finding])}\nEND\n"
    program(host["lvsd_path"], text)
    warnings = str(run("director_configuration", **WHOLE)["warnings"])
    assert f"{by_hand}:1: this is '(hidden)'" in warnings
    assert "h@n" not in warnings


def test_real_servers_of_a_service_without_a_list_are_left_alone(run: Any, host: Any) -> None:
    services = [{"address": "192.0.2.10", "port": 80}]
    run("ipvs_real_server", virtual_server=services[0], address="10.0.0.11")
    run("director_configuration", ipvs_services=services)
    assert "conf.d/virtual_server-192.0.2.10-80-TCP.d/real_server-10.0.0.11-80.conf" in tree(host)


def test_a_wrong_global_definition_is_named(run: Any) -> None:
    assert "vrrp_version" in run("director_configuration", globals={"vrrp_version": 4})["msg"]
    assert "routre_id" in run("director_configuration", globals={"routre_id": "x"})["msg"]


def test_the_daemons_parser_reads_the_tree_before_the_disk_does(run: Any, host: Any) -> None:
    finding = '{"path": "%s", "line": 2, "severity": "error", "message": "no such keyword"}'
    text = f"""#!{sys.executable}
import glob, os, sys
path = sys.argv[sys.argv.index("-f") + 1]
files = glob.glob(os.path.dirname(path) + "/conf.d/*.conf")
if len(files) == 4:
    sys.exit(0)
print('{{"findings": [{finding}]}}' % path)
sys.exit(5)
"""
    program(host["lvsd_path"], text)
    assert run("director_configuration", **WHOLE)["changed"] is True
    refused = run("director_configuration", globals={"router_id": "other"}, allow_removal=["all"])
    assert refused["failed"] is True
    assert f"{host['config_dir']}/lvsd.conf:2: no such keyword" in refused["msg"]
    assert 'router_id "director-01"' not in tree(host)["lvsd.conf"]
    assert "router_id director-01" in tree(host)["lvsd.conf"]


def test_the_tree_is_valid_for_keepalived(run: Any, host: Any) -> None:
    import subprocess

    lo = [{**entry, "interface": "lo"} for entry in WHOLE["vrrp_instances"]]
    run("director_configuration", **{**WHOLE, "vrrp_instances": lo})
    keepalived = shutil.which("keepalived") or "/usr/sbin/keepalived"
    assert os.path.exists(keepalived), "keepalived is one of the tools that the tests install"
    done = subprocess.run(
        [keepalived, "-t", "-f", f"{host['config_dir']}/lvsd.conf"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "nterface" not in line and "using" not in line]
    assert not [line for line in complaints if "keyword" in line.lower() or "quote" in line or "missing" in line], (
        done.stderr
    )
