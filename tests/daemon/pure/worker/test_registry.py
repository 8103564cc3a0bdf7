# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the workers."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest
from lvsd import conf
from lvsd.model import Configuration
from lvsd.worker.registry import WORKERS, Worker, sockets

RUNTIME = Path(__file__).parents[4] / "runtime" / "lvsd"
FOLDERS = tuple(f"{worker.module.split('.')[1]}/" for worker in WORKERS.values())
OWN_FILES = (*FOLDERS, "conf/grammar/", "ctl/")  # a worker's own folder, its words, its own commands


@pytest.mark.parametrize("worker", WORKERS.values(), ids=list(WORKERS))
def test_a_row_names_what_there_is(worker: Worker) -> None:
    assert callable(worker.main())
    assert set(worker.blocks) <= {field.name for field in fields(Configuration)}
    assert len(worker.process_name) <= 15  # the kernel cuts the rest off
    assert worker.socket in {f"{name}.sock" for name in sockets()}


def test_every_block_of_a_configuration_is_the_part_of_a_worker() -> None:
    blocks = {block for worker in WORKERS.values() for block in worker.blocks}
    assert blocks == {field.name for field in fields(Configuration)} - {"global_defs", "kept"}


@pytest.mark.parametrize(
    ("file", "worker", "expected"),
    [("a.log", "vrrp", "a_vrrp.log"), ("a.log", "checker", "a_healthcheckers.log"), ("log", "vrrp", "log_vrrp")],
)
def test_log_files_are_named_as_keepalived_names_them(file: str, worker: str, expected: str) -> None:
    assert WORKERS[worker].log_file(Path("/x") / file) == Path("/x") / expected


def test_vrrp_is_stopped_first_so_that_a_peer_takes_over() -> None:
    assert next(iter(WORKERS)) == "vrrp"


def test_a_kept_word_goes_to_the_workers_that_it_concerns() -> None:
    text = "static_routes {\n 192.0.2.0/24 dev lo\n}\nvirtual_server group web {\n lb_algo rr\n}\ninstance blue\n"
    parts = conf.parts(conf.parse(text).configuration)
    words = {name: [statement.words[0] for statement in part.kept] for name, part in parts.items()}
    assert words["vrrp"] == ["static_routes", "instance"]
    assert words["checker"] == ["instance", "virtual_server"]


def test_no_other_file_knows_the_workers_by_name() -> None:
    """What the parent, the command line and the language do for one worker they do for each row."""
    named = {
        str(path.relative_to(RUNTIME))
        for path in RUNTIME.rglob("*.py")
        if any(
            isinstance(node, ast.Constant) and node.value in WORKERS for node in ast.walk(ast.parse(path.read_text()))
        )
    }
    assert {name for name in named if not name.startswith(OWN_FILES)} == {"worker/registry.py"}
