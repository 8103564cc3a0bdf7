# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""A version of the daemon with its programs and its unit, put on a host whole or not at all, and taken back."""

from __future__ import annotations

import os
import shutil
import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _install
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._place import read, write

Files = t.Dict[str, t.Tuple[str, int]]  # path -> text, mode


def differing(files: Files) -> t.List[str]:
    """Paths of the files whose text or mode is another one."""
    return [
        path for path, (text, mode) in files.items() if read(path) != text or os.stat(path).st_mode & 0o7777 != mode
    ]


class Deployment:
    """What this run puts on the host, and how to take it back."""

    def __init__(self, module: DirectorModule, after: str, files: Files, paths: t.List[str], incomplete: bool) -> None:
        self.module = module
        self.install_dir = module.params["install_dir"]
        self.after = after
        self.files = {path: files[path] for path in paths}
        self.incomplete = incomplete
        self.is_new = after not in _install.digests(self.install_dir)
        self.before = {path: self._now(path) for path in paths}
        self.links = {name: _install.link(self.install_dir, name) for name in ("current", "previous")}

    @staticmethod
    def _now(path: str) -> t.Optional[t.Tuple[str, int]]:
        text = read(path)
        return None if text is None else (text, os.stat(path).st_mode & 0o7777)

    def put(self, python: str) -> None:
        """The version, programs and unit, then the symlinks; all or none."""
        try:
            if self.incomplete:
                lay_down(self.module, python)
            for path, (text, mode) in self.files.items():
                write(path, text, mode)
            self._point()
        except OSError as error:
            self.take_back()
            if self.is_new:
                shutil.rmtree(os.path.join(self.install_dir, self.after), ignore_errors=True)
            path = error.filename2 or error.filename or self.install_dir
            self.module.fail_json(msg=f"{path} cannot be written: {error.strerror}; the current version stays")

    def _point(self) -> None:
        current = self.links["current"]
        if current not in (None, self.after):
            _install.point(self.install_dir, "previous", str(current))
        if current != self.after:
            _install.point(self.install_dir, "current", self.after)

    def take_back(self) -> None:
        """Links, programs and unit as they were; the new version stays beside the others."""
        for name, digest in self.links.items():
            if digest != _install.link(self.install_dir, name):
                _install.point_or_remove(self.install_dir, name, digest)
        for path, before in self.before.items():
            if before is not None and self._now(path) != before:
                write(path, *before)
            elif before is None and os.path.exists(path):
                os.unlink(path)


def lay_down(module: DirectorModule, python: str) -> None:
    """Unpack and byte-compile the version that arrived.  Raises `OSError` where there is no room for it."""
    params = module.params

    def compiled(folder: str) -> None:
        command = [python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", folder]
        code, out, err = module.run_command(command)
        if code:
            said = f"{out.strip()} {err.strip()}"
            module.fail_json(msg=f"{python} cannot compile the daemon: {said[-500:]}; the current version stays")

    try:
        bundle = _install.unpacked(params["archive"], params["digest"])
    except _install.BadBundle as bad:
        module.fail_json(msg=f"The archive with the daemon is damaged: {bad}")
    os.makedirs(params["install_dir"], mode=0o755, exist_ok=True)
    _install.lay_down(params["install_dir"], params["digest"], bundle, compiled)
