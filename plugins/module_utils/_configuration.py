# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The whole configuration of a director: every file that it consists of."""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, Values

NAME = Keyword("name", required=True, text="The name of the instance.")
GROUP_NAME = NAME._replace(text="The name of the group.")

TABLES: t.Dict[str, t.Tuple[str, Table]] = {
    "vrrp_instances": ("The C(vrrp_instance) blocks.", (NAME, *_vrrp.INSTANCE)),
    "vrrp_sync_groups": ("The C(vrrp_sync_group) blocks.", (GROUP_NAME, *_vrrp.GROUP)),
    "ipvs_services": (
        "The C(virtual_server) blocks with their real servers.",
        (*_ipvs.SERVICE_KEY, *_ipvs.SERVICE, _ipvs.INLINE_REAL_SERVERS),
    ),
}


def files(values: Values) -> t.Dict[str, str]:
    """Path below the configuration's directory -> text.  Raises `Refused` for a value or a name that is there twice."""
    found: t.Dict[str, str] = {_vrrp.GLOBALS_FILE: _vrrp.globals_text(values.get("globals") or {})}
    for instance in values.get("vrrp_instances") or []:
        _add(found, {_vrrp.instance_file(instance["name"]): _vrrp.instance_text(instance["name"], instance)})
    for group in values.get("vrrp_sync_groups") or []:
        _add(found, {_vrrp.group_file(group["name"]): _vrrp.group_text(group["name"], group)})
    for service in values.get("ipvs_services") or []:
        _add(found, _ipvs.service_files(service))
    return found


def _add(found: t.Dict[str, str], more: t.Dict[str, str]) -> None:
    for path, text in more.items():
        if path in found:
            raise Refused(f"{path}: two blocks with the same name")
        found[path] = text
