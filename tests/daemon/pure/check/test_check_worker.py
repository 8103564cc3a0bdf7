# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker's process around a table of plain dictionaries: begin, take, release, depart; and what it writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lvsd.check.worker import CheckerWorker, write
from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import ServiceKey
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration, RealServer, VirtualServer

from tests.support.ipvs_table import IpvsTable

KEY = ServiceKey.at(ip_address("192.0.2.10"), 80)


def configured(*servers: int) -> Configuration:
    reals = tuple(RealServer(address=ip_address(f"10.0.0.{n}")) for n in servers)
    virtual = VirtualServer(address=KEY.address, port=80, protocol="TCP", real_servers=reals)
    return Configuration(virtual_servers=(virtual,))


class Process:
    """A worker that has begun."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.kernel = IpvsTable()
        ipvs: Ipvs = self.kernel  # type: ignore[assignment]
        self.state = folder / "run" / "checker" / "checker.state"
        chosen = WorkerOptions(
            config=folder / "checker.conf", runtime_dir=folder / "run", state_dir=folder / "lib", **options
        )
        self.worker = CheckerWorker(chosen, Loop(), ipvs)
        self.worker.prepare(configured(11))
        assert self.worker.ipvs is ipvs  # what is given is not opened again
        self.worker.begin(configured(11))

    @property
    def servers(self) -> list[int]:
        return sorted(int(key.address) & 0xFF for key in self.kernel.table.destinations)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.worker.checker.services.stop()
    process.worker.close()


def test_it_begins_with_its_services_in_the_kernel(process: Process) -> None:
    assert process.servers == [11]
    assert set(process.worker.verbs()) == {"show", "drain", "enable", "weight"}
    assert process.worker.notifier is process.worker.checker.notifier


def test_it_takes_another_configuration(process: Process) -> None:
    answer = process.worker.take(configured(12))
    assert process.servers == [12]
    assert answer["changes"]["servers"] == {
        "added": [f"10.0.0.12:80 of {KEY}"],
        "removed": [f"10.0.0.11:80 of {KEY}"],
    }


def test_at_a_stop_its_services_leave_the_kernel(process: Process) -> None:
    process.worker.release()
    assert process.kernel.table.services == {}
    assert not process.state.exists()


def test_for_a_successor_all_stays(process: Process) -> None:
    process.worker.depart()
    assert process.servers == [11]
    assert process.state.exists()
    assert process.worker.reporter.events.since(0)[-1]["message"] == "checker: leaves its place to a successor"


def test_what_is_to_stay_at_a_stop_stays(tmp_path: Path) -> None:
    process = Process(tmp_path, release=False)
    process.worker.release()
    assert process.servers == [11]
    process.worker.close()


def test_its_file_is_written_again_where_it_was_removed(process: Process) -> None:
    process.state.unlink()
    process.worker.write_again()
    assert process.state.exists()


def test_an_order_outlives_the_process(tmp_path: Path) -> None:
    first = Process(tmp_path)
    first.worker.verbs()["drain"]({"service": str(KEY), "server": "10.0.0.11"})
    first.worker.depart()
    first.worker.close()
    second = Process(tmp_path)
    assert [value.weight for value in second.kernel.table.destinations.values()] == [0]
    second.worker.depart()
    second.worker.close()


# --- what it writes -----------------------------------------------------------------------------


def test_a_file_is_replaced_whole_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "servers.json"
    for text in ("one", "another text", ""):
        write(path, text)
        assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert os.listdir(path.parent) == ["servers.json"]  # nothing half-written is left


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "servers.json").mkdir()
    with pytest.raises(OSError, match=r"servers\.json|folder|directory"):
        write(tmp_path / "servers.json", "text")
    assert os.listdir(tmp_path) == ["servers.json"]
