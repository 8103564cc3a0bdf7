# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of `director_runtime`: bundle the daemon, and transfer it where the host lacks it."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.lvs.director.plugins.module_utils._install import (
    PACKAGE,
    Bundle,
    digest_of,
    packed,
    units_of,
)

SOURCE = Path(__file__).parents[2] / "runtime" / PACKAGE
LEFT_OUT = (".pyc", ".pyo")


def bundle_of(source: Path) -> Bundle:
    """The package's files as they go to the host.  Raises `AnsibleActionFail` where there is no package."""
    found = {
        f"{PACKAGE}/{path.relative_to(source).as_posix()}": path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.suffix not in LEFT_OUT and "__pycache__" not in path.parts
    }
    if f"{PACKAGE}/__init__.py" not in found:
        raise AnsibleActionFail(f"The collection lacks the daemon: there is no package in {source}")
    return found


class ActionModule(ActionBase):
    """Ask the host for the version; where it is missing, bring it."""

    TRANSFERS_FILES = False  # only where the host lacks the version

    def run(self, tmp: t.Optional[str] = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> t.Dict[str, t.Any]:
        """Run the module on the host, and a second time with the archive where the host lacks this version.

        Raises AnsibleActionFail for an option that the collection sets itself.
        """
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        for option in ("digest", "archive", "units"):
            if option in arguments:
                raise AnsibleActionFail(f"{option} is set by the collection")
        bundle: Bundle = {}
        if arguments.get("state", "present") == "present":
            bundle = bundle_of(SOURCE)
            arguments["digest"] = digest_of(bundle)
            arguments["units"] = units_of(bundle)
        result = self._module(arguments, task_vars)
        if result.pop("needs_archive", False):
            arguments["archive"] = self._bring(bundle)
            result = self._module(arguments, task_vars)
        return result

    def _module(self, arguments: t.Dict[str, t.Any], task_vars: t.Optional[t.Dict[str, t.Any]]) -> t.Dict[str, t.Any]:
        name = "lvs.director.director_runtime"
        result: t.Dict[str, t.Any] = self._execute_module(name, module_args=arguments, task_vars=task_vars)
        return result

    def _bring(self, bundle: Bundle) -> str:
        """Transfer the archive; where it is on the host."""
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        remote: str = self._connection._shell.join_path(self._connection._shell.tmpdir, "lvsd.tar.gz")
        descriptor, local = tempfile.mkstemp(prefix="lvsd-", suffix=".tar.gz")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(packed(bundle))
            self._transfer_file(local, remote)
            self._fixup_perms2((self._connection._shell.tmpdir, remote))
        finally:
            os.unlink(local)
        return remote
