# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full while a configuration is written: one clear message, and every file as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lvs.director.tests.unit.conftest import small_disk

PAIR = {"interface": "eth0", "virtual_router_id": 20, "virtual_ipaddress": [{"address": "192.0.2.10/24"}]}
LARGE = [
    {
        "address": "192.0.2.10",
        "port": port,
        "real_servers": [{"address": f"10.0.0.{n}", "port": 80} for n in range(1, 99)],
    }
    for port in range(1, 9)
]


def files(folder: str) -> dict[str, str]:
    return {str(path): path.read_text() for path in Path(folder).rglob("*") if path.is_file()}


def test_many_files_are_all_written_or_none(run: Any, host: Any, daemon: Any) -> None:
    run("director_configuration", globals={"router_id": "a"}, vrrp_instances=[{"name": "a", **PAIR}])
    before = files(host["config_dir"])
    reloads = daemon.asked.count(("lvsd", "reload"))
    changed = {"globals": {"router_id": "b"}, "vrrp_instances": [{"name": "b", **PAIR}], "ipvs_services": LARGE}
    with small_disk(Path(host["config_dir"]), 48) as on_it:
        failed = run("director_configuration", before=on_it, **changed)
    assert failed["failed"] is True
    assert failed["msg"].startswith(f"{host['config_dir']}/conf.d/virtual_server-192.0.2.10-")
    assert failed["msg"].endswith("cannot be written: No space left on device; the files are as they were")
    assert files(host["config_dir"]) == before
    assert daemon.asked.count(("lvsd", "reload")) == reloads


def test_one_file_stays_as_it_was(run: Any, host: Any) -> None:
    run("vrrp_instance", name="a", **PAIR)
    before = files(host["config_dir"])
    addresses = [{"address": f"192.0.2.{n}/24"} for n in range(1, 250)]
    with small_disk(Path(host["config_dir"]), 8) as on_it:
        failed = run("vrrp_instance", before=on_it, name="a", **{**PAIR, "virtual_ipaddress": addresses})
    assert failed["failed"] is True
    assert "No space left on device; the files are as they were" in failed["msg"]
    assert files(host["config_dir"]) == before
