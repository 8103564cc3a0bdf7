# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a check that connects does so, and from where; with its times, what every such check has."""

from __future__ import annotations

from lvsd.model import CheckTarget, CheckTiming

from .entry import Entry, Keyword, kept
from .number import integer
from .timing import timing
from .value import address, interface

TARGET: tuple[Entry, ...] = (
    Keyword("connect_ip", "target.connect_ip", address(), "Connects there instead of to the real server."),
    Keyword("connect_port", "target.connect_port", integer(1, 65535), "Connects to this port.", "the real server's"),
    Keyword("bindto", "target.bindto", address(), "Connects from this address."),
    Keyword("bind_port", "target.bind_port", integer(1, 65535), "Connects from this port."),
    Keyword("bind_if", "target.bind_if", interface(), "Connects through this interface."),
    Keyword("fwmark", "target.fwmark", integer(0, 2**32 - 1), "Marks the packets of the check."),
)
LOG_ALL = kept("log_all_failures", "Logs every failure of this check.", "only changes are logged", "[on|off]")
NETWORK: tuple[Entry, ...] = (*timing("the real server's"), *TARGET, LOG_ALL)
GROUPS = {"timing": CheckTiming, "target": CheckTarget}
