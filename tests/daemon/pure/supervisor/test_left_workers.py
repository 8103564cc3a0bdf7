# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a parent finds of one that has ended in no order: a note, or who answers, if that is a worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import eventually
from lvsd.supervisor.fork import fork
from lvsd.supervisor.left_workers import serving, something_is_left
from lvsd.worker.registry import WORKERS
from workers_at_hand import answering


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[int]:
    """A process that answers on a worker's socket, and is none."""
    control = tmp_path / WORKERS["checker"].socket
    pid = fork(answering(control))
    eventually(control.exists, within=10)
    yield pid
    os.kill(pid, 9)
    os.waitpid(pid, 0)


def test_an_empty_folder_has_nothing_of_a_worker(tmp_path: Path) -> None:
    assert not something_is_left(tmp_path)
    assert serving(tmp_path / WORKERS["vrrp"].socket) is None


@pytest.mark.parametrize("worker", WORKERS)
def test_a_note_is_there_although_no_process_is(worker: str, tmp_path: Path) -> None:
    note = tmp_path / WORKERS[worker].state
    note.parent.mkdir()
    note.symlink_to("/nowhere")  # whatever it is
    assert something_is_left(tmp_path)


def test_who_answers_is_named_and_counts_only_as_a_worker(stranger: int, tmp_path: Path) -> None:
    assert serving(tmp_path / WORKERS["checker"].socket) == stranger
    assert not something_is_left(tmp_path)
