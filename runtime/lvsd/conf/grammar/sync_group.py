# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`vrrp_sync_group`."""

from __future__ import annotations

from lvsd.model import Notify, SyncGroup

from ..lexer import Literal, literal
from .entry import Block, Lines, kept, name_of, one_name
from .notify import NO_FIFO, NO_MAIL, NOTIFY
from .tracking import TRACK_INTERFACE, TRACKERS

SYNC_GROUP = Block(
    "vrrp_sync_group",
    "sync_groups",
    SyncGroup,
    (
        Lines(
            "group",
            "members",
            "INSTANCE",
            lambda words: literal(words[0])[0],
            lambda name: (Literal(name),),
            lambda words, index: True,
            "Names of the instances that are MASTER together or not at all.",
        ),
        TRACK_INTERFACE,
        *NOTIFY,
        *TRACKERS,
        kept("notify_priority_changes", "Writes changes of priority to the FIFO.", NO_FIFO, "[on|off]"),
        kept("smtp_alert", "Sends a mail on every change of state.", NO_MAIL, "[on|off]"),
        kept("sync_group_tracking_weight", "Lets members keep the weights of their trackers."),
        kept("global_tracking", "Applies the members' trackers to all.", obsolete="put the trackers into the group"),
    ),
    "Instances that change state together.",
    "NAME",
    one_name,
    name_of,
    groups={"notify": Notify},
)
