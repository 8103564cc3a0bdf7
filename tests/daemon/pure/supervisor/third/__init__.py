# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that the daemon does not have: this folder and one row are all that it takes to add it."""

from lvsd.worker.registry import WORKERS, CommandOption, Worker

ROW = Worker(
    name="third",
    module="third.worker",
    blocks=("virtual_servers",),
    log_suffix="_third",
    pid_file=CommandOption("-3", "--third_pid", "pid file of the third worker"),
)


def register() -> None:
    """Add the row."""
    WORKERS[ROW.name] = ROW
