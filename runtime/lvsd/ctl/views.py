# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers' answers as text for people.  Pure: `now` is the wall clock in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .table import duration, table

Shown = Mapping[str, Any]


def status(answers: Mapping[str, Shown | None], now: float, *, colour: bool = False) -> str:
    """One screen: the daemon, its workers, routers, groups, services.  `answers`: worker -> its `show`, or None."""
    parts = [_daemon(answers["lvsd"], now)]
    if parent := answers["lvsd"]:
        parts.append(workers(parent, now, colour=colour))
    if shown := answers["vrrp"]:
        parts.append(vrrp(shown, now, colour=colour))
    if shown := answers["checker"]:
        parts.append(services(shown, now, colour=colour))
    parts.append(refused_programs([answers["vrrp"], answers["checker"]], now, colour=colour))
    return "\n\n".join(part for part in parts if part)


def _daemon(parent: Shown | None, now: float) -> str:
    if parent is None:
        return "lvsd: the parent does not answer; what follows comes from workers that do"
    loaded = duration(now - parent["loaded_at"])
    warnings = len(parent.get("findings", ()))
    more = f"; {warnings} warnings, see `lvsd -t`" if warnings else ""
    version = " ".join(filter(None, [parent["version"], parent.get("digest")]))
    name = f"{parent['router_id']}: " if parent.get("router_id") else ""  # absent in answers of older versions
    line = f"{name}lvsd {version}, pid {parent['pid']}: {parent['config']}, loaded {loaded} ago{more}"
    troubles = (
        [f"CONFIGURATION NOT TAKEN, what ran before goes on: {parent['fallback']}"] if parent.get("fallback") else []
    )
    troubles += [f"not replaced: {problem}" for problem in parent.get("takeover", {}).get("problems", ())]
    return "\n".join([line, *troubles])


def workers(parent: Shown, now: float, *, colour: bool = False) -> str:
    """Return a table of the workers: state, process, age, restarts, version."""
    rows = [
        (
            worker["name"],
            "down" if worker["pid"] is None else "up",
            worker["pid"],
            None if worker["pid"] is None else duration(now - worker["up_since"]),
            worker["restarts"],
            " ".join(filter(None, [worker.get("release"), worker.get("digest")])) or None,
        )
        for worker in parent["workers"]
    ]
    if not rows:
        return "no worker is needed"
    shown = table(("WORKER", "STATE", "PID", "FOR", "RESTARTS", "VERSION"), rows, colour=colour)
    return f"{shown}\nthe workers run as root: {why}" if (why := parent.get("as_root")) else shown


def vrrp(shown: Shown, now: float, *, colour: bool = False) -> str:
    """Routers, then groups."""
    rows: list[tuple[object, ...]] = []
    for router in shown["instances"]:
        missing = {entry["address"] for entry in router.get("missing", ())}
        addresses = [f"{a} (missing)" if a in missing else a for a in router["addresses"]] or [None]
        rows.append((*_router(router, now), addresses[0]))
        rows += [("", "", "", "", "", "", address) for address in addresses[1:]]
    headings = ("ROUTER", "STATE", "FOR", "PRIORITY", "ON", "ACTIVE ROUTER", "ADDRESSES")
    parts = [table(headings, rows, colour=colour)] if rows else []
    groups = [(group["name"], group["state"], " ".join(group["members"])) for group in shown.get("groups", ())]
    if groups:
        parts.append(table(("GROUP", "STATE", "MEMBERS"), groups, colour=colour))
    faults = [f"{router['name']}: {fault}" for router in shown["instances"] for fault in router.get("faults", ())]
    faults += [
        f"{router['name']}: {entry['address']} is missing: {entry['reason']}"
        for router in shown["instances"]
        for entry in router.get("missing", ())
    ]
    if faults:
        parts.append("\n".join(faults))
    return "\n\n".join(parts) or "no vrrp_instance is configured"


def vrrp_in_full(shown: Shown, now: float, *, colour: bool = False) -> str:
    """As in the status, and what has been counted."""
    return "\n\n".join(part for part in (vrrp(shown, now, colour=colour), counters(shown)) if part)


def counters(shown: Shown) -> str:
    """The packets of each kind that the routers have sent and heard, and those for none of them; "" for no packets."""
    owned = [(router["name"], router.get("counters", {})) for router in shown["instances"]]
    every = [*owned, ("of no router", shown.get("counters", {}))]
    rows = [(name if k == 0 else "", *row) for name, found in every for k, row in enumerate(sorted(found.items()))]
    return table(("ROUTER", "COUNTER", "NUMBER"), rows) if rows else ""


def refused_programs(answers: Sequence[Shown | None], now: float, *, colour: bool = False) -> str:
    """The operator's programs that the workers do not run, and why; "" for none."""
    every = {(p["program"], p["user"]): p for shown in answers if shown for p in shown.get("refused_programs", ())}
    rows = [(p["program"], p["user"], duration(now - p["since"]), p["reason"]) for p in every.values()]
    return table(("PROGRAM NOT RUN", "USER", "FOR", "REASON"), rows, colour=colour) if rows else ""


def _router(router: Shown, now: float) -> tuple[object, ...]:
    effective, configured = router["effective_priority"], router["priority"]
    priority = str(effective) if effective == configured else f"{effective} of {configured}"
    on = f"{router['interface']} vrid {router['vrid']} v{router['version']} IPv{router['family']}"
    return router["name"], router["state"], duration(now - router["since"]), priority, on, router.get("active_router")


