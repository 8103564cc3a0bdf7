# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Files of a configuration: what differs, put it in place, take it back."""

from __future__ import annotations

import contextlib
import grp
import os
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._comparable import equivalent
from ansible_collections.lvs.director.plugins.module_utils._fragment import MANAGED, masked

MODE = 0o640
FOLDER_MODE = 0o755
READERS = "lvsd_worker"  # the group of the user that the daemon runs as; only the role makes it

Files = t.Dict[str, t.Optional[str]]  # path below the configuration's directory -> text, None: absent


class Change(t.NamedTuple):
    """One file that differs: `before` and `after` are its texts, None for an absent file."""

    path: str
    before: t.Optional[str]
    after: t.Optional[str]

    @property
    def action(self) -> str:
        """What happens to the file: "added", "removed" or "changed"."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def is_ours(self) -> bool:
        """Whether what is there may be replaced: it carries our marker, or there is nothing in it to lose."""
        return self.before is None or self.before.startswith(MANAGED) or not self.before.strip()


def changes(config_dir: str, wanted: Files) -> t.List[Change]:
    """What has to change so that the files hold what is `wanted`; a wrong mode or group counts as a difference."""
    found = []
    group = readers()
    for relative, after in sorted(wanted.items()):
        path = os.path.join(config_dir, relative)
        before = read(path)
        if before and after and before.startswith(MANAGED) and equivalent(before, after):
            after = before
        if before != after or (after is not None and not _open_to(group, os.stat(path))):
            found.append(Change(path, before, after))
    return found


def readers() -> t.Optional[int]:
    """The group that the files of a configuration belong to, None where they stay with the group of root."""
    try:
        return grp.getgrnam(READERS).gr_gid if os.geteuid() == 0 else None
    except KeyError:
        return None


def _open_to(group: t.Optional[int], found: os.stat_result) -> bool:
    return found.st_mode & 0o7777 == MODE and group in (None, found.st_gid)


def read(path: str) -> t.Optional[str]:
    """The text of a file, None where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def managed_files(config_dir: str, folder: str) -> t.List[str]:
    """Paths below `config_dir` of the files in `folder` and the folders below it that carry our marker."""
    found = []
    for where, _folders, names in os.walk(os.path.join(config_dir, folder)):
        for name in names:
            path = os.path.join(where, name)
            if name.endswith(".conf") and (read(path) or "").startswith(MANAGED):
                found.append(os.path.relpath(path, config_dir))
    return sorted(found)


def diff(found: t.Iterable[Change]) -> t.List[t.Dict[str, str]]:
    """Ansible's diff of the changes, no secret in it."""
    entries = []
    for change in found:
        before, after = masked(change.before, change.after)
        entries.append({"before": before, "after": after, "before_header": change.path, "after_header": change.path})
    return entries


def put(found: t.Iterable[Change]) -> None:
    """Carry the changes out, all or none.  Each file is replaced atomically and is never readable by others.

    Raises `OSError` naming the file, with all files as they were: what needs room on the disk is done first.
    """
    found = list(found)
    beside = {}
    try:
        for change in found:
            if change.after is not None:
                beside[change.path] = _beside(change.path)
                _stage(change.path, change.after, MODE, readers())
    except OSError:
        for path, new in beside.items():
            _forget(path, new)
        raise
    for change in found:
        if change.after is None:
            _remove(change.path)
        else:
            os.replace(beside[change.path], change.path)


def restore(found: t.List[Change]) -> None:
    """Take the changes back.  Raises `OSError`."""
    put(Change(change.path, change.after, change.before) for change in reversed(found))


def write(path: str, text: str, mode: int = MODE) -> None:
    """Replace the file at `path`, whole or not at all.  Raises `OSError` naming the file."""
    try:
        _stage(path, text, mode)
    except OSError:
        _forget(path, _beside(path))
        raise
    os.replace(_beside(path), path)


def _beside(path: str) -> str:
    """A neighbour that no `*.conf` matches."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.new")


def _stage(path: str, text: str, mode: int, group: t.Optional[int] = None) -> None:
    """The text, safe on the disk, beside the file that it is going to be."""
    beside = _beside(path)
    try:
        _make_folder(os.path.dirname(path), group)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            if group is not None:
                os.fchown(stream.fileno(), -1, group)
            os.fchmod(stream.fileno(), mode)
            stream.write(text.encode("utf-8", "surrogateescape"))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _make_folder(path: str, group: t.Optional[int]) -> None:
    """A folder that all may search, whatever the umask is: the daemon's user has to reach what is in it."""
    if path and not os.path.isdir(path):
        _make_folder(os.path.dirname(path), group)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path)
            os.chmod(path, FOLDER_MODE)
            if group is not None:
                os.chown(path, -1, group)


def _forget(path: str, beside: str) -> None:
    """Take away what `_stage` left, and the folder of a service's servers where there is nothing else in it."""
    with contextlib.suppress(OSError):
        os.unlink(beside)
    _remove_folder_of(path)


def _remove(path: str) -> None:
    """Remove a file, and the folder of a service's servers with its last one."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    _remove_folder_of(path)


def _remove_folder_of(path: str) -> None:
    folder = os.path.dirname(path)
    if folder.endswith(".d") and folder.rpartition(os.sep)[2] != "conf.d":
        with contextlib.suppress(OSError):
            os.rmdir(folder)
