# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a parent starts, and what it shows of it."""

import stat
import time

from daemons import CHECKER, VRRP, Daemon, alive
from lvsd.worker.registry import WORKERS


def test_workers_are_started_for_what_is_configured_and_shown(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    shown = daemon.ask("show")
    assert [worker["name"] for worker in shown["workers"]] == ["vrrp", "checker"]
    assert all(worker["restarts"] == 0 and alive(worker["pid"]) for worker in shown["workers"])
    assert shown["config"] == str(daemon.config)
    assert shown["pid"] == daemon.process.pid
    assert time.time() - shown["loaded_at"] < 30
    assert "192.0.2.11" in daemon.ask("show", "checker")["text"]
    assert "192.0.2.11" not in daemon.ask("show", "vrrp")["text"]


def test_a_worker_with_nothing_to_do_is_not_started_unless_all_are_wanted(daemon: Daemon) -> None:
    daemon.start(VRRP)
    assert list(daemon.workers()) == ["vrrp"]


def test_all_workers_run_if_asked_for(daemon: Daemon) -> None:
    daemon.start(VRRP, "--all")
    assert list(daemon.workers()) == list(WORKERS)


def test_only_the_chosen_worker_runs(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER, "-C")
    assert list(daemon.workers()) == ["checker"]
    assert "192.0.2.1" not in (daemon.run / "vrrp.conf").read_text()


def test_the_parts_are_for_owner_and_group(daemon: Daemon) -> None:
    daemon.start(VRRP)
    assert stat.S_IMODE((daemon.run / "vrrp.conf").stat().st_mode) == 0o640


def test_passwords_are_shown_only_on_request(daemon: Daemon) -> None:
    secret = "    authentication {\n        auth_type PASS\n        auth_pass hunter2\n    }\n"
    daemon.start(VRRP.replace("    priority 100\n", "    version 2\n    priority 100\n" + secret))
    assert "hunter2" not in daemon.ask("config")["text"]
    assert "hunter2" in daemon.ask("config", secrets=True)["text"]
