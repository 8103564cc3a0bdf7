#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: director_runtime
short_description: Deploy, upgrade or roll back the daemon
version_added: 0.1.0
description:
  - Brings the daemon that the collection carries to the host. The host needs no package index, no pip and no compiler,
    only Python 3.11 or newer.
  - Each version is a folder named by the digest of its files. A symlink says which one is current, another one which
    one was current before. Nothing is transferred when the host has the version already.
  - Installs the programs C(lvsd) and C(lvsctl) and the unit C(lvsd.service).
  - Restarts nothing. A running daemon, with its workers, stays with the version that it was started from until it is
    restarted; RV(restart_needed) says so.
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd.attributes
attributes:
  diff_mode:
    support: full
    description: Shows the versions before and after, and the lines of programs and unit that change.
  idempotent:
    support: partial
    details:
      - Each run with O(state=rolled_back) exchanges the current and the previous version.
    description: Run twice in a row, the second run changes nothing.
options:
  state:
    description:
      - V(present) makes the version that the collection carries the current one.
      - V(rolled_back) makes the previous version the current one, and the other way round. So it changes something
        each time that it runs.
    type: str
    choices:
      - present
      - rolled_back
    default: present
  python:
    description:
      - The interpreter of the daemon. Without it the first of the host's own interpreters that is new enough is taken.
    type: path
  install_dir:
    description:
      - Where the versions are.
    type: path
    default: /opt/lvsd
  program_dir:
    description:
      - Where the programs are.
    type: path
    default: /usr/local/sbin
  unit_dir:
    description:
      - Where the unit is.
    type: path
    default: /etc/systemd/system
  runtime_dir:
    description:
      - The directory of the daemon's control sockets.
    type: path
    default: /run/lvsd
  keep:
    description:
      - How many versions stay on the host. The current, the previous and the running one always do.
    type: int
    default: 3
  digest:
    description:
      - The digest of the version. Set by the collection.
    type: str
  archive:
    description:
      - The archive on the host. Set by the collection.
    type: path
  unit:
    description:
      - The text of the unit. Set by the collection.
    type: str
notes:
  - With O(state=rolled_back) the second run rolls forward again, so that state is not idempotent.
"""

EXAMPLES = r"""
- name: Deploy the daemon
  lvs.director.director_runtime:

- name: Go back to the version before
  lvs.director.director_runtime:
    state: rolled_back
"""

RETURN = r"""
digest:
  description: The version that is current now.
  returned: success
  type: str
  sample: 8c1f0d7e3b5a4921
previous:
  description: The version that was current before; null where there was none.
  returned: success
  type: str
  sample: 03b1c2d4e5f60718
running:
  description: The version that the daemon runs; null when it does not run.
  returned: success
  type: str
  sample: 03b1c2d4e5f60718
restart_needed:
  description: Whether the daemon runs another version than the current one.
  returned: success
  type: bool
  sample: true
unit_changed:
  description: Whether systemd has to read its units again.
  returned: success
  type: bool
  sample: false
unit_new:
  description: Whether systemd had no unit of the daemon before.
  returned: success
  type: bool
  sample: false
python:
  description: The interpreter of the daemon; null in C(check_mode) where the host has none yet.
  returned: success
  type: str
  sample: /usr/bin/python3
