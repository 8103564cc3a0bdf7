# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks have found, in the file for the next process, and what it costs to keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd.check import state_codec, state_file
from lvsd.check.health import Health
from lvsd.check.state_codec import NO_RESULTS, Results
from lvsd.check.state_file import SLACK, CheckStateFile
from lvsd.loop import Loop

BOOT = "4f0c"
UP = Health(up=True, probe_at=0.0, observed=True, detail="status 200")
DOWN = Health(up=False, probe_at=0.0, observed=True, failures=2, detail="connection refused")


# --- in its file ---------------------------------------------------------------------------------


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


class Kept:
    """A recorder's file, and what was warned of."""

    def __init__(self, loop: Loop, folder: Path) -> None:
        self.path = folder / "checker.state"
        self.warnings: list[str] = []
        self.recorder = CheckStateFile(loop, self.path, BOOT, self.warnings.append)

    def read(self) -> Results:
        return CheckStateFile(self.recorder._loop, self.path, BOOT, self.warnings.append).read()


@pytest.fixture
def kept(loop: Loop, tmp_path: Path) -> Kept:
    return Kept(loop, tmp_path)


def test_without_a_file_nothing_is_known(kept: Kept) -> None:
    assert kept.recorder.read() == NO_RESULTS
    assert kept.warnings == []


def test_a_file_that_cannot_be_used_is_named_once(kept: Kept) -> None:
    kept.path.write_bytes(b"\xff\0")
    assert kept.recorder.read() == NO_RESULTS
    kept.path.unlink()
    kept.path.mkdir()
    assert kept.recorder.read() == NO_RESULTS
    assert len(kept.warnings) == 2


def test_what_was_noted_is_there_at_the_end_of_the_wake_up(kept: Kept, loop: Loop) -> None:
    kept.recorder.restart({"a": UP}, {"s": True})
    assert kept.read() == Results({"a": UP}, {"s": True})
    kept.recorder.check("a", DOWN)
    kept.recorder.quorum("s", False)
    loop.call_later(0, loop.stop)
    loop.run()
    assert kept.read() == Results({"a": DOWN}, {"s": False})
    kept.recorder.remove()
    assert kept.read() == NO_RESULTS


def test_a_flap_costs_a_line_however_many_checks_there_are(kept: Kept) -> None:
    kept.recorder.restart({str(n): UP for n in range(10_000)}, {})
    whole, before = kept.path.stat().st_size, kept.recorder.written
    kept.recorder.check("7", DOWN)
    kept.recorder.flush()
    kept.recorder.check("7", DOWN)  # nothing new
    kept.recorder.flush()
    assert kept.recorder.written - before == 1
    assert kept.path.stat().st_size - whole == len(state_codec.check("7", DOWN))
    for turn in range(30_000):
        kept.recorder.check(str(turn % 3), DOWN if turn // 3 % 2 else UP)
        kept.recorder.flush()
    assert kept.recorder.written - before < 2 * 30_000  # a line each, and one more for writing anew
    assert kept.path.read_text().count("\n") <= 2 * 10_000 + SLACK + 1
    assert kept.read().checks["7"] == DOWN


def test_a_file_that_vanished_is_made_whole_again(kept: Kept) -> None:
    kept.recorder.restart({"a": UP}, {})
    kept.path.unlink()
    kept.recorder.check("b", DOWN)
    kept.recorder.flush()
    assert kept.read().checks == {"a": UP, "b": DOWN}


def test_a_file_that_somebody_removed_is_written_again_until_it_was_given_up(kept: Kept) -> None:
    kept.recorder.restart({"a": UP}, {})
    kept.recorder.check("b", DOWN)
    kept.path.unlink()
    kept.recorder.write_again()
    assert kept.read().checks == {"a": UP, "b": DOWN}
    kept.recorder.remove()
    kept.recorder.write_again()
    assert not kept.path.exists()


def test_a_file_that_cannot_be_kept_is_said_once_and_not_left_behind(kept: Kept) -> None:
    kept.recorder.restart({"a": UP}, {})
    obstacle = kept.path.with_name(".checker.state.new")
    obstacle.mkdir()
    kept.path.unlink()
    for health in (DOWN, UP):
        kept.recorder.check("a", health)
        kept.recorder.flush()
    assert not kept.path.exists()
    assert len(kept.warnings) == 1
    obstacle.rmdir()
    kept.recorder.check("a", DOWN)
    kept.recorder.flush()
    assert kept.read().checks == {"a": DOWN}


def test_a_file_for_which_there_was_no_room_is_written_when_there_is_without_anything_new(
    kept: Kept, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "WRITE_AGAIN", 0.02)
    obstacle = kept.path.with_name(".checker.state.new")
    obstacle.mkdir()
    kept.recorder.restart({"a": DOWN}, {})
    loop.call_later(0.1, loop.stop)
    loop.run()
    assert kept.warnings == [f"{kept.path}: not written, a successor would begin anew: Is a directory"]
    loop.call_later(0, obstacle.rmdir)
    loop.call_later(0.1, loop.stop)
    loop.run()
    assert kept.read().checks == {"a": DOWN}
    assert kept.warnings[1:] == [f"{kept.path}: written again"]


def test_a_file_that_was_given_up_is_not_written_later(kept: Kept, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "WRITE_AGAIN", 0.02)
    obstacle = kept.path.with_name(".checker.state.new")
    obstacle.mkdir()
    kept.recorder.restart({"a": DOWN}, {})
    kept.recorder.remove()
    obstacle.rmdir()
    loop.call_later(0.1, loop.stop)
    loop.run()
    assert not kept.path.exists()
