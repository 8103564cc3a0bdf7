# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a daemon does not keep in memory, because it hardly ever needs it."""

import json
import subprocess
import sys

LOADED = """
import json, sys
from lvsd import __main__, options
from lvsd.supervisor import daemon
options.parse(["-n", "-f", "/etc/lvsd/lvsd.conf"])
for worker in options.WORKERS:
    __main__.job(worker)
print(json.dumps(sorted(sys.modules)))
"""
HARDLY_NEEDED = {"traceback", "shutil", "bz2", "lzma", "ssl"}


def python(program: str) -> str:
    """What `program` prints in an interpreter without anybody's site packages, as the role starts lvsd."""
    words = [sys.executable, "-S", "-c", program]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def test_parent_and_workers_have_not_imported_what_only_a_slip_needs() -> None:
    assert HARDLY_NEEDED & set(json.loads(python(LOADED))) == set()


def test_what_is_postponed_is_there_for_whoever_asks() -> None:
    program = "import lvsd, dataclasses, inspect; print(inspect.signature(dataclasses.replace))"
    assert python(program) == "(obj, /, **changes)\n"


def test_a_dataclass_without_docstring_is_described_as_ever() -> None:
    program = """
import lvsd
from dataclasses import dataclass
@dataclass
class Point:
    x: int
print(Point.__doc__)
"""
    assert python(program) == "Point(x: int)\n"


def test_a_module_that_is_there_already_stays() -> None:
    assert python("import inspect as before, lvsd, inspect; print(before is inspect)") == "True\n"
