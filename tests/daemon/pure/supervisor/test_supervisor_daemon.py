# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to a daemon that runs, or to an exit code and the line that says why not."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from daemon_at_hand import Host, name_of
from daemons import alive, eventually
from lvsd import conf
from lvsd.conf import Severity
from lvsd.loop import WorkerOptions
from lvsd.options import Options
from lvsd.supervisor import daemonize
from lvsd.supervisor import parent as parents
from lvsd.supervisor.daemon import FAILED, MISCONFIGURED, load, run
from lvsd.supervisor.last_good import keep_good
from lvsd.supervisor.reexec import HELD
from lvsd.supervisor.runtime_dir import lock_file
from lvsd.worker.registry import WORKERS
from parent_at_hand import ROUTER, SERVICE, WHOLE

BROKEN = ROUTER % 999
REFUSED = "lvsd.conf:3: "


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr(parents, "FIRST_TICK", 0.01)
    monkeypatch.delenv("LVSD_INHERITANCE", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    host = Host(tmp_path)
    yield host
    host.close()


# --- one that runs ------------------------------------------------------------------------------


def test_it_runs_until_it_is_stopped_and_leaves_nothing(host: Host) -> None:
    pid = host.start()
    vrrp, checker = (row["pid"] for row in host.ask("show")["workers"])
    assert [name_of(each) for each in (pid, vrrp, checker)] == ["lvsd", "lvsd_vrrp", "lvsd_checker"]
    assert host.stop(pid) == 0
    assert not any(map(alive, (vrrp, checker)))
    assert not {path.suffix for path in host.run.iterdir()} & {".sock", ".pid"}
    assert "lvsd: ready" in host.said


def test_workers_are_told_what_the_operator_has_said(host: Host) -> None:
    host.choose(umask=0o27, log_detail=True, keep=frozenset({"checker"}), script_timeout=7.0)
    pid = host.start()
    vrrp, checker = host.chosen("vrrp"), host.chosen("checker")
    assert (vrrp["parent"], vrrp["log_detail"], vrrp["umask"]) == (str(pid), "True", 0o27)
    assert (vrrp["release"], checker["release"]) == ("True", "False")
    assert "timeout=7.0" in vrrp["scripts"]


def test_signals_wait_until_it_listens_and_are_what_they_were_behind_it(host: Host) -> None:
    """The first start of each worker is prepared before the parent listens; a signal that came then is heard."""

    def job(name: str) -> Callable[[WorkerOptions], int]:
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        (host.folder / "blocked").write_text(json.dumps(sorted(blocked)))
        os.kill(os.getpid(), signal.SIGTERM)
        return lambda _chosen: 0

    def work() -> int:
        signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR2])
        code = run(host.options, job)
        return code if signal.pthread_sigmask(signal.SIG_BLOCK, []) == {signal.SIGUSR2} else 99

    host._be = work  # type: ignore[method-assign]
    assert host.code() == 0
    assert set(json.loads((host.folder / "blocked").read_text())) == set(HELD)
    assert host.workers() == []


def test_what_it_finds_and_what_has_no_effect_is_logged_and_the_configuration_without_passwords(host: Host) -> None:
    host.write("nonsense 1\n" + ROUTER % 51 + "SSL {\n    password hunter2\n}\n")
    host.choose(dump=True, unused=("--snmp: there is no SNMP agent",))
    host.start()
    assert f"{host.options.config}:1: " in host.said
    assert "option without effect: --snmp: there is no SNMP agent\n" in host.said
    assert "virtual_router_id 51" in host.said
    assert "hunter2" not in host.said
    assert "********" in host.said


def test_the_configuration_is_logged_only_where_that_was_asked_for(host: Host) -> None:
    host.start()
    assert "virtual_router_id" not in host.said


def test_a_worker_that_cannot_be_imported_is_said_and_the_others_run(host: Host) -> None:
    usual = host.job

    def job(name: str) -> Callable[[WorkerOptions], int]:
        if name == "vrrp":
            raise SyntaxError("invalid syntax")
        return usual(name)

    host.job = job
    host.start()
    assert "vrrp: its next start will fail: SyntaxError: invalid syntax\n" in host.said
    assert "vrrp: could not be started: SyntaxError: invalid syntax; starts again at once" in host.messages()
    assert [row["pid"] is not None for row in host.ask("show")["workers"]] == [False, True]


