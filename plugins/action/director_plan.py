# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse an inventory that contradicts itself, on the controller, before any host is touched."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.lvs.director.plugins.module_utils._arguments import OF_THE_GROUP
from ansible_collections.lvs.director.plugins.plugin_utils._clusters import clusters, planned
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan

ARGUMENTS = {
    "directors": {"type": "str"},
    "real_servers": {"type": "str"},
    "alone": {"type": "bool", "default": False},
}


def summary(found: Plan) -> dict[str, t.Any]:
    """The plan without its secrets: what each host is to be."""
    directors = {}
    for name, part in found.directors.items():
        configuration = part["configuration"]
        directors[name] = {
            "router_id": configuration["globals"]["router_id"],
            "priorities": {one["name"]: one["priority"] for one in configuration["vrrp_instances"]},
            "peers": part["peers"],
            "schedulers": part["schedulers"],
        }
    return {"directors": directors, "real_servers": found.real_servers}


class ActionModule(ActionBase):
    """Runs on the controller only."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Judge the plan of all clusters; the task fails with every contradiction, each once."""
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        self._task.args = {name: value for name, value in self._task.args.items() if name not in OF_THE_GROUP}
        _validation, arguments = self.validate_argument_spec(ARGUMENTS)
        wanted = clusters(variables, arguments["directors"], arguments["real_servers"])
        found = planned(variables, wanted, arguments["alone"])
        result.update(changed=False, warnings=list(found.warnings), **summary(found))
        if found.errors:
            lines = "\n".join(f"  * {error}" for error in found.errors)
            result.update(failed=True, msg=f"The inventory contradicts itself:\n{lines}")
        return result
