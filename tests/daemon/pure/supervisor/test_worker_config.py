# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each worker's part of the configuration: whose it is, and its file."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd import conf
from lvsd.conf import Loaded
from lvsd.model import Configuration
from lvsd.options import Options
from lvsd.supervisor import worker_config
from lvsd.supervisor.worker_config import Parts, file_of, on_disk, split
from lvsd.worker.registry import WORKERS

ROUTER = (
    "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    authentication {\n"
    "        auth_type PASS\n        auth_pass secret12\n    }\n}\n"
)
SERVICE = "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.1 80 {\n    }\n}\n"

DEFS = "global_defs {\n    router_id here\n}\n"


def loaded(text: str) -> Loaded:
    made = conf.parse(text, "test.conf")
    assert not made.refused
    return made


def parts(text: str, folder: Path, workers: tuple[str, ...] = tuple(WORKERS), *, all_workers: bool = False) -> Parts:
    options = Options(runtime_dir=folder, workers=workers, all_workers=all_workers)
    return split(loaded(text).configuration, options)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (DEFS, set()),
        (DEFS + ROUTER, {"vrrp"}),
        (DEFS + SERVICE, {"checker"}),
        (DEFS + ROUTER + SERVICE, {"vrrp", "checker"}),
    ],
    ids=["nothing", "a router", "a service", "both"],
)
def test_a_worker_is_needed_where_it_has_something_to_do(text: str, needed: set[str], tmp_path: Path) -> None:
    made = parts(text, tmp_path)
    assert made.needed == needed
    assert set(made.texts) == set(WORKERS)
    assert set(parts(text, tmp_path, all_workers=True).needed) == set(WORKERS)


def test_each_part_holds_what_its_worker_does_and_what_holds_for_all(tmp_path: Path) -> None:
    whole = loaded(DEFS + ROUTER + SERVICE).configuration
    texts = parts(DEFS + ROUTER + SERVICE, tmp_path).texts
    vrrp, checker = (loaded(texts[name]).configuration for name in ("vrrp", "checker"))
    assert (vrrp.routers, vrrp.virtual_servers) == (whole.routers, ())
    assert (checker.routers, checker.virtual_servers) == ((), whole.virtual_servers)
    assert vrrp.global_defs.router_id == checker.global_defs.router_id == "here"
    assert "secret12" not in texts["checker"]


def test_a_text_is_the_same_each_time_so_that_a_reload_sees_what_has_changed(tmp_path: Path) -> None:
    first, second = (parts(text, tmp_path) for text in (ROUTER + SERVICE, SERVICE + "! a remark\n" + ROUTER))
    assert first.texts == second.texts


def test_what_was_written_is_read_again_and_is_for_root_and_its_group_alone(tmp_path: Path) -> None:
    texts = dict(parts(ROUTER + SERVICE, tmp_path).texts)
    worker_config.write(tmp_path, texts)
    assert on_disk(tmp_path) == texts
    assert {stat.S_IMODE(file_of(tmp_path, name).stat().st_mode) for name in texts} == {0o640}


@pytest.mark.parametrize(
    "occupy",
    [lambda _: None, Path.mkdir, os.mkfifo, lambda path: path.write_bytes(b"\xff\xfe")],
    ids=["nothing", "a directory", "a FIFO", "no UTF-8"],
)
def test_a_part_that_cannot_be_read_is_left_out_and_the_other_is_read(
    occupy: Callable[[Path], object], tmp_path: Path
) -> None:
    file_of(tmp_path, "checker").write_text("one")
    occupy(file_of(tmp_path, "vrrp"))
    assert on_disk(tmp_path) == {"checker": "one"}


def test_an_empty_part_is_a_part(tmp_path: Path) -> None:
    assert loaded(parts("", tmp_path).texts["vrrp"]).configuration == Configuration()


def test_a_worker_that_may_not_run_has_an_empty_part_and_is_not_needed(tmp_path: Path) -> None:
    """Its part stays, so that what a worker before it has put into the kernel goes."""
    made = parts(ROUTER + SERVICE, tmp_path, ("vrrp",))
    assert made.needed == {"vrrp"}
    assert loaded(made.texts["checker"]).configuration == Configuration()
    assert parts(ROUTER + SERVICE, tmp_path, ("vrrp",), all_workers=True).needed == {"vrrp"}
