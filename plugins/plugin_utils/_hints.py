# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What an operator meant by keepalived's word, or its shape, where the inventory has another."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from difflib import get_close_matches

from ansible_collections.lvs.director.plugins.module_utils._ipvs import FLAGS

Option = Mapping[str, t.Any]

# keepalived's words, and those of older versions, whose option has another name or place
INSTEAD = {
    "auth_pass": "authentication: {auth_pass: ...}",
    "auth_type": "authentication: {auth_type: ...}",
    "lb_method": "lb_kind",
    "lvs_method": "lb_kind",
    "lvs_sched": "lb_algo",
    "nb_get_retry": "retry",
    "real_server": "real_servers",
    "sorry_server_inhibit": "inhibit in sorry_server",
    "sorry_server_lvs_method": "lb_kind in sorry_server",
    "state": "initial_state",
    **{flag: f"flags: [{flag}]" for flag in FLAGS},
    **{flag.replace("-", "_"): f"flags: [{flag}]" for flag in FLAGS},
}
BECAUSE = {"state": " (state is present or absent in Ansible)"}


def instead(name: str, spec: Mapping[str, Option]) -> str:
    """`, did you mean NAME?` for a name that is no option of `spec`; "" without an idea."""
    known = INSTEAD.get(name, "")
    if known.partition(":")[0].partition(" ")[0] in spec:
        return f", did you mean {known}{BECAUSE.get(name, '')}?"
    near = get_close_matches(name, spec, 1)
    return f", did you mean {near[0]}?" if near else ""


def shape(name: str, option: Option, value: t.Any) -> str:
    """The form in which `value`, of the wrong shape for the option `name`, would be right; "" without an idea."""
    if option["type"] == "list" and isinstance(value, Mapping):
        return f"; put it into one: {name}: [{{...}}]" if option["elements"] == "dict" else ""
    first = next(iter(option.get("options", ())), "")
    if not first or not isinstance(value, str) or not value.isprintable() or len(value) > 60:
        return ""
    row = f"{{{first}: {value}}}"
    return f"; write it as {row if option['type'] == 'dict' else f'[{row}]'}"


def choice(value: t.Any, choices: t.Iterable[t.Any]) -> str:
    """`, did you mean TCP?` for another case of a choice."""
    same = [one for one in choices if str(one).lower() == str(value).lower()]
    return f", did you mean {same[0]}?" if same else ""
