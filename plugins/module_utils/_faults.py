# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What does not work on a director, before and after a reload, and what of it is new.

A reload that the daemon takes can still leave a virtual router in Initialize, because its interface is not there, or a
part of the table that the kernel refuses.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._control import Answer, ControlError, state

SETTLE = 5.0  # seconds for what is new to begin: the detection of duplicate addresses alone takes 2
START = 15.0  # seconds for a worker that a reload starts
POLL = 0.25  # seconds
INITIALIZE = "Initialize"

Identity = t.Tuple[t.Any, ...]
Needs = t.Mapping[str, t.Tuple[str, t.Sequence[str]]]  # path below the configuration -> (instance, its interfaces)


class Router(t.NamedTuple):
    """One virtual router as it runs; `identity` goes on where its name changes.

    `missing` are the addresses that it should hold and does not, each with the reason.
    """

    name: str
    state: str
    faults: t.Tuple[str, ...]
    group: t.Optional[str]
    identity: Identity
    missing: t.Tuple[str, ...] = ()


class Seen(t.NamedTuple):
    """A director at one moment; `silent` are the workers that it needs and that do not answer."""

    routers: t.Tuple[Router, ...] = ()
    refused: t.Tuple[str, ...] = ()
    silent: t.Tuple[str, ...] = ()

    def same(self, router: Router) -> t.Optional[Router]:
        """The router of that name, or else of that identity."""
        named = [one for one in self.routers if one.name == router.name]
        alike = [one for one in self.routers if one.identity == router.identity]
        return next(iter(named or alike), None)

    def faulty_groups(self) -> t.Set[t.Optional[str]]:
        """Return the sync groups of the routers that have a fault; None stands for routers without a group."""
        return {router.group for router in self.routers if router.faults}


def seen(runtime_dir: str) -> t.Optional[Seen]:
    """The director now; None where the daemon is not running.  Raises `ControlError` where it does not answer."""
    parent = state(runtime_dir, "lvsd")
    if parent is None:
        return None
    shown = {name: _shown(runtime_dir, name) for name in ("vrrp", "checker")}
    needed = {worker.get("name") for worker in parent.get("workers", [])}
    return Seen(
        tuple(_router(entry) for entry in (shown["vrrp"] or {}).get("instances", [])),
        tuple(str(reason) for answer in shown.values() for reason in (answer or {}).get("refused", [])),
        tuple(name for name, answer in sorted(shown.items()) if answer is None and name in needed),
    )


def _shown(runtime_dir: str, worker: str) -> t.Optional[Answer]:
    try:
        return state(runtime_dir, worker)
    except ControlError:
        return None


def _router(entry: Answer) -> Router:
    identity = tuple(entry.get(part) for part in ("interface", "family", "vrid", "unicast"))
    return Router(
        str(entry.get("name")),
        str(entry.get("state")),
        tuple(str(fault) for fault in entry.get("faults") or []),
        entry.get("group"),
        identity,
        tuple(f"{one.get('address')} is missing: {one.get('reason')}" for one in entry.get("missing") or []),
    )


def new_faults(before: Seen, after: Seen) -> t.List[str]:
    """What does not work `after` and did, or was not there, `before`; each names its object and the reason."""
    found = []
    for router in after.routers:
        reasons = _new_of(router, before, after)
        found += [f"vrrp_instance {router.name}: {reason}" for reason in reasons]
    found += [f"the kernel does not take {reason}" for reason in after.refused if reason not in before.refused]
    return found + [f"the worker {name} does not answer" for name in after.silent if name not in before.silent]


def _new_of(router: Router, before: Seen, after: Seen) -> t.List[str]:
    known = before.same(router)
    if router.missing:
        return [reason for reason in router.missing if known is None or reason not in known.missing]
    if router.faults:
        return [fault for fault in router.faults if known is None or fault not in known.faults]
    if router.state != INITIALIZE or (known is not None and known.state == INITIALIZE):
        return []
    if router.group in after.faulty_groups() - {None}:
        held = f"stays in Initialize with its sync group {router.group}"
        return [] if router.group in before.faulty_groups() else [held]
    return ["stays in Initialize"]


def standing_faults(after: Seen) -> t.List[str]:
    """Everything that does not work, new or not."""
    return new_faults(Seen(), after)


def settled(runtime_dir: str, before: Seen) -> t.List[str]:
    """The new faults, once they are gone, or when what is new has had its time.  Raises `ControlError`."""
    start = time.monotonic()
    while True:
        after = seen(runtime_dir)
        found = ["the daemon does not answer"] if after is None else new_faults(before, after)
        waits = START if after is None or set(after.silent) - set(before.silent) else SETTLE
        if not found or time.monotonic() - start >= waits:
            return found
        time.sleep(POLL)


def foreseen(runtime_dir: str, before: Seen, needs: t.Iterable[t.Tuple[str, t.Sequence[str]]]) -> t.List[str]:
    """The faults that a reload would bring because an interface is not there, as `new_faults` words them."""
    links = links_of(runtime_dir)
    if links is None:
        return []
    routers = [
        Router(name, INITIALIZE, tuple(f"no interface {link}" for link in wanted if link not in links), None, (name,))
        for name, wanted in needs
    ]
    return new_faults(before, Seen(tuple(router for router in routers if router.faults)))


def links_of(runtime_dir: str) -> t.Optional[t.Set[str]]:
    """The interfaces of the daemon's network namespace; None where they are not known."""
    try:
        parent = state(runtime_dir, "lvsd") or {}
        pids = [worker.get("pid") for worker in parent.get("workers", []) if worker.get("name") == "vrrp"]
        pid = next(filter(None, [*pids, parent.get("pid")]), None)
        with open(f"/proc/{pid}/net/dev", encoding="utf-8") as stream:
            return {row.partition(":")[0].strip() for row in stream if ":" in row}
    except (ControlError, OSError):
        return None
