# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Priorities, CPUs, memory and names of the processes are known by their words, for each worker alike."""

from __future__ import annotations

from lvsd.conf.grammar.process import NORMAL_PRIORITY, OWN_NAMES, PROCESSES, processes

from tests.support.language import kept

YET = "is known but not implemented yet"


def test_the_words_of_one_worker() -> None:
    assert kept(processes("bfd")) == {
        "bfd_priority": f"'bfd_priority' {YET}: {NORMAL_PRIORITY}",
        "bfd_rt_priority": f"'bfd_rt_priority' {YET}: {NORMAL_PRIORITY}",
        "bfd_no_swap": f"'bfd_no_swap' {YET}: its memory can be swapped",
        "bfd_rlimit_rttime": f"'bfd_rlimit_rttime' {YET}: it is kept and rendered, and has no effect",
        "bfd_cpu_affinity": f"'bfd_cpu_affinity' {YET}: it may run on every CPU",
        "bfd_process_name": f"'bfd_process_name' {YET}: {OWN_NAMES}",
    }


def test_the_vrrp_worker_has_its_real_time_priority_and_its_memory_locked_indeed() -> None:
    assert {"vrrp_rt_priority", "vrrp_no_swap"}.isdisjoint(kept(processes("vrrp")))
    assert len(processes("vrrp")) == 4


def test_every_worker_has_them() -> None:
    names = list(kept(PROCESSES))
    assert names[:4] == ["max_auto_priority", "min_auto_priority_delay", "process_names", "process_name"]
    assert names[4:] == [*kept(processes("vrrp")), *kept(processes("checker")), *kept(processes("bfd"))]


def test_older_spellings_are_known() -> None:
    spellings = {entry.name: (*entry.aliases, *entry.deprecated) for entry in PROCESSES}
    assert {name: others for name, others in spellings.items() if others} == {
        "vrrp_rlimit_rttime": ("vrrp_rlimit_rtime",),
        "checker_rlimit_rttime": ("checker_rlimit_rtime",),
        "checker_process_name": ("lvs_process_name",),
        "bfd_rlimit_rttime": ("bfd_rlimit_rtime",),
    }
