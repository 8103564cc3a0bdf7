# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file system of the runtime directory is full for a while, and a worker is killed before, during and after it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from directors import Director, alone
from network import Network, eventually, lines


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system with little room."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], check=True, timeout=20)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=20)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert os.statvfs(folder).f_bavail == 0
    return filler


def killed(director: Director) -> None:
    """Kill the router; returns once the next one answers."""
    pid = director.pid("vrrp")
    assert pid
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: director.pid("vrrp") not in (None, pid), within=10)


def test_the_state_is_written_when_room_returns_and_a_crash_resumes(network: Network, small: Path) -> None:
    network.folder = small
    director = alone(network)
    state = director.run / "vrrp" / "vrrp.state"
    filler = fill(small)
    killed(director)  # its successor finds the state, and no room for its own
    eventually(lambda: any("vrrp.state: not written" in line for line in lines(director.log)), within=5)
    eventually(director.active, within=8)
    assert not state.exists()
    seen = len(director.lvsctl("events")[1].splitlines())
    filler.unlink()
    eventually(state.exists, within=8)
    eventually(lambda: int((director.run / "vrrp.pid").read_text()) == director.pid("vrrp"), within=5)
    new = director.lvsctl("events")[1].splitlines()[seen:]
    assert all(" -> " not in line for line in new)  # no transition was needed for it
    killed(director)
    eventually(director.active, within=8)
    resumed = [line for line in lines(director.log) if "VI_1: resumed as Active" in line]
    assert len(resumed) == 2  # of the state from before, and of the one that was written again
    assert sum("vrrp.state: not written" in line for line in lines(director.log)) == 1
    assert sum("vrrp.state: written again" in line for line in lines(director.log)) == 1
