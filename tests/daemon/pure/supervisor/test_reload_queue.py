# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to reload: one reload at a time, each request answered once, and nothing changed by one that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.conf import Loaded
from lvsd.control.peer import Peer
from lvsd.control.server import Answer, EventLog, Later
from lvsd.loop import Loop
from lvsd.options import Options
from lvsd.supervisor.last_good import RunningConfiguration, last_good
from lvsd.supervisor.reload_queue import Reloads
from lvsd.supervisor.worker_config import file_of, split, write
from workers_at_hand import PlainWorker

from tests.support.attempts import turns
from tests.support.loops import run_until

ROUTER = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    priority %d\n}\n"
SERVICE = "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.%d 80 {\n    }\n}\n"
WHOLE = ROUTER % 100 + SERVICE % 1
BROKEN = "vrrp_instance VI_1 {\n    interface eth0\n"


def loaded(text: str) -> Loaded:
    return conf.parse(text, "lvsd.conf")


class Queue:
    """`Reloads` over two plain workers; `text` is what the file says, None where it cannot be read."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.folder = folder
        self.options = Options(runtime_dir=folder, config=folder / "lvsd.conf")
        self.text: str | None = WHOLE
        self.read = 0
        self.ready = 0
        self.events = EventLog("lvsd")
        self.workers = {name: PlainWorker(self.loop, folder / f"{name}.sock") for name in ("vrrp", "checker")}
        parts = split(loaded(WHOLE).configuration, self.options)
        write(folder, parts.texts)
        self.queue = Reloads(
            self.loop,
            self.options,
            self.workers,  # type: ignore[arg-type]
            RunningConfiguration(loaded(WHOLE), parts),
            self.load,
            self.events,
            self.note_ready,
        )

    def load(self) -> Loaded:
        self.read += 1
        if self.text is None:
            raise FileNotFoundError(2, "No such file or directory", "lvsd.conf")
        return loaded(self.text)

    def note_ready(self) -> None:
        self.ready += 1

    def ask(self, request: dict[str, Any] | None = None) -> list[Answer]:
        """Ask for a reload; the list gets its answer."""
        answers: list[Answer] = []
        self.queue.ask(request or {}).then(answers.append)
        return answers

    def answered(self, request: dict[str, Any] | None = None) -> Answer:
        """Ask, and wait for the answer."""
        answers = self.ask(request)
        run_until(self.loop, lambda: answers and not self.queue.busy, every=0.001)
        turns(self.loop)
        assert len(answers) == 1
        return answers[0]

    def part(self, worker: str) -> str:
        return file_of(self.folder, worker).read_text()

    @property
    def messages(self) -> list[str]:
        return [event["message"] for event in self.events.since(0)]

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.loop.close()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    queue = Queue(tmp_path)
    yield queue
    queue.close()


@pytest.fixture
def free(queue: Queue) -> Queue:
    """One that is held no more."""
    queue.queue.release()
    return queue


# --- its order ----------------------------------------------------------------------------------


def test_no_reload_begins_before_it_is_released_and_then_one_for_all(queue: Queue) -> None:
    answers = [queue.ask() for _ in range(3)]
    turns(queue.loop)
    assert (queue.read, queue.queue.busy) == (0, False)
    queue.queue.release()
    assert queue.queue.busy
    run_until(queue.loop, lambda: all(answers), every=0.001)
    assert (queue.read, queue.ready) == (1, 1)


def test_to_release_begins_nothing_where_none_waits(free: Queue) -> None:
    turns(free.loop)
    assert (free.read, free.queue.busy) == (0, False)


def test_who_asks_during_a_reload_shares_the_next_one_which_reads_anew(free: Queue) -> None:
    free.workers["vrrp"].serve()
    free.text = ROUTER % 101
    first = free.ask()
    free.text = ROUTER % 102
    later = [free.ask(), free.ask()]
    assert free.read == 1
    run_until(free.loop, lambda: all(later), every=0.001)
    assert first[0]["ok"]
    assert (free.read, free.workers["vrrp"].reloads) == (2, 2)
    assert "priority 102" in free.part("vrrp")


def test_what_waits_for_idleness_comes_now_or_behind_the_reload(free: Queue) -> None:
    seen: list[bool] = []
    free.queue.when_idle(lambda: seen.append(free.queue.busy))
    assert seen == [False]
    free.ask()
    free.queue.when_idle(lambda: seen.append(free.queue.busy))
    assert len(seen) == 1
    run_until(free.loop, lambda: len(seen) == 2, every=0.001)
    assert seen == [False, False]


# --- a reload that is taken ---------------------------------------------------------------------


def test_an_answer_tells_changes_comings_and_goings_and_findings(free: Queue) -> None:
    free.workers["vrrp"].serve()
    free.text = ROUTER % 101 + "nonsense 1\n"
    answer = free.answered()
    assert (answer["ok"], answer["changes"]) == (True, {"vrrp": {"changed": True}})
    assert (answer["started"], answer["stopped"], answer["refused"]) == ([], ["checker"], [])
    assert any("nonsense" in finding["message"] for finding in answer["findings"])
    assert (free.workers["checker"].calls, free.workers["vrrp"].calls) == (["stop"], ["start"])
    assert free.ready == 1


def test_what_runs_is_what_was_loaded_and_the_next_start_knows_it(free: Queue) -> None:
    free.text = ROUTER % 101
    free.answered()
    assert free.queue.running.loaded.configuration.routers[0].priority == 101
    good = last_good(free.folder)
    assert good is not None
    assert good.configuration == free.queue.running.loaded.configuration


def test_only_a_worker_whose_part_differs_is_told_and_one_that_reads_files(free: Queue) -> None:
    for worker in free.workers.values():
        worker.serve()
    answer = free.answered()
    assert [worker.reloads for worker in free.workers.values()] == [0, 1]  # the checker reads certificates again
    assert answer["changes"] == {"vrrp": {}, "checker": {"changed": True}}
    free.text = ROUTER % 101 + SERVICE % 1
    free.answered()
    assert [worker.reloads for worker in free.workers.values()] == [1, 2]


def test_over_the_last_good_configuration_every_worker_is_told(free: Queue) -> None:
    for worker in free.workers.values():
        worker.serve()
    free.queue.running.fallback = "lvsd.conf cannot be read"
    free.answered()
    assert [worker.reloads for worker in free.workers.values()] == [1, 1]
    assert free.queue.running.fallback is None


def test_what_a_worker_could_not_do_is_in_the_answer(free: Queue) -> None:
    checker = free.workers["checker"]
    checker.serve()
    checker._server.handlers["reload"] = lambda _: {"changes": {}, "refused": ["destination x: busy"]}  # type: ignore[union-attr]
    assert free.answered()["refused"] == ["destination x: busy"]


def test_the_event_names_who_has_asked(free: Queue) -> None:
    free.answered({"peer": Peer(0, 4711)})
    free.queue.queue(Later())
    run_until(free.loop, lambda: not free.queue.busy, every=0.001)
    config = free.options.config
    assert free.messages == [f"lvsd: {config} loaded by root (pid 4711)", f"lvsd: {config} loaded by SIGHUP"]
    assert [event.get("pid") for event in free.events.since(0)] == [4711, None]


# --- a reload that is refused -------------------------------------------------------------------


def refused(queue: Queue, reason: str) -> Answer:
    before = queue.part("vrrp"), queue.queue.running
    answer = queue.answered({"peer": Peer(0, 1)})
    assert answer["ok"] is False
    assert reason in answer["error"]
    assert (queue.part("vrrp"), queue.queue.running) == before
    assert queue.messages[-1] == (
        f"lvsd: reload by root (pid 1) refused, the old configuration stays: {answer['error']}"
    )
    return answer


def test_a_file_that_cannot_be_read_changes_nothing(free: Queue) -> None:
    free.text = None
    refused(free, "cannot read the configuration: [Errno 2] No such file or directory: 'lvsd.conf'")
    assert free.ready == 0


def test_a_configuration_that_no_start_survives_changes_nothing_and_tells_its_findings(free: Queue) -> None:
    free.text = BROKEN
    assert refused(free, "lvsd.conf:")["findings"]
    assert free.ready == 0  # systemd was not told that a reload began


def test_an_error_that_is_new_is_refused_where_a_start_would_go_on_without_it(free: Queue) -> None:
    free.text = ROUTER % 100 + SERVICE % 300
    refused(free, "10.0.0.300")


def test_what_a_worker_refuses_is_put_back(free: Queue) -> None:
    free.workers["vrrp"].serve()
    free.workers["vrrp"].refuses = "do not like it"
    free.text = ROUTER % 101 + SERVICE % 1
    answer = refused(free, "vrrp: do not like it")
    assert answer["workers"]["vrrp"]["ok"] is False
    assert free.ready == 1
    assert free.answered()["ok"] is False  # and the next one is heard


def test_parts_that_cannot_be_written_change_nothing(free: Queue) -> None:
    file_of(free.folder, "checker").unlink()
    file_of(free.folder, "checker").mkdir()
    free.text = ROUTER % 101 + SERVICE % 2
    refused(free, "cannot write the workers' parts:")
    assert (free.ready, free.queue.busy) == (1, False)


def test_a_request_that_waits_behind_a_refused_reload_is_heard(free: Queue) -> None:
    free.workers["vrrp"].serve()
    free.workers["vrrp"].refuses = "no"
    free.text = ROUTER % 101
    first = free.ask()
    free.text = WHOLE
    second = free.ask()
    run_until(free.loop, lambda: second, every=0.001)
    assert (first[0]["ok"], second[0]["ok"]) == (False, True)


# --- the end ------------------------------------------------------------------------------------


def test_when_all_ends_every_request_is_refused_with_the_reason(free: Queue) -> None:
    free.workers["vrrp"].serve()
    free.text = ROUTER % 101
    running = free.ask()
    waiting = free.ask()
    free.queue.end("lvsd is stopping")
    assert waiting[0]["error"] == "lvsd is stopping"
    assert free.ask()[0]["error"] == "lvsd is stopping"
    turns(free.loop, 20)
    assert running == []  # its client loses the connection: what came of the reload is not known
    assert free.workers["vrrp"].calls == []


def test_one_that_was_held_is_refused_too(queue: Queue) -> None:
    waiting = queue.ask()
    queue.queue.end("lvsd is stopping")
    assert waiting[0]["error"] == "lvsd is stopping"
    assert queue.read == 0


def test_an_end_that_does_not_come_lets_reloads_begin_again(free: Queue) -> None:
    free.queue.end("lvsd becomes another version")
    free.queue.go_on()
    assert free.answered()["ok"]
