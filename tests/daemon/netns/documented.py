# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `director_info` returns, beside what its RETURN says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

MODULE = Path(__file__).parents[3] / "plugins" / "modules" / "director_info.py"


def described() -> dict[str, Any]:
    """The RETURN of the module."""
    text = re.search(r'RETURN = r"""(.*?)"""', MODULE.read_text(), re.DOTALL)
    assert text is not None
    found: dict[str, Any] = yaml.safe_load(text[1])
    return found


def differences(value: Any, entry: dict[str, Any], place: str) -> Iterator[str]:
    """Keys that are there and not described, or the other way round; what the counters hold is not judged."""
    contains = entry.get("contains")
    if isinstance(value, list):
        for item in value:
            yield from differences(item, entry, f"{place}[]")
    elif isinstance(value, dict) and contains is not None:
        yield from (f"{place}.{name} is not described" for name in value.keys() - contains.keys())
        yield from (f"{place}.{name} is not there" for name in contains.keys() - value.keys())
        for name in value.keys() & contains.keys():
            yield from differences(value[name], contains[name], f"{place}.{name}")
