# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reload over workers that take their part, refuse it, stay silent or die of it: all keep the new one, or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.control.server import Answer, Later
from lvsd.loop import Loop
from lvsd.supervisor import reload
from lvsd.supervisor.reload import Reload, as_json, grounds, refusal
from lvsd.supervisor.worker_config import Parts, file_of, write
from workers_at_hand import PlainWorker

from tests.support.attempts import turns
from tests.support.loops import run_until

BOTH = frozenset({"vrrp", "checker"})
OLD = Parts({"vrrp": "old vrrp\n", "checker": "old checker\n"}, BOTH)
NEW = Parts({"vrrp": "new vrrp\n", "checker": "new checker\n"}, BOTH)


class Told:
    """A reload from OLD to NEW over two plain workers, and its outcome."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.folder = folder
        self.workers = {name: PlainWorker(self.loop, folder / f"{name}.sock") for name in ("vrrp", "checker")}
        self.outcome: list[tuple[str | None, dict[str, Answer]]] = []
        self.reload: Reload | None = None
        write(folder, OLD.texts)

    def begin(self, *, new: Parts = NEW, asked: set[str] | None = None) -> Reload:
        workers: Any = self.workers
        self.reload = Reload(
            self.loop, workers, self.folder, OLD, new, lambda *told: self.outcome.append(told), asked=asked
        )
        self.reload.begin()
        return self.reload

    def run(self, **how: Any) -> tuple[str | None, dict[str, Answer]]:
        self.begin(**how)
        assert self.outcome == []  # never from within the call
        return self.wait()

    def wait(self) -> tuple[str | None, dict[str, Answer]]:
        run_until(self.loop, lambda: self.outcome, every=0.001)
        turns(self.loop, 20)
        assert len(self.outcome) == 1
        assert all(worker.on_end is None for worker in self.workers.values())
        return self.outcome[0]

    @property
    def texts(self) -> dict[str, str]:
        return {name: file_of(self.folder, name).read_text() for name in self.workers}

    @property
    def reloads(self) -> list[int]:
        return [worker.reloads for worker in self.workers.values()]

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.loop.close()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setattr(reload, "ASK_AGAIN", 0.002)
    told = Told(tmp_path)
    yield told
    told.close()


def serve(told: Told, *names: str, **how: Any) -> None:
    for name in names:
        told.workers[name].serve(**how)


def test_workers_that_take_their_part_keep_it_and_go_on(told: Told) -> None:
    serve(told, "vrrp", "checker")
    reason, answers = told.run()
    assert reason is None
    assert {name: answer["changes"] for name, answer in answers.items()} == {name: {"changed": True} for name in BOTH}
    assert (told.texts, told.reloads) == (NEW.texts, [1, 1])
    assert [worker.calls for worker in told.workers.values()] == [["start"], ["start"]]


def test_one_that_needs_a_starter_for_its_part_is_replaced_by_a_process_that_has_one(told: Told) -> None:
    serve(told, "vrrp", "checker")
    told.workers["checker"].needs_starter = True
    reason, answers = told.run()
    assert reason is None
    assert answers["checker"] == {"ok": True, "changes": {}, "note": "replaced"}
    assert told.texts == NEW.texts
    assert [worker.calls for worker in told.workers.values()] == [["start"], ["replace", "start"]]


def test_one_that_cannot_go_back_to_its_old_part_is_replaced(told: Told) -> None:
    serve(told, "vrrp", "checker")
    told.workers["checker"].refuses = "no"
    told.workers["vrrp"].needs_starter_for_old = True
    assert told.run()[0] == "checker: no"
    run_until(told.loop, lambda: "replace" in told.workers["vrrp"].calls, every=0.001)


def test_one_that_cannot_be_replaced_refuses_its_part_for_all(told: Told) -> None:
    serve(told, "vrrp", "checker")
    told.workers["checker"].needs_starter = True
    told.workers["checker"].replacement = "it could not be started"
    reason, _answers = told.run()
    assert reason == "checker: not replaced: it could not be started"
    assert told.texts == OLD.texts


def test_one_that_cannot_be_replaced_has_its_old_part_before_the_others_have_answered(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its predecessor may have ended: then another process is started at once, and reads what is there."""
    monkeypatch.setattr(told.workers["vrrp"], "_reload", lambda _request: Later())
    serve(told, "vrrp", "checker")
    told.workers["checker"].needs_starter = True
    told.workers["checker"].replacement = "its successor ended"
    told.begin()
    run_until(told.loop, lambda: told.texts["checker"] == OLD.texts["checker"], every=0.001)
    assert told.outcome == []


