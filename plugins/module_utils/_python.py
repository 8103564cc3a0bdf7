# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The daemon's interpreter on a host, which need not be the one that Ansible's modules run on."""

from __future__ import annotations

import glob
import os
import sys
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule

OLDEST = (3, 11)


def new_enough(module: DirectorModule, python: str) -> bool:
    """Whether `python` is an interpreter that the daemon runs on."""
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return sys.version_info >= OLDEST
    question = f"import sys; raise SystemExit(sys.version_info < {OLDEST})"
    return os.access(python, os.X_OK) and module.run_command([python, "-I", "-c", question])[0] == 0


def interpreter(module: DirectorModule) -> t.Optional[str]:
    """The daemon's Python: the one asked for, else the distribution's default, else its newest.

    Where there is none the task fails; in check mode None says that there is none yet.
    """
    asked: t.Optional[str] = module.params["python"]
    if asked:
        if not new_enough(module, asked) and not module.check_mode:
            module.fail_json(msg=f"{asked} is no Python of version {OLDEST[0]}.{OLDEST[1]} or newer")
        return asked
    numbered = sorted(glob.glob("/usr/bin/python3.[0-9][0-9]"), reverse=True)
    for candidate in ["/usr/bin/python3", *numbered, "/usr/local/bin/python3", sys.executable]:
        if os.path.exists(candidate) and new_enough(module, candidate):
            return candidate
    if not module.check_mode:
        module.fail_json(msg=f"The host has no Python {OLDEST[0]}.{OLDEST[1]} or newer; install one, or set python")
    return None
