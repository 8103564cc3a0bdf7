# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for people about the live state; documented beside this file."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

State = Mapping[str, t.Any]


def instance_line(instance: State) -> str:
    """One virtual router: `external_network_1: Active, priority 100, 192.168.122.140/24 dev eth0`."""
    parts = [f"{instance['name']}: {instance['state']}"]
    if instance.get("effective_priority") is not None:
        parts.append(f"priority {instance['effective_priority']}")
    parts += [f"fault: {fault}" for fault in instance.get("faults") or []]
    if instance.get("state") == "Active":
        parts += instance.get("addresses") or []
    elif instance.get("active_router"):
        parts.append(f"hears {instance['active_router']}")
    return ", ".join(map(str, parts))


def service_lines(service: State) -> list[str]:
    """A service, then each of its real servers."""
    sorry = ", sorry server in use" if service.get("sorry_in_use") else ""
    return [f"{service['key']}: {service.get('scheduler')} {service.get('forwarding')}{sorry}"] + [
        f"  {server['key']}: {'up' if server.get('up') else 'down'}, weight {server.get('effective_weight')},"
        f" {server.get('active_connections') or 0} connections"
        + (", drained" if server.get("admin") == "drained" else "")
        for server in service.get("servers") or []
    ]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"instance_line": instance_line, "service_lines": service_lines}
