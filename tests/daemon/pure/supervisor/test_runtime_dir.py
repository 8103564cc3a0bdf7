# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was removed from RUNTIME_DIR while a parent runs is put back, but for what another parent holds."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd import conf
from lvsd.options import Options
from lvsd.supervisor import daemonize, worker_config
from lvsd.supervisor.last_good import RunningConfiguration, last_good
from lvsd.supervisor.runtime_dir import RuntimeDirectory, lock_file

ROUTER = (
    "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    authentication {\n"
    "        auth_type PASS\n        auth_pass secret12\n    }\n}\n"
)
SERVICE = "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.1 80 {\n    }\n}\n"


class Scene:
    """A directory in use, as after a start."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        (path / "vrrp").mkdir()
        self.path = path
        self.said: list[str] = []
        lock = daemonize.lock(lock_file(path))
        assert lock is not None
        loaded = conf.parse(ROUTER, "a.conf")
        parts = worker_config.split(loaded.configuration, Options(runtime_dir=path))
        worker_config.write(path, parts.texts)
        self.running = RunningConfiguration(loaded, parts)
        self.directory = RuntimeDirectory(path, lock, self.said.append)

    def put_right(self) -> bool:
        return self.directory.put_right(self.running)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path / "run")
    yield scene
    os.close(scene.directory.lock)


def held(path: Path) -> bool:
    """Whether another process could not take the lock."""
    fd = daemonize.lock(lock_file(path))
    if fd is not None:
        os.close(fd)
    return fd is None


def test_where_nothing_is_missing_nothing_is_written_or_said(scene: Scene) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in scene.path.iterdir()}
    assert not scene.put_right()
    assert {path.name: path.stat().st_mtime_ns for path in scene.path.iterdir()} == before
    assert scene.said == []


def test_a_part_that_was_removed_comes_back_as_it_was(scene: Scene) -> None:
    file = worker_config.file_of(scene.path, "vrrp")
    before = file.read_text()
    file.unlink()
    worker_config.file_of(scene.path, "checker").write_text("of an operator who looks for something")
    assert scene.put_right()
    assert file.read_text() == before
    assert worker_config.file_of(scene.path, "checker").read_text().startswith("of an operator")
    assert scene.said == [f"lvsd: another program has removed files from {scene.path}; lvsd has put them back"]
    assert not scene.put_right()


def test_the_folder_of_a_worker_that_runs_comes_back_and_that_of_another_is_not_made(scene: Scene) -> None:
    (scene.path / "vrrp").rmdir()
    assert scene.put_right()
    assert (scene.path / "vrrp").is_dir()
    assert not (scene.path / "checker").exists()
    assert not scene.put_right()


def test_a_directory_that_was_removed_comes_back_and_is_locked(scene: Scene) -> None:
    shutil.rmtree(scene.path)
    assert scene.put_right()
    assert worker_config.on_disk(scene.path) == scene.running.parts.texts
    assert last_good(scene.path)
    assert held(scene.path)


def test_a_lock_file_that_was_removed_is_made_and_held_again(scene: Scene) -> None:
    lock_file(scene.path).unlink()
    assert scene.put_right()
    assert held(scene.path)
    assert not scene.put_right()


def test_a_directory_that_another_parent_has_taken_is_left_to_it_and_said_once(scene: Scene) -> None:
    shutil.rmtree(scene.path)
    scene.path.mkdir()
    other = daemonize.lock(lock_file(scene.path))
    assert other is not None
    assert [scene.put_right() for _ in range(3)] == [False] * 3
    assert scene.said == [f"lvsd: another lvsd has begun to use {scene.path}"]
    assert [path.name for path in scene.path.iterdir()] == ["lvsd.lock"]
    os.close(other)
    assert scene.put_right()
    assert held(scene.path)


def test_what_cannot_be_put_back_is_said_once_until_it_can_be(scene: Scene) -> None:
    shutil.rmtree(scene.path)
    scene.path.write_text("in the way")
    why = f"lvsd: files have gone from {scene.path} and cannot be put back: File exists; systemctl restart lvsd"
    assert [scene.put_right() for _ in range(2)] == [False] * 2
    assert scene.said == [why]
    scene.path.unlink()
    assert scene.put_right()
    scene.said.clear()
    shutil.rmtree(scene.path)
    scene.path.write_text("in the way")
    assert not scene.put_right()
    assert scene.said == [why]


def test_a_file_that_has_no_room_is_tried_again_and_the_operator_need_do_nothing(scene: Scene) -> None:
    worker_config.file_of(scene.path, "vrrp").unlink()
    (scene.path / ".vrrp.conf.new").mkdir()  # as if it could not be made
    assert not scene.put_right()
    (said,) = scene.said
    assert said.startswith(f"lvsd: files have gone from {scene.path} and cannot be put back: ")
    assert said.endswith("; lvsd tries again")
    (scene.path / ".vrrp.conf.new").rmdir()
    assert scene.put_right()


def test_the_last_good_configuration_is_not_written_over_itself_as_a_loaded_one(scene: Scene) -> None:
    scene.running.fallback = "a.conf:1: no"
    worker_config.file_of(scene.path, "vrrp").unlink()
    assert scene.put_right()
    assert not (scene.path / "lvsd.conf.good").exists()
