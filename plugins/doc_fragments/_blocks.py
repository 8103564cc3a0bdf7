# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords of each block of the configuration, as options."""

from __future__ import annotations

from ansible_collections.lvs.director.plugins.module_utils._configuration import TABLES
from ansible_collections.lvs.director.plugins.module_utils._ipvs import (
    INLINE_REAL_SERVERS,
    REAL_SERVER,
    SERVICE,
    SERVICE_KEY,
)
from ansible_collections.lvs.director.plugins.module_utils._vrrp import GLOBALS, GROUP, INSTANCE
from ansible_collections.lvs.director.plugins.plugin_utils._options import fragment, listed


class ModuleDocFragment:
    """One fragment for each block; annotated, because readers of documentation take bare assignments for literals."""

    GLOBALS: str = fragment(GLOBALS)
    VRRP_INSTANCE: str = fragment(INSTANCE)
    VRRP_SYNC_GROUP: str = fragment(GROUP)
    SERVICE_KEY: str = fragment(SERVICE_KEY)
    SERVICE: str = fragment((*SERVICE, INLINE_REAL_SERVERS))
    REAL_SERVER: str = fragment(REAL_SERVER)
    CONFIGURATION: str = listed(TABLES)
