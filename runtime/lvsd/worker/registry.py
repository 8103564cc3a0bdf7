# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every worker that the daemon has: one row each, and all that the parent, the command line and `lvsctl` know of it.

What a worker does is in the folder of its `module`, on top of lifecycle.py.  CONTRIBUTING.md says how to add one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lvsd.record import record

if TYPE_CHECKING:
    from lvsd.loop import WorkerOptions

COMM = 15  # bytes of a process's name; linux/sched.h: TASK_COMM_LEN without its zero


@record(frozen=True, slots=True)
class CommandOption:
    """An option of `lvsd`: its two spellings and its line of `--help`."""

    short: str
    long: str
    text: str


@record(frozen=True, slots=True)
class KeywordNeed:
    """A capability, without `CAP_`, that a worker needs where `keyword`, a field of the model, is set.

    `below`: where its value is smaller than that.
    """

    capability: str
    keyword: str
    below: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker.  Its part is RUNTIME_DIR/NAME.conf, its socket RUNTIME_DIR/NAME.sock."""

    name: str
    module: str  # where its `main` is
    blocks: tuple[str, ...]  # the fields of Configuration that it gets beside global_defs; the first gives it work
    log_suffix: str  # of its own log file, where the operator wants a file
    only: CommandOption | None = None  # run this worker and no other that is not asked for
    pid_file: CommandOption | None = None
    keep: CommandOption | None = None  # what it has put into the kernel stays there when it stops
    reads_files: bool = False  # its part names files that it reads again at each reload
    capabilities: frozenset[str] = frozenset()  # what it keeps when it becomes the system user, without `CAP_`
    asked_for: tuple[KeywordNeed, ...] = ()  # and what it keeps beside them
    remembers: bool = False  # it writes in STATE_DIR

    @property
    def process_name(self) -> str:
        """What `ps -o comm` and `top` show."""
        return f"lvsd_{self.name}"[:COMM]

    @property
    def socket(self) -> str:
        """The file of its control socket in RUNTIME_DIR."""
        return f"{self.name}.sock"

    @property
    def state(self) -> str:
        """The file that its successor goes on from, in a folder of its own in RUNTIME_DIR."""
        return f"{self.name}/{self.former_state}"

    @property
    def former_state(self) -> str:
        """Where versions before this one have that file in RUNTIME_DIR."""
        return f"{self.name}.state"

    def log_file(self, file: Path) -> Path:
        """The worker's own log file beside that of the parent: lvsd.log, lvsd_vrrp.log."""
        return file.with_name(f"{file.stem}{self.log_suffix}{file.suffix}")

    def main(self) -> Callable[[WorkerOptions], int]:
        """Import the worker and every module that it needs; the function that its process runs."""
        main: Callable[[WorkerOptions], int] = import_module(self.module).main
        return main


# In the order in which the parent stops them; a parent of a new version replaces them in the opposite order.
# Names, options and suffixes are keepalived's.
WORKERS = {
    worker.name: worker
    for worker in (
        Worker(
            name="vrrp",
            module="lvsd.vrrp.worker",
            blocks=("routers", "sync_groups"),
            log_suffix="_vrrp",
            only=CommandOption("-P", "--vrrp", "only run VRRP"),
            pid_file=CommandOption("-r", "--vrrp_pid", "pid file of the VRRP worker"),
            keep=CommandOption("-V", "--dont-release-vrrp", "leave the addresses at stop"),
            capabilities=frozenset({"NET_ADMIN", "NET_RAW"}),
            asked_for=(KeywordNeed("SYS_NICE", "vrrp_rt_priority"), KeywordNeed("IPC_LOCK", "vrrp_no_swap")),
        ),
        Worker(
            name="checker",
            module="lvsd.check.worker",
            blocks=("virtual_servers", "ssl"),
            log_suffix="_healthcheckers",
            only=CommandOption("-C", "--check", "only run the checks and IPVS"),
            pid_file=CommandOption("-c", "--checkers_pid", "pid file of the checker"),
            keep=CommandOption("-I", "--dont-release-ipvs", "leave the IPVS services at stop"),
            reads_files=True,
            capabilities=frozenset({"NET_ADMIN"}),
            asked_for=(KeywordNeed("NET_BIND_SERVICE", "bind_port", below=1024),),
            remembers=True,
        ),
    )
}


def sockets() -> tuple[str, ...]:
    """The names that stand in front of `.sock` in RUNTIME_DIR: the parent's, then each worker's."""
    return ("lvsd", *WORKERS)