@pytest.fixture
def behind(host: Host) -> Iterator[int]:
    """A daemon in the background, whose paths are those of the folder where it was started; its pid."""
    host.first = lambda: os.chdir(host.folder)
    files = {"pid_file": Path("p.pid"), "worker_pid_files": {"vrrp": Path("v.pid")}, "log_file": Path("all.log")}
    host.choose(config=Path("lvsd.conf"), runtime_dir=Path("run"), state_dir=Path("state"), fork=True, **files)
    assert host.code() == 0
    pid = int(host.ask("ping")["pid"])
    yield pid
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid), within=10)


def test_in_the_background_the_process_that_was_started_ends_when_the_daemon_can_be_asked(
    host: Host, behind: int
) -> None:
    assert os.getsid(behind) not in (behind, os.getsid(0))
    assert {os.readlink(f"/proc/{behind}/fd/{fd}") for fd in range(3)} == {"/dev/null"}
    eventually(lambda: f"lvsd: ready (pid {behind})" in (host.folder / "all.log").read_text(), within=10)
    assert host.said == ""


def test_paths_are_meant_from_where_it_was_started_and_its_workers_get_whole_ones(host: Host, behind: int) -> None:
    eventually(lambda: f"lvsd: ready (pid {behind})" in (host.folder / "all.log").read_text(), within=10)
    assert host.ask("show")["config"] == str(host.folder / "lvsd.conf")
    assert (host.folder / "p.pid").read_text() == f"{behind}\n"
    assert int((host.folder / "v.pid").read_text()) in host.workers()
    told = {name: host.chosen("vrrp")[name] for name in ("config", "runtime_dir", "state_dir")}
    assert told == {
        "config": f"{host.run}/vrrp.conf",
        "runtime_dir": str(host.run),
        "state_dir": f"{host.folder}/state",
    }
    assert (host.folder / "all_vrrp.log").is_file()


# --- after another image ------------------------------------------------------------------------


def test_one_that_goes_on_for_another_image_stays_where_it_is_and_keeps_the_lock(host: Host) -> None:
    """Also with options by which a daemon that is started goes to the background."""
    host.run.mkdir()

    def inherit() -> None:
        lock = daemonize.lock(lock_file(host.run))
        os.environ["LVSD_INHERITANCE"] = json.dumps({"lock": lock, "release": "0.0.9", "digest": None})
        (host.folder / "lock").write_text(str(lock))

    host.first = inherit
    host.choose(fork=True, log_console=True)
    pid = host.start()
    assert "lvsd: goes on where 0.0.9 (no digest) was" in host.messages()
    lock = (host.folder / "lock").read_text()
    assert os.readlink(f"/proc/{pid}/fd/{lock}") == str(lock_file(host.run))
    assert host.stop(pid) == 0


# --- one that is not started --------------------------------------------------------------------


