# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that works at nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.pure.worker.third_process import Third


@pytest.fixture
def third(tmp_path: Path) -> Iterator[Third]:
    third = Third(tmp_path)
    third.write(80)
    yield third
    for process in third.processes:
        process.kill()
        process.wait()