"""

import os
import shutil
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lvs.director.plugins.module_utils import _install
from ansible_collections.lvs.director.plugins.module_utils._place import read, write
from ansible_collections.lvs.director.plugins.module_utils._python import interpreter

PROGRAMS = {"lvsd": "lvsd", "lvsctl": "lvsd.ctl"}
PROGRAM_MODE = 0o755
UNIT_MODE = 0o644

SPEC = {
    "state": {"type": "str", "choices": ["present", "rolled_back"], "default": "present"},
    "python": {"type": "path"},
    "install_dir": {"type": "path", "default": "/opt/lvsd"},
    "program_dir": {"type": "path", "default": "/usr/local/sbin"},
    "unit_dir": {"type": "path", "default": "/etc/systemd/system"},
    "runtime_dir": {"type": "path", "default": "/run/lvsd"},
    "keep": {"type": "int", "default": 3},
    "digest": {"type": "str"},
    "archive": {"type": "path"},
    "unit": {"type": "str"},
}


def text_files(module: AnsibleModule, python: str) -> t.Dict[str, t.Tuple[str, int]]:
    """Programs and unit: path -> (text, mode)."""
    params = module.params
    files = {
        os.path.join(params["program_dir"], name): (_install.wrapper(params["install_dir"], python, run), PROGRAM_MODE)
        for name, run in PROGRAMS.items()
    }
    if params["unit"] is not None:
        files[os.path.join(params["unit_dir"], "lvsd.service")] = (params["unit"], UNIT_MODE)
    return files


def differing(files: t.Dict[str, t.Tuple[str, int]]) -> t.List[str]:
    """Paths of the files whose text or mode is another one."""
    return [
        path for path, (text, mode) in files.items() if read(path) != text or os.stat(path).st_mode & 0o7777 != mode
    ]


def lay_down(module: AnsibleModule, python: str) -> None:
    """Unpack and byte-compile the version that arrived."""
    params = module.params

    def compiled(folder: str) -> None:
        command = [python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", folder]
        code, out, err = module.run_command(command)
        if code:
            shutil.rmtree(folder, ignore_errors=True)
            module.fail_json(msg=f"{python} cannot compile the daemon: {out.strip()} {err.strip()}")

    try:
        bundle = _install.unpacked(params["archive"], params["digest"])
    except _install.BadBundle as bad:
        module.fail_json(msg=f"The archive with the daemon is damaged: {bad}")
    os.makedirs(params["install_dir"], mode=0o755, exist_ok=True)
    _install.lay_down(params["install_dir"], params["digest"], bundle, compiled)


def switch(module: AnsibleModule, before: t.Optional[str], after: str) -> None:
    """Make `after` the current version and forget the oldest ones."""
    install_dir = module.params["install_dir"]
    if before and before != after:
        _install.point(install_dir, "previous", before)
    _install.point(install_dir, "current", after)
    kept = {
        after,
        before,
        _install.link(install_dir, "previous"),
        _install.running(install_dir, module.params["runtime_dir"]),
    }
    others = [digest for digest in _install.digests(install_dir) if digest not in kept]
    others.sort(key=lambda digest: os.stat(os.path.join(install_dir, digest)).st_mtime, reverse=True)
    spare = max(0, module.params["keep"] - len(kept - {None}))
    for digest in others[spare:]:
        shutil.rmtree(os.path.join(install_dir, digest), ignore_errors=True)


def target(module: AnsibleModule, current: t.Optional[str]) -> str:
    """The version that is to be current."""
    if module.params["state"] == "present":
        if not module.params["digest"]:
            module.fail_json(msg="This module needs its action plugin, which brings the daemon")
        return module.params["digest"]
    previous = _install.link(module.params["install_dir"], "previous")
    if previous is None:
        module.fail_json(msg=f"There is no version to go back to; the current one is {current or 'none'}")
    return previous


def difference(before: t.Optional[str], after: str, paths: t.List[str], files: t.Dict[str, t.Any]) -> t.List[t.Any]:
    """Ansible's diff: the version, then programs and unit."""
    entries = [{"before": f"{before}\n", "after": f"{after}\n", "before_header": "version", "after_header": "version"}]
    for path in paths:
        entries.append(
            {"before": read(path) or "", "after": files[path][0], "before_header": path, "after_header": path}
        )
    return entries


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    params = module.params
    install_dir = params["install_dir"]
    current = _install.link(install_dir, "current")
    after = target(module, current)
    missing = after not in _install.digests(install_dir)
    if missing and not params["archive"] and not module.check_mode:
        module.exit_json(changed=False, needs_archive=True)
    python = interpreter(module)
    files = text_files(module, python or "/usr/bin/python3")
    paths = differing(files)
    diff = difference(current, after, paths, files)
    unit = os.path.join(params["unit_dir"], "lvsd.service")
    unit_new = not os.path.exists(unit)
    if not module.check_mode:
        if missing:
            lay_down(module, str(python))
        if current != after:
            switch(module, current, after)
        for path in paths:
            write(path, *files[path])
    running = _install.running(install_dir, params["runtime_dir"])
    if running not in (None, after):
        module.warn(f"The daemon still runs version {running}; {after} is used from its next start on")
    module.exit_json(
        changed=bool(paths) or current != after or missing,
        digest=after,
        previous=current if current != after else _install.link(install_dir, "previous"),
        running=running,
        restart_needed=running not in (None, after),
        unit_changed=unit in paths,
        unit_new=unit_new,
        python=python,
        diff=diff,
    )


if __name__ == "__main__":
    main()
