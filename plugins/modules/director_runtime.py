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
    one was current before. Nothing is transferred when the host has the version already, whole.
  - Installs the programs C(lvsd) and C(lvsctl) and the units C(lvsd.service), C(lvsd-starter.socket) and
    C(lvsd-starter@.service). With O(state=rolled_back) the units are those that the previous version has brought.
  - The daemon of the unit runs as the user C(lvsd) of the group C(lvsd_worker); the role P(lvs.director.director#role)
    makes both. Where they are missing the unit cannot start, and a warning says so.
  - What is new in a unit counts from the next start of the daemon on, after C(systemctl daemon-reload).
  - A running daemon becomes the new version in place, parent and workers, as with C(lvsctl reexec). Nothing is
    restarted, no virtual address moves, no connection is dropped. The new version first tries the host's configuration.
    Where it cannot run, or a worker of it does not come up, the version before is current again, what ran goes on, and
    the task fails with the reason.
  - A disk without room fails the task before anything that runs or is current has changed.
  - Files of a version that are not what was put there, for example after a power loss, are replaced by another run. A
    version before that is damaged is none to go back to.
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
      - Where the units are.
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
  wait:
    description:
      - How many seconds a running daemon may take to become the new version.
    type: float
    default: 60
  digest:
    description:
      - The digest of the version. Set by the collection.
    type: str
  archive:
    description:
      - The archive on the host. Set by the collection.
    type: path
  units:
    description:
      - The units by name, each with its text. Set by the collection.
    type: dict
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
versions:
  description: What runs now, each with its release and its digest; empty when the daemon does not run.
  returned: success
  type: dict
  sample:
    lvsd: {release: 0.1.0, digest: 8c1f0d7e3b5a4921}
    vrrp: {release: 0.1.0, digest: 8c1f0d7e3b5a4921}
    checker: {release: 0.1.0, digest: 8c1f0d7e3b5a4921}
reexecuted:
  description: Whether the running daemon became another version, or would in C(check_mode).
  returned: success
  type: bool
  sample: true
findings:
  description: What the new version says of the host's configuration, where that is why it is refused.
  returned: failure
  type: list
  elements: dict
  sample: [{path: /etc/lvsd/lvsd.conf, line: 3, severity: error, message: not 1 to 255, keyword: virtual_router_id}]
restart_needed:
  description: Whether the daemon runs another version than the current one and is too old to be replaced in deployment.
  returned: success
  type: bool
  sample: false
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
import pwd
import re
import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _install, _reexec
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._deployment import Deployment, Files, differing
from ansible_collections.lvs.director.plugins.module_utils._place import read
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
    "wait": {"type": "float", "default": 60},
    "digest": {"type": "str"},
    "archive": {"type": "path"},
    "units": {"type": "dict"},
}


def units(module: DirectorModule, after: str) -> t.Dict[str, str]:
    """The units of the version `after`: name -> text."""
    if module.params["state"] == "present":
        given: t.Dict[str, str] = module.params["units"] or {}
        return given
    try:
        return _install.installed_units(module.params["install_dir"], after)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: cannot be read: {error.strerror}; the current version stays")


def text_files(module: DirectorModule, python: str, after: str) -> Files:
    """Programs and units."""
    params = module.params
    files = {
        os.path.join(params["program_dir"], name): (_install.wrapper(params["install_dir"], python, run), PROGRAM_MODE)
        for name, run in PROGRAMS.items()
    }
    for name, text in units(module, after).items():
        files[os.path.join(params["unit_dir"], name)] = (text, UNIT_MODE)
    return files


def warn_of_no_user(module: DirectorModule, text: str) -> None:
    """Say that the unit `text` cannot start where the user is missing that it names."""
    found = re.search(r"^User=(\S+)$", text, re.MULTILINE)
    if found is None:
        return
    try:
        pwd.getpwnam(found.group(1))
    except KeyError:
        module.warn(
            f"lvsd.service runs as the user {found.group(1)}, which this host does not have, and cannot start; the role"
            " lvs.director.director makes the user"
        )


def forget_the_oldest(module: DirectorModule) -> None:
    """Remove versions until `keep` are left; never one that runs."""
    running = _reexec.versions(_reexec.live(module.params["runtime_dir"])).values()
    in_use = [version["digest"] for version in running]
    _install.forget(module.params["install_dir"], in_use, module.params["keep"])


