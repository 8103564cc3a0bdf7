# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a daemon does not keep in memory, because it hardly ever needs it."""

import inspect
import json
import subprocess
import sys
from importlib.util import LazyLoader

import pytest
from lvsd import conf
from lvsd.postponed import POSTPONED, Postponing, import_dataclasses

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


@pytest.mark.parametrize("name", ["json", "inspector", "no_such_module"])
def test_every_other_module_is_left_to_the_others(name: str) -> None:
    assert Postponing.find_spec(name) is None


def test_the_postponed_module_is_found_where_it_is_and_loads_itself_later() -> None:
    spec = Postponing.find_spec(POSTPONED)
    assert spec is not None
    assert isinstance(spec.loader, LazyLoader)
    assert spec.origin == inspect.__file__


def test_nothing_stays_in_the_way_of_imports() -> None:
    before, module = list(sys.meta_path), sys.modules[POSTPONED]
    import_dataclasses()
    assert sys.meta_path == before
    assert sys.modules[POSTPONED] is module


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
def test_every_program_that_is_configured_is_known(text: str) -> None:
    (command,) = conf.commands(conf.parse(text).configuration)
    assert command.words == ("/bin/true",)


def test_a_configuration_without_scripts_runs_no_program() -> None:
    text = ROUTER.format("") + GROUP.format("") + SERVICE.format("", "TCP_CHECK {\n }")
    assert not list(conf.commands(conf.parse(text).configuration))
