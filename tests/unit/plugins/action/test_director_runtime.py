# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the deployment."""

from __future__ import annotations

from ansible_collections.lvs.director.plugins.action.director_runtime import SOURCE, bundle_of


def test_the_collections_own_daemon_is_bundled_without_bytecode() -> None:
    found = bundle_of(SOURCE)
    assert "lvsd/model/vrrp.py" in found
    assert not [path for path in found if path.endswith(".pyc") or "__pycache__" in path]
