# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is told of a change of state: scripts; not mail, not a FIFO yet."""

from __future__ import annotations

from .entry import Entry, Keyword
from .value import command

NO_MAIL = "no mail is sent; use notify scripts"
NO_FIFO = "nothing is written to a notify FIFO"

NOTIFY: tuple[Entry, ...] = (
    Keyword("notify_master", "notify.active", command(), "Command that runs when the state becomes MASTER."),
    Keyword("notify_backup", "notify.backup", command(), "Command that runs when the state becomes BACKUP."),
    Keyword("notify_fault", "notify.fault", command(), "Command that runs when the state becomes FAULT."),
    Keyword("notify_stop", "notify.stop", command(), "Command that runs when the daemon stops."),
    Keyword("notify_deleted", "notify.deleted", command(), "Command that runs when a reload took the block away."),
    Keyword(
        "notify",
        "notify.any",
        command(),
        "Command that runs after the specific one on every change, with INSTANCE or GROUP, the name, the state and the "
        "priority as its last arguments.",
    ),
)