def services(shown: Shown, now: float, *, colour: bool = False) -> str:
    """Each service with its servers, weights, connections and the operator's orders."""
    rows: list[tuple[object, ...]] = []
    for service in shown["services"]:
        quorum = service["quorum"]
        state = "sorry" if service.get("sorry_in_use") else "up" if quorum["up"] else "down"
        weight = f"{quorum['weight']} (quorum {quorum['needed']})"
        how = f"{service['scheduler']} {service['forwarding']}"
        rows.append((service["key"], state, weight, *_connections(service["servers"]), how))
        rows += [_server(server, now) for server in service["servers"]]
        if service.get("sorry_in_use"):
            rows.append((f"  {service.get('sorry_server') or 'sorry server'}", "sorry", None, None, None, "in use"))
    headings = ("SERVICE / SERVER", "STATE", "WEIGHT", "ACTIVE", "INACTIVE", "")
    return table(headings, rows, colour=colour) if rows else "no virtual_server is configured"


def _server(server: Shown, now: float) -> tuple[object, ...]:
    admin = server.get("admin", "enabled")
    state = admin if admin != "enabled" else "up" if server["up"] else "down"
    effective, configured = server["effective_weight"], server["weight"]
    weight = f"{effective} of {configured}" if effective not in (None, configured) else str(configured)
    notes = [] if effective is not None else ["not in the table"]
    connections = server.get("active_connections"), server.get("inactive_connections")
    return f"  {server['key']}", state, weight, *connections, ", ".join(notes + _order(server, now))


def _order(server: Shown, now: float) -> list[str]:
    """What the operator has ordered and for how long: `drained for 5 min`, `weight 7 by order for 2 h`."""
    override, since = server.get("weight_override"), server.get("order_since")
    said = ["drained"] if server.get("admin") == "drained" and since is not None else []
    said += [] if override is None else [f"weight {override} by order"]
    age = "" if since is None else f" for {duration(now - since)}"
    return [" and ".join(said) + age] if said else []


def _connections(servers: Sequence[Shown]) -> tuple[int, int]:
    return (
        sum(server.get("active_connections") or 0 for server in servers),
        sum(server.get("inactive_connections") or 0 for server in servers),
    )


def checks(shown: Shown, *, colour: bool = False) -> str:
    """Every check of every server, with what it saw last."""
    rows: list[tuple[object, ...]] = []
    for service in shown["services"]:
        for server in service["servers"]:
            for check in server["checks"] or [
                {"kind": "none", "up": True, "detail": "counts as up", "latency_ms": None}
            ]:
                latency = check.get("latency_ms")
                time = None if latency is None else f"{latency:.1f} ms"
                state = "up" if check["up"] else "down"
                rows.append((service["key"], server["key"], check["kind"], state, time, check.get("detail")))
    headings = ("SERVICE", "SERVER", "CHECK", "STATE", "LATENCY", "DETAIL")
    return table(headings, rows, colour=colour) if rows else "no virtual_server is configured"


def ipvs(shown: Shown, *, colour: bool = False) -> str:
    """What the kernel's table holds for our services."""
    rows: list[tuple[object, ...]] = []
    for service in shown["services"]:
        kernel = service.get("kernel")
        details = "" if not kernel else " ".join(f"{name}={_plain(value)}" for name, value in kernel.items())
        sorry = [service.get("sorry_server")] if service.get("sorry_in_use") else []
        rows.append((service["key"], "absent" if kernel is None else "up", None, None, None, details))
        for server in service["servers"]:
            if server["effective_weight"] is not None:
                connections = server.get("active_connections"), server.get("inactive_connections")
                rows.append((f"  -> {server['key']}", "", server["effective_weight"], *connections, ""))
        rows += [(f"  -> {key}", "sorry", None, None, None, "") for key in sorry]
    headings = ("SERVICE / DESTINATION", "STATE", "WEIGHT", "ACTIVE", "INACTIVE", "KERNEL")
    return table(headings, rows, colour=colour) if rows else "no virtual_server is configured"


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def changes(answer: Shown) -> str:
    """What a reload did."""
    replaced = answer.get("replaced", ())  # by a process that has what the new configuration needs
    lines = []
    for name, changed in sorted(answer.get("changes", {}).items()):
        lines.append(f"{name}: {'replaced' if name in replaced else ', '.join(_changed(changed)) or 'no change'}")
    lines += [f"{name}: started" for name in answer.get("started", ())]
    lines += [f"{name}: stopped" for name in answer.get("stopped", ())]
    lines += [
        f"warning: {finding['path']}:{finding['line']}: {finding['message']}" for finding in answer.get("findings", ())
    ]
    return "\n".join(lines) or "reloaded, no change"


def _changed(changed: Mapping[str, Any], words: str = "") -> list[str]:
    """`{"services": {"added": ["a"]}}` -> ["services added a"]; what is empty is left out."""
    said: list[str] = []
    for what, value in changed.items():
        if isinstance(value, Mapping):
            said += _changed(value, f"{words}{what} ")
        elif value and what != "unchanged":
            said.append(f"{words}{what} {_plain(value)}")
    return said


def server(service: str, shown: Shown | None, key: str) -> str:
    """One server after it was drained, enabled or weighted."""
    if not shown:
        return f"{key} of {service}: done"
    effective = shown["effective_weight"]
    weight = "not in the table" if effective is None else f"weight {effective}"
    connections = shown.get("active_connections")
    more = "" if connections is None else f", {connections} active connections"
    override = shown.get("weight_override")
    order = "" if override is None else f"; weight {override} is an order, which `lvsctl weight ... default` ends"
    return f"{shown['key']} of {service}: {shown['admin']}, {weight}{more}{order}"


def failover(answer: Shown, name: str | None) -> str:
    """What a planned hand-over began."""
    released = answer.get("released")
    return f"handed over: {', '.join(released) if released else name or 'every active router'}"
