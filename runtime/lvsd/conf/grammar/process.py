# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the processes run: priorities, CPUs, memory and names. All of it is only kept."""

from __future__ import annotations

from .entry import Kept, kept

NORMAL_PRIORITY = "the process keeps its priority; set it in the systemd unit"
OWN_NAMES = "the workers keep their own process names"


def processes(*names: str) -> tuple[Kept, ...]:
    """Scheduling keywords, the same for every worker."""
    return tuple(
        entry
        for who in names
        for entry in (
            kept(f"{who}_priority", f"Nice value of the {who} process.", NORMAL_PRIORITY, "-20..19"),
            *(
                ()
                if who == "vrrp"
                else (
                    kept(f"{who}_rt_priority", f"Real-time priority of the {who} process.", NORMAL_PRIORITY, "1..99"),
                    kept(f"{who}_no_swap", f"Locks the memory of the {who} process.", "its memory can be swapped"),
                )
            ),
            kept(
                f"{who}_rlimit_rttime",
                f"CPU limit of the {who} process under a real-time priority.",
                syntax="MICROSECONDS",
                deprecated=(f"{who}_rlimit_rtime",),
            ),
            kept(f"{who}_cpu_affinity", f"CPUs of the {who} process.", "it may run on every CPU", "CPU ..."),
            kept(
                f"{who}_process_name",
                f"Title of the {who} process.",
                OWN_NAMES,
                "NAME",
                aliases=("lvs_process_name",) if who == "checker" else (),
            ),
        )
    )


PROCESSES: tuple[Kept, ...] = (
    kept("max_auto_priority", "Raises the priority when timers are late.", NORMAL_PRIORITY, "[-1..99]"),
    kept("min_auto_priority_delay", "How late a timer must be for that.", NORMAL_PRIORITY, "MICROSECONDS"),
    kept("process_names", "Gives the processes their own titles.", OWN_NAMES),
    kept("process_name", "Title of the parent process.", OWN_NAMES, "NAME"),
    *processes("vrrp", "checker", "bfd"),
)