def reexecute(module: DirectorModule, deployment: Deployment) -> None:
    """Have the running daemon become the version in `deployment`, or take everything back and fail."""
    runtime_dir, wait = module.params["runtime_dir"], module.params["wait"]
    try:
        _reexec.replace(runtime_dir, wait)
    except _reexec.NotReplaced as failed:
        before = deployment.links["current"]
        message = f"The daemon did not become version {deployment.after}: {failed}."
        if before in (None, deployment.after):
            module.fail_json(msg=message, findings=failed.findings)
        deployment.take_back()
        message += f" Version {before} is current again"
        if _reexec.outdated(_reexec.live(runtime_dir), str(before)):  # a part of it went ahead
            try:
                _reexec.replace(runtime_dir, wait)
            except _reexec.NotReplaced as stuck:
                message += f", but not all of the daemon went back: {stuck}"
        versions = _reexec.versions(_reexec.live(runtime_dir))
        module.fail_json(msg=message, findings=failed.findings, versions=versions)


def deploy(module: DirectorModule, deployment: Deployment, python: str, running: bool) -> None:
    """Put everything in place; where the daemon is `running` another version, have it follow."""
    deployment.put(python)
    if running:
        reexecute(module, deployment)
    forget_the_oldest(module)


def target(module: DirectorModule, current: t.Optional[str]) -> str:
    """The version that is to be current."""
    if module.params["state"] == "present":
        digest: t.Optional[str] = module.params["digest"]
        if not digest:
            module.fail_json(msg="This module needs its action plugin, which brings the daemon")
        return digest
    previous = _install.link(module.params["install_dir"], "previous")
    if previous is None:
        module.fail_json(msg=f"There is no version to go back to; the current one is {current or 'none'}")
    return previous


def damaged(module: DirectorModule, after: str) -> bool:
    """Whether the version is on the host, and not whole; that is said, and one to go back to fails the task."""
    found = _install.damage(module.params["install_dir"], after)
    if found and module.params["state"] == "rolled_back":
        module.fail_json(msg=f"Version {after} is damaged: {found}; the current version stays")
    if found and (module.params["archive"] or module.check_mode):
        module.warn(f"Version {after} was damaged, and is deployed anew: {found}")
    return bool(found)


def difference(before: str, after: str, paths: t.List[str], files: Files) -> t.List[t.Dict[str, str]]:
    """Ansible's diff: the version, then programs and unit."""
    entries = [{"before": f"{before}\n", "after": f"{after}\n", "before_header": "version", "after_header": "version"}]
    for path in paths:
        entries.append(
            {"before": read(path) or "", "after": files[path][0], "before_header": path, "after_header": path}
        )
    return entries


def main() -> None:
    """Make one version of the daemon the current one on this host, and have a running daemon become it."""
    module = DirectorModule(argument_spec=SPEC, supports_check_mode=True)
    params = module.params
    current = _install.link(params["install_dir"], "current")
    after = target(module, current)
    incomplete = after not in _install.digests(params["install_dir"]) or damaged(module, after)
    if incomplete and not params["archive"] and not module.check_mode:
        module.exit_json(changed=False, needs_archive=True)
    python = interpreter(module)
    files = text_files(module, python or "/usr/bin/python3", after)
    paths = differing(files)
    diff = difference(f"{current}, damaged" if incomplete and current == after else str(current), after, paths, files)
    unit = os.path.join(params["unit_dir"], _install.UNIT)
    unit_new = not os.path.exists(unit)
    shown = _reexec.live(params["runtime_dir"])
    reexecuted = _reexec.outdated(shown, after)
    if unit in files and not module.check_mode:
        warn_of_no_user(module, files[unit][0])
    if not module.check_mode:
        deploy(module, Deployment(module, after, files, paths, incomplete), str(python), reexecuted)
        shown = _reexec.live(params["runtime_dir"])
    too_old = shown is not None and "digest" not in shown
    if too_old:
        module.warn("The daemon that runs is too old to be replaced in place: restart it when that suits")
    module.exit_json(
        changed=bool(paths) or current != after or incomplete or reexecuted,
        digest=after,
        previous=current if current != after else _install.link(params["install_dir"], "previous"),
        running=_install.running(params["runtime_dir"]),
        versions=_reexec.versions(shown),
        reexecuted=reexecuted,
        restart_needed=too_old,
        unit_changed=any(os.path.dirname(path) == params["unit_dir"] for path in paths),
        unit_new=unit_new,
        python=python,
        diff=diff,
    )


if __name__ == "__main__":
    main()