def test_the_parts_are_there_before_a_worker_is_told(told: Told) -> None:
    seen: list[dict[str, str]] = []
    serve(told, "vrrp")
    told.workers["vrrp"]._server.handlers["reload"] = lambda _: (seen.append(told.texts), {})[1]  # type: ignore[union-attr]
    told.run()
    assert seen == [NEW.texts]


def test_without_a_worker_that_runs_all_that_are_needed_are_started(told: Told) -> None:
    reason, answers = told.run(new=Parts(NEW.texts, frozenset({"vrrp"})))
    assert (reason, answers) == (None, {})
    assert [worker.calls for worker in told.workers.values()] == [["start"], ["stop"]]


def test_only_those_that_are_asked_are_told(told: Told) -> None:
    serve(told, "vrrp", "checker")
    told.run(asked={"checker"})
    assert told.reloads == [0, 1]


def test_a_part_that_became_empty_is_taken_before_its_worker_stops(told: Told) -> None:
    serve(told, "vrrp", "checker")
    told.run(new=Parts(NEW.texts, frozenset({"vrrp"})))
    assert told.workers["checker"].reloads == 1
    assert told.workers["checker"].calls == ["stop"]


# --- one that does not take it ------------------------------------------------------------------


def test_what_one_refuses_all_put_back(told: Told) -> None:
    serve(told, "vrrp", "checker")
    told.workers["checker"].refuses = "no such table"
    reason, answers = told.run()
    assert reason == "checker: no such table"
    assert answers["vrrp"]["ok"] is True
    assert (told.texts, told.reloads) == (OLD.texts, [2, 1])  # the one that took it is told again
    assert [worker.calls for worker in told.workers.values()] == [[], []]


def test_the_reasons_of_all_are_told(told: Told) -> None:
    serve(told, "vrrp", "checker")
    for name, worker in told.workers.items():
        worker.refuses = f"{name} does not want"
    assert told.run()[0] == "checker: checker does not want; vrrp: vrrp does not want"


def test_one_that_gives_no_answer_has_not_taken_it(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "ANSWER_WITHIN", 0.5)
    serve(told, "checker")
    serve(told, "vrrp", mute=True)  # it has answered before
    assert told.run()[0] == "vrrp: no answer"
    assert told.texts == OLD.texts


def test_one_that_is_only_starting_is_told_once_it_listens(told: Told) -> None:
    vrrp = told.workers["vrrp"]
    vrrp.watch.answered = False
    vrrp.serve(mute=True)
    told.begin()
    told.loop.call_later(0.01, vrrp.serve)
    reason, answers = told.wait()
    assert (reason, answers["vrrp"]["changes"], vrrp.reloads) == (None, {"changed": True}, 1)


def test_one_that_starts_too_late_starts_with_the_new_part(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "ANSWER_WITHIN", 0.02)
    told.workers["vrrp"].watch.answered = False
    serve(told, "vrrp", mute=True)
    reason, answers = told.run()
    assert (reason, answers["vrrp"]["note"]) == (None, "starts with the new configuration")
    assert told.texts == NEW.texts


def test_one_that_dies_of_its_part_has_its_old_one_before_it_is_started_again(told: Told) -> None:
    serve(told, "vrrp", "checker")
    vrrp = told.workers["vrrp"]
    vrrp._server.handlers["reload"] = lambda _: Later()  # type: ignore[union-attr]
    told.begin()
    vrrp.end("ended with exit code 7")
    assert told.texts == {"vrrp": "old vrrp\n", "checker": "new checker\n"}  # at once
    reason, _answers = told.wait()
    assert reason == "vrrp: ended with exit code 7 before it had answered"
    assert told.texts == OLD.texts


