# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives the checker: the operator's orders, and the services that are ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvsd.check import overrides
from lvsd.check.memory import Memory
from lvsd.check.overrides import Order


def memory(folder: Path, warnings: list[str], fail: bool = False) -> Memory:
    def write(path: Path, text: str) -> None:
        if fail:
            raise OSError(28, "No space left on device")
        path.write_text(text)

    return Memory(folder, "boot", write, warnings.append)


def test_without_files_nothing_is_remembered_and_nothing_said(tmp_path: Path) -> None:
    warnings: list[str] = []
    assert memory(tmp_path, warnings).read_orders() == {}
    assert memory(tmp_path, warnings).read_owned() == frozenset()
    assert warnings == []


def test_a_half_written_file_is_named_and_counts_as_empty(tmp_path: Path) -> None:
    warnings: list[str] = []
    (tmp_path / "servers.json").write_text(overrides.render({("a", "b"): Order(True)})[:-9])
    (tmp_path / "services.json").write_bytes(b"\xff\xfe{}")
    assert memory(tmp_path, warnings).read_orders() == {}
    assert memory(tmp_path, warnings).read_owned() == frozenset()
    assert [warning.split(": ignored: ")[0] for warning in warnings] == [
        str(tmp_path / "servers.json"),
        str(tmp_path / "services.json"),
    ]


def test_a_full_disk_refuses_an_order_but_not_the_table(tmp_path: Path) -> None:
    warnings: list[str] = []
    full = memory(tmp_path, warnings, fail=True)
    full.keep_owned(frozenset({"192.0.2.10:80/TCP"}))
    assert "not written" in warnings[0]
    with pytest.raises(OSError, match="No space"):
        full.keep_orders({})
