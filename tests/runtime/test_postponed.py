# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a daemon does not keep in memory, because it hardly ever needs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lvsd import conf

LOADED = """
import json, sys
from lvsd import __main__, options
from lvsd.supervisor import daemon
options.parse(["-n", "-f", "/etc/lvsd/lvsd.conf"])
for worker in options.WORKERS:
    __main__.job(worker)
print(json.dumps(sorted(sys.modules)))
"""
HARDLY_NEEDED = {"ast", "dis", "tokenize", "linecache"}  # inspect
HARDLY_NEEDED |= {"traceback", "shutil", "bz2", "lzma", "ssl", "subprocess", "threading"}


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


ROUTER = "vrrp_instance one {{\n virtual_router_id 1\n interface lo\n {}\n}}\n"
GROUP = "vrrp_sync_group all {{\n group {{\n one\n }}\n {}\n}}\n"
SERVICE = "virtual_server 192.0.2.1 80 {{\n {}\n real_server 192.0.2.2 80 {{\n {}\n }}\n}}\n"
SCRIPTS = {
    "a change of an instance": ROUTER.format("notify_backup /bin/true"),
    "a change of a group": ROUTER.format("") + GROUP.format("notify /bin/true"),
    "a quorum": SERVICE.format("quorum_up /bin/true", ""),
    "a real server": SERVICE.format("", "notify_down /bin/true"),
    "a check": SERVICE.format("", "MISC_CHECK {\n misc_path /bin/true\n }"),
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_a_configuration_with_a_script_runs_programs(text: str) -> None:
    assert conf.runs_programs(conf.parse(text).configuration)


def test_a_configuration_without_scripts_runs_none() -> None:
    text = ROUTER.format("") + GROUP.format("") + SERVICE.format("", "TCP_CHECK {\n }")
    assert not conf.runs_programs(conf.parse(text).configuration)


@pytest.mark.parametrize(("script", "loaded"), [("", False), ("quorum_up /bin/true", True)])
def test_the_parent_imports_what_scripts_need_before_it_forks(tmp_path: Path, script: str, loaded: bool) -> None:
    (tmp_path / "conf").write_text(SERVICE.format(script, ""))
    program = f"""
import sys
from lvsd import options
from lvsd.supervisor import daemon
daemon.load(options.parse(["-f", {str(tmp_path / "conf")!r}]))
print("subprocess" in sys.modules)
"""
    assert python(program) == f"{loaded}\n"