def test_an_answer_that_comes_out_of_one_that_has_ended_does_not_count(told: Told) -> None:
    """Its old part is in place by then, and would run on under a configuration that is said to be loaded."""
    serve(told, "vrrp")
    vrrp = told.workers["vrrp"]
    vrrp._server.handlers["reload"] = lambda _: (vrrp.end("ended with exit code 7"), {"changes": {}})[1]  # type: ignore[union-attr]
    reason, _answers = told.run()
    assert reason == "vrrp: ended with exit code 7 before it had answered"
    assert told.texts == OLD.texts


def test_one_that_ends_after_its_answer_has_taken_it(told: Told) -> None:
    serve(told, "vrrp", "checker")
    later: list[Later] = []
    told.workers["checker"]._server.handlers["reload"] = lambda _: (later.append(Later()), later[0])[1]  # type: ignore[union-attr]
    reload = told.begin()
    run_until(told.loop, lambda: later and "vrrp" in reload.answers, every=0.001)
    told.workers["vrrp"].end("ended")
    later[0].answer({})
    assert told.wait()[0] is None
    assert told.texts == NEW.texts


# --- the disk, and the end ----------------------------------------------------------------------


def test_parts_that_cannot_be_written_are_an_error_and_the_old_ones_stay(told: Told) -> None:
    serve(told, "vrrp")
    file_of(told.folder, "checker").unlink()
    file_of(told.folder, "checker").mkdir()
    with pytest.raises(OSError, match=r"checker\.conf"):
        told.begin()
    assert file_of(told.folder, "vrrp").read_text() == "old vrrp\n"
    turns(told.loop, 20)
    assert (told.outcome, told.reloads) == ([], [0, 0])


@pytest.mark.parametrize("running", [(), ("vrrp", "checker")])
def test_one_that_is_abandoned_calls_nothing_starts_nothing_and_stops_nothing(
    told: Told, running: tuple[str, ...]
) -> None:
    serve(told, *running)
    told.begin().abandon()
    turns(told.loop, 20)
    assert told.outcome == []
    assert [worker.calls for worker in told.workers.values()] == [[], []]
    assert all(worker.on_end is None for worker in told.workers.values())


# --- what refuses a configuration ---------------------------------------------------------------

ROUTER = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n}\n"
SERVER = "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.%s 80 {\n    }\n}\n"


def parsed(text: str) -> conf.Loaded:
    return conf.parse(text, "lvsd.conf")


@pytest.mark.parametrize(
    ("text", "running", "words"),
    [
        (ROUTER, None, []),
        (ROUTER + "nonsense 1\n", None, []),
        (ROUTER + SERVER % 300, None, []),  # a start goes on without it
        (ROUTER + SERVER % 300, ROUTER, ["10.0.0.300"]),
        (ROUTER + SERVER % 300, ROUTER + SERVER % 300, []),  # it runs already
        (ROUTER + "nonsense 1\n", ROUTER, []),
        (ROUTER.replace("}\n", ""), None, ["vrrp_instance"]),
    ],
)
def test_what_a_configuration_is_refused_for(text: str, running: str | None, words: list[str]) -> None:
    found = grounds(parsed(text), None if running is None else parsed(running))
    assert len(found) >= len(words)
    assert bool(found) is bool(words)
    assert all(any(word in finding.message for finding in found) for word in words)


def test_a_refusal_names_the_first_and_how_many_more_with_all_findings() -> None:
    found = parsed(SERVER % 300 + SERVER % 400 + "nonsense 1\n")
    errors = [finding for finding in found.errors if "10.0.0." in finding.message]
    reason, findings = refusal(found, errors[:1])
    assert reason == str(errors[0])
    assert refusal(found, errors[:2])[0] == f"{errors[0]} (and 1 more)"
    assert len(findings) == len(found.findings)
    assert findings == as_json(found)
    assert set(findings[0]) == {"path", "line", "severity", "message", "keyword", "fatal"}
    assert findings[0]["path"] == "lvsd.conf"
