# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for gratuitous ARP and NA: of an instance, and with `vrrp_` in front of them of `global_defs`."""

from __future__ import annotations

from .number import integer, raised, whole_seconds

ANNOUNCEMENTS = (
    (
        "garp_master_delay",
        "delay",
        whole_seconds(0, 86400),
        "Time until the second burst of gratuitous ARP or NA.",
        "5",
    ),
    ("garp_master_repeat", "repeat", raised(1, 255), "Frames per address in a burst.", "5"),
    (
        "garp_master_refresh",
        "refresh",
        whole_seconds(0, 86400),
        "Repeats announcements this often while MASTER.",
        "0, never",
    ),
    ("garp_master_refresh_repeat", "refresh_repeat", raised(1, 255), "Frames per address in a refresh.", "1"),
    (
        "garp_lower_prio_delay",
        "lower_priority_delay",
        whole_seconds(0, 86400),
        "Time until the second burst after a lower priority was heard.",
        "garp_master_delay",
    ),
    (
        "garp_lower_prio_repeat",
        "lower_priority_repeat",
        integer(0, 255),
        "Frames in a burst after a lower priority was heard.",
        "garp_master_repeat",
    ),
)