def no_descriptor() -> None:
    """Leave this process one descriptor less than it needs for its lock."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, 4096))


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        ({"pid_file": "here"}, MISCONFIGURED, "{0}/here: there is a directory where a regular file belongs"),
        ({"log_file": "nowhere/lvsd.log"}, MISCONFIGURED, "{0}/nowhere/lvsd.log: No such file or directory"),
        ({"runtime_dir": "lvsd.conf"}, MISCONFIGURED, "{0}/lvsd.conf: File exists"),
        ({"namespace": "no-such"}, MISCONFIGURED, "/run/netns/no-such: No such file or directory"),
    ],
)
def test_a_path_that_would_be_wrong_again_is_one_line_and_the_code_that_systemd_does_not_try_again(
    host: Host, options: dict[str, str], code: int, why: str
) -> None:
    (host.folder / "here").mkdir()
    paths = {name: value if name == "namespace" else host.folder / value for name, value in options.items()}
    host.choose(**paths)
    assert host.code() == code
    assert host.said.splitlines()[-1] == f"lvsd: not started: {why.format(host.folder)}"
    assert (host.workers(), list(host.folder.glob("**/*.sock"))) == ([], [])


def test_what_may_be_right_the_next_time_is_one_line_and_another_code(host: Host) -> None:
    host.first = no_descriptor
    assert host.code() == FAILED
    assert host.said == f"lvsd: not started: {lock_file(host.run)}: Too many open files\n"


def test_a_part_that_cannot_be_written_is_one_line_too_and_nothing_was_begun(host: Host) -> None:
    (host.run / "vrrp.conf").mkdir(parents=True)
    assert host.code() == MISCONFIGURED
    why = "there is a directory where a regular file belongs"
    assert host.said.splitlines()[-1] == f"lvsd: not started: {host.run}/vrrp.conf: {why}"
    assert "Traceback" not in host.said
    assert not {path.suffix for path in host.run.iterdir()} & {".sock", ".pid"}


def test_a_directory_whose_name_leaves_no_room_for_a_socket_is_refused_with_the_room_there_is(host: Host) -> None:
    room = 107 - len("/checker.sock")
    fits = host.folder / ("x" * (room - len(os.fspath(host.folder)) - 1))
    host.choose(runtime_dir=fits.with_name(fits.name + "x"))
    assert host.code() == MISCONFIGURED
    why = f"File name too long: a runtime directory has at most {room} bytes"
    assert host.said == f"lvsd: not started: {host.options.runtime_dir}: {why}\n"
    assert not host.options.runtime_dir.exists()
    host.run = fits
    host.choose(runtime_dir=fits)
    host.start()
    assert (fits / "checker.sock").is_socket()


def test_a_wrong_configuration_is_refused_with_what_is_wrong(host: Host) -> None:
    host.write(BROKEN)
    assert host.code() == MISCONFIGURED
    *findings, last = host.said.splitlines()
    assert findings == [str(finding) for finding in conf.load(host.options.config).findings]
    assert last.startswith(f"lvsd: not started: {host.folder}/{REFUSED}")
    assert not list(host.run.glob("*.sock"))


def test_a_configuration_that_cannot_be_read_is_refused(host: Host) -> None:
    host.options.config.unlink()
    assert host.code() == MISCONFIGURED
    assert host.said.startswith("lvsd: not started: ")
    assert f"No such file or directory: '{host.options.config}'" in host.said


def test_a_second_daemon_in_the_same_directory_ends_and_says_who_runs(host: Host) -> None:
    pid = host.start()
    host.reader = host.folder / "of the second"
    assert host.code() == FAILED
    assert host.said == f"lvsd: already running as pid {pid} (lvsctl status)\n"
    host.write(BROKEN)  # what is wrong with it is more worth knowing
    assert host.code() == MISCONFIGURED
    assert REFUSED in host.said
    assert host.ask("ping")["pid"] == pid


def test_one_that_runs_and_cannot_be_asked_is_unknown(host: Host) -> None:
    host.run.mkdir()
    lock = daemonize.lock(lock_file(host.run))
    assert lock is not None
    assert host.code() == FAILED
    assert host.said == "lvsd: already running as pid unknown (lvsctl status)\n"
    os.close(lock)


def test_a_control_socket_that_is_another_programs_is_refused_before_anything_is_begun(host: Host) -> None:
    host.run.mkdir()
    (host.run / "checker.sock").touch()
    assert host.code() == MISCONFIGURED
    why = "there is a regular file where the control socket belongs"
    assert host.said == f"lvsd: not started: {host.run}/checker.sock: {why}\n"
    assert not (host.run / "lvsd.pid").exists()


def test_a_working_directory_that_has_gone_is_said(host: Host) -> None:
    gone = host.folder / "gone"

    def enter() -> None:
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()

    host.first = enter
    host.choose(config=Path("lvsd.conf"))
    assert host.code() == MISCONFIGURED
    assert host.said == "lvsd: not started: .: the working directory has gone: cd /\n"


# --- over a wrong configuration -----------------------------------------------------------------


@pytest.fixture
def orphaned(host: Host) -> Host:
    """One whose parent has crashed; its workers run."""
    pid = host.start()
    os.kill(pid, signal.SIGKILL)
    assert host.end_of(pid) == -signal.SIGKILL
    return host


@pytest.mark.parametrize("wrong", [lambda config: config.write_text(BROKEN), Path.unlink], ids=["broken", "gone"])
def test_workers_that_run_are_not_left_without_a_parent(orphaned: Host, wrong: Callable[[Path], object]) -> None:
    before = orphaned.workers()
    wrong(orphaned.options.config)
    orphaned.start()
    shown = orphaned.ask("show")
    assert sorted(row["pid"] for row in shown["workers"]) == sorted(before)
    assert (REFUSED in shown["fallback"]) != ("No such file" in shown["fallback"])
    line = f"lvsd: CONFIGURATION NOT TAKEN, the last good one goes on until a reload: {shown['fallback']}\n"
    assert line in orphaned.said
    assert orphaned.ask("config")["text"] == conf.render(conf.parse(WHOLE).configuration)


def test_a_pid_file_that_cannot_be_written_is_no_reason_to_leave_them_either(orphaned: Host) -> None:
    """The disk may be full; what was there already can be a folder as well as a file without room."""
    pid_file = orphaned.run / "lvsd.pid"
    pid_file.unlink()
    pid_file.mkdir()
    before = orphaned.workers()
    pid = orphaned.start()
    assert sorted(row["pid"] for row in orphaned.ask("show")["workers"]) == sorted(before)
    why = f"lvsd: {pid_file} could not be written: there is a directory where a regular file belongs"
    assert orphaned.said.count(why) == 1
    pid_file.rmdir()
    eventually(lambda: pid_file.read_text() == f"{pid}\n", within=10)  # as soon as there is room


def test_where_no_worker_runs_the_last_good_configuration_is_no_reason_to_start(host: Host) -> None:
    host.run.mkdir()
    keep_good(host.run, conf.parse(WHOLE))
    host.write(BROKEN)
    assert host.code() == MISCONFIGURED
    assert REFUSED in host.said


def test_what_workers_that_were_killed_have_left_is_a_reason_to_start(host: Host) -> None:
    """Their addresses are in the kernel, and the peer takes them too: without a worker both hosts have them."""
    host.run.mkdir()
    keep_good(host.run, conf.parse(WHOLE))
    note = host.run / WORKERS["vrrp"].state
    note.parent.mkdir()
    note.touch()
    host.write(BROKEN)
    host.start()
    assert REFUSED in host.ask("show")["fallback"]
    assert host.ask("config")["text"] == conf.render(conf.parse(WHOLE).configuration)


def test_workers_that_run_without_a_good_configuration_are_left_as_they_are(orphaned: Host) -> None:
    (orphaned.run / "lvsd.conf.good").unlink()
    orphaned.write(BROKEN)
    assert orphaned.code() == MISCONFIGURED
    assert all(map(alive, orphaned.workers()))


# --- what it reads ------------------------------------------------------------------------------


def test_the_options_say_what_is_read(tmp_path: Path) -> None:
    config = tmp_path / "lvsd.conf"
    config.write_text(f"@left {ROUTER % 51}".replace("\n", "\n@left ").removesuffix("@left ") + SERVICE % 1)
    routers = {name: load(Options(config=config, config_id=name)).configuration.routers for name in ("left", "right")}
    assert {name: len(found) for name, found in routers.items()} == {"left": 1, "right": 0}


def test_an_include_file_that_is_missing_is_an_error_where_the_options_say_so(tmp_path: Path) -> None:
    config = tmp_path / "lvsd.conf"
    config.write_text("include nowhere.conf\n" + ROUTER % 51)
    severities = [load(Options(config=config, all_config=every)).findings[0].severity for every in (False, True)]
    assert severities == [Severity.WARNING, Severity.ERROR]


def test_a_program_that_is_not_run_is_found_and_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    config = tmp_path / "lvsd.conf"
    with pytest.raises(FileNotFoundError):
        load(Options(config=config))
    config.write_text(SERVICE.replace("TCP\n", "TCP\n    quorum_up /no/such/program\n") % 1)
    assert any("/no/such/program is not run" in finding.message for finding in load(Options(config=config)).findings)
