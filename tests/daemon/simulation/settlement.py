# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant (a), the end of the story: every Virtual Router has the right Active Router, exactly one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lvsd.vrrp.fsm import Active, Backup

from tests.daemon.simulation.plan import Plan
from tests.daemon.simulation.record import Violation, preempts


def settled(plan: Plan, hosts: Iterable[Any]) -> None:
    """One Active Router for each Virtual Router that anybody is able to serve, and the right one.  Raises Violation."""
    for k in range(len(plan.families)):
        living = [host for host in hosts if able(plan, host, k)]
        active = [host for host in hosts if host.process and isinstance(host.process.instances[k].state, Active)]
        if len(active) != min(1, len(living)) or any(host not in living for host in active):
            found, fit = (" and ".join(host.name for host in some) or "nobody" for some in (active, living))
            raise Violation(f"(a) VI_{k + 1}: {found} Active; able are {fit}")
        for host in active:
            right(plan, k, host, living)


def able(plan: Plan, host: Any, k: int) -> bool:
    """It runs, and so do its links (in a sync group those of all members)."""
    needed = plan.segments if plan.grouped else (plan.segments[k],)
    return host.process is not None and all(host.kernel.running(segment + 1) for segment in needed)


def right(plan: Plan, k: int, active: Any, living: Iterable[Any]) -> None:
    """RFC 9568 §6.1, Preempt_Mode; who handed over on purpose does not take back."""
    routers = {router.name: router for router in plan.routers}
    priority = active.process.instances[k].vr.priority
    for host in living:
        instance = host.process.instances[k]
        better = instance.vr.priority > priority and preempts(routers[host.name])
        if better and isinstance(instance.state, Backup) and not instance.state.yielding:
            theirs, ours = f"{active.name} with priority {priority}", f"{host.name} has {instance.vr.priority}"
            raise Violation(f"(a) VI_{k + 1}: {theirs} is Active, {ours} and preempts")
