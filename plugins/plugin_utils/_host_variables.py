# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The variables of one host, whose templates see what templates in a task of that host see.

Ansible's `hostvars['director-01']` hides three things from the templates inside it: `hostvars`, `vars` and what only a
play has, such as `ansible_play_hosts`.  A variable that is right in a task would be undefined in the plan.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

from ansible.template import Templar

# What a play gives to all of its hosts alike (ansible-core, "Special Variables").
OF_A_PLAY = (
    "ansible_check_mode",
    "ansible_diff_mode",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_name",
    "ansible_play_role_names",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
)

Variables = Mapping[str, t.Any]


class HostVariables(Variables):
    """One host's variables by name; reading one templates it.  Raises AnsibleError where its template fails."""

    def __init__(self, variables: Variables, loader: t.Any, hostvars: Mapping[str, t.Any], play: Variables) -> None:
        self.raw: dict[str, t.Any] = {**play, **variables}
        self.raw["vars"] = dict(self.raw)
        self.raw["hostvars"] = hostvars
        self._templar = Templar(loader=loader, variables=self.raw)

    def __getitem__(self, name: str) -> t.Any:
        return self._templar.template(self.raw[name])

    def __contains__(self, name: object) -> bool:
        return name in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


def of_host(hostvars: Mapping[str, t.Any], host: str, play: Variables) -> Variables:
    """The variables of `host`; `play` are those of `OF_A_PLAY` that are known where the plan is made."""
    if not hasattr(hostvars, "raw_get"):
        return t.cast(Variables, hostvars[host])  # values already, as a test gives them
    return HostVariables(hostvars.raw_get(host), getattr(hostvars, "_loader", None), hostvars, play)


def texts(value: t.Any) -> Iterator[str]:
    """Every text in `value`, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
