# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator says about servers at run time: it holds, survives, and is refused where it makes no sense."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from checkers import FIRST, SECOND, SERVICE, Checker, real, service, table

sys.path.append(str(Path(__file__).parents[1] / "netns"))

from documented import described, differences
from modules import run_module


def test_orders_survive_a_restart_and_end_with_the_configuration(checker: Checker) -> None:
    two = service(real(11, 3), real(12))
    checker.start(two)
    assert checker.ask("drain", service=SERVICE, server=FIRST)["server"]["effective_weight"] == 0
    assert checker.ask("weight", service=SERVICE, server=SECOND, weight=7)["server"]["effective_weight"] == 7
    held = f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 0\n-> {SECOND} Masq 7"
    assert table() == held
    checker.end(signal.SIGKILL)
    checker.start()
    assert table() == held
    checker.end(signal.SIGTERM)
    assert table() == ""
    checker.start()
    assert table() == held
    shown = checker.show()["servers"]
    assert all(time.time() - 600 < s["order_since"] <= time.time() for s in shown)
    assert [(s["admin"], s["weight"], s["weight_override"]) for s in shown] == [("drained", 3, None), ("enabled", 1, 7)]

    checker.reload(service(real(12)))
    checker.reload(two)  # the first server is new again
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 3\n-> {SECOND} Masq 7"
    assert checker.ask("weight", service=SERVICE, server=SECOND, weight=None)["server"]["effective_weight"] == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1, "services": {"x": 3}}', "\0\xff" * 99, "[" * 100_000])
def test_garbage_in_its_files_is_named_and_ignored(checker: Checker, text: str) -> None:
    state = checker.folder / "state"
    state.mkdir()
    (state / "servers.json").write_text(text)
    (state / "services.json").write_text(text)
    left = checker.folder / "run" / "checker" / "checker.state"
    left.parent.mkdir(parents=True)
    left.write_text(text)
    checker.start(service(real(11)))
    assert table() == f"TCP 192.0.2.10:80 wrr\n-> {FIRST} Masq 1"
    for name in ("servers.json", "services.json", "checker.state"):
        assert checker.log.count(f"{name}: ignored") == 1
    assert checker.ask("drain", service=SERVICE, server=FIRST)["ok"]
    ((name, servers),) = json.loads((state / "servers.json").read_text())["services"].items()
    assert (name, list(servers)) == (SERVICE, [FIRST])
    assert {**servers[FIRST], "since": 0} == {"drained": True, "weight": None, "since": 0}


def test_the_event_of_an_order_names_who_gave_it(checker: Checker) -> None:
    checker.start(service(real(11)))
    checker.ask("drain", service=SERVICE, server=FIRST)
    checker.ask("drain", service=SERVICE, server=FIRST)  # it is so already: nothing has happened
    (event,) = (event for event in checker.ask("events")["events"] if event["what"] == "operator")
    assert (event["uid"], event["pid"], event["user"]) == (0, os.getpid(), "root")
    assert event["message"] == f"{FIRST} of {SERVICE}: enabled -> drained by root (pid {os.getpid()})"
    assert checker.log.count(event["message"]) == 1


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("drain", {}, '"service" is missing'),
    ("drain", {"service": SERVICE}, '"server" is missing'),
    ("drain", {"service": "192.0.2.11:80/TCP", "server": FIRST}, f"there is {SERVICE}"),
    ("enable", {"service": SERVICE, "server": "10.0.0.13:80"}, f"it has {FIRST}"),
    ("weight", {"service": SERVICE, "server": FIRST}, '"weight" is missing'),
    ("weight", {"service": SERVICE, "server": FIRST, "weight": -1}, "from 0 to 65535"),
    ("weight", {"service": SERVICE, "server": FIRST, "weight": "3"}, "from 0 to 65535"),
    ("weight", {"service": SERVICE, "server": FIRST, "weight": True}, "from 0 to 65535"),
]


def test_orders_that_make_no_sense_are_refused_with_the_reason(checker: Checker) -> None:
    checker.start(service(real(11)))
    held = table()
    for verb, arguments, reason in REFUSALS:
        answer = checker.ask(verb, **arguments)
        assert not answer["ok"]
        assert reason in answer["error"]
    assert table() == held


def test_what_director_info_tells_of_services_is_described(checker: Checker, tmp_path: Path) -> None:
    checker.start(service(real(11, 3, "TCP_CHECK {\n }"), real(12)))
    run_dir = str(checker.folder / "run")
    found = run_module(tmp_path, "director_info", runtime_dir=run_dir, config_dir="/nowhere", install_dir="/nowhere")
    assert found["checker"]["services"][0]["servers"][0]["checks"]
    assert list(differences(found["checker"], described()["checker"], "checker")) == []
