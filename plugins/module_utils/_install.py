# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Versions of the daemon on a host: one folder per digest of its files, a symlink to the one in use, one to the last.

    /opt/lvsd/8c1f0d7e3b5a4921/lvsd/...     the package, byte-compiled
    /opt/lvsd/8c1f0d7e3b5a4921/SHA256SUMS   what was put there, byte code too, as `sha256sum --check` reads it
    /opt/lvsd/current -> 8c1f0d7e3b5a4921
    /opt/lvsd/previous -> 03b1c2d4e5f60718

The digest is over names and contents, not over an archive's bytes, so that two controllers agree on it.  A folder gets
its name when all of it is safe on the disk; whether it is still what was put there, `damage` finds out.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._control import ControlError, request

PACKAGE = "lvsd"
UNIT = "lvsd.service"
UNIT_TYPES = (".service", ".socket")
DIGEST = re.compile(r"[0-9a-f]{16}")
SUMS = "SHA256SUMS"

Bundle = t.Dict[str, bytes]  # path below the version's folder -> contents


class BadBundle(Exception):
    """What arrived is not what the controller sent."""


def digest_of(bundle: Bundle) -> str:
    """16 hexadecimal digits over every name and content."""
    total = hashlib.sha256()
    for path in sorted(bundle):
        total.update(f"{path}\0{len(bundle[path])}\0".encode())
        total.update(bundle[path])
    return total.hexdigest()[:16]


def units_of(bundle: Bundle) -> t.Dict[str, str]:
    """The units of systemd that a version brings: name -> text."""
    found = {os.path.basename(path): path for path in bundle if path.endswith(UNIT_TYPES)}
    return {name: bundle[path].decode() for name, path in sorted(found.items())}


def installed_units(install_dir: str, digest: str) -> t.Dict[str, str]:
    """The units that a version on the host has brought.  Raises `OSError`."""
    folder = os.path.join(install_dir, digest, PACKAGE)
    names = sorted(name for name in os.listdir(folder) if name.endswith(UNIT_TYPES))
    found = {}
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            found[name] = stream.read()
    return found


def packed(bundle: Bundle) -> bytes:
    """The bundle as an archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as archive:
        for path in sorted(bundle):
            member = tarfile.TarInfo(path)
            member.size = len(bundle[path])
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(bundle[path]))
    return buffer.getvalue()


def unpacked(path: str, digest: str) -> Bundle:
    """The bundle in the archive at `path`.  Raises `BadBundle` unless it has this digest and plain relative names."""
    bundle: Bundle = {}
    try:
        with tarfile.open(path, mode="r:gz") as archive:
            for member in archive:
                parts = member.name.split("/")
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is None or member.name.startswith("/") or ".." in parts or "" in parts:
                    raise BadBundle(f"{member.name}: not a plain file below the version's folder")
                bundle[member.name] = stream.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadBundle(str(error)) from error
    if digest_of(bundle) != digest:
        raise BadBundle(f"the files have the digest {digest_of(bundle)}, not {digest}")
    return bundle


def lay_down(install_dir: str, digest: str, bundle: Bundle, compiled: t.Callable[[str], None]) -> None:
    """Write the version's folder beside the others, let `compiled` work on it, then give it its name.

    A version of this name that is there, damaged, is mended file by file, because a daemon may run from it.
    Raises `OSError` naming the file, and whatever `compiled` raises; then nothing of it is left.
    """
    place = os.path.join(install_dir, digest)
    beside = os.path.join(install_dir, f".{digest}.new")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        if not os.path.isdir(install_dir):
            os.makedirs(install_dir)
            os.chmod(install_dir, 0o755)
        for path, content in bundle.items():
            _put(os.path.join(beside, path), content)
        compiled(beside)
        _put(os.path.join(beside, SUMS), _sums(beside).encode())
        _readable(beside)
        _sync(beside)
        if os.path.lexists(place):
            _mend(place, beside)
        else:
            os.replace(beside, place)
        _sync(install_dir, below=False)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _put(path: str, content: bytes) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, "wb") as stream:
            os.fchmod(stream.fileno(), 0o644)
            stream.write(content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _readable(folder: str) -> None:
    """Let every user read what is below `folder`, whatever the umask of root is: `lvsctl` is for others, too."""
    for where, _folders, names in os.walk(folder):
        os.chmod(where, 0o755)
        for name in names:
            os.chmod(os.path.join(where, name), 0o644)


def _files(folder: str) -> t.List[str]:
    """Paths below `folder` of all files in it but the list."""
    found = [os.path.join(where, name) for where, _folders, names in os.walk(folder) for name in names]
    return sorted(path for path in (os.path.relpath(path, folder) for path in found) if path != SUMS)


def _sums(folder: str) -> str:
    rows = []
    for path in _files(folder):
        with open(os.path.join(folder, path), "rb") as stream:
            rows.append(f"{hashlib.sha256(stream.read()).hexdigest()}  {path}\n")
    return "".join(rows)


def _sync(folder: str, below: bool = True) -> None:
    """See the folder, and all `below` it, onto the disk: a name that outlives a power loss promises its contents."""
    paths = [folder]
    for where, folders, names in os.walk(folder) if below else ():
        paths += [os.path.join(where, name) for name in folders + names]
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from error
        finally:
            os.close(descriptor)


def _mend(place: str, beside: str) -> None:
    """Replace each file by the one that belongs there, the list at last; what else is there stays."""
    for path in [*_files(beside), SUMS]:
        target = os.path.join(place, path)
        os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
        os.replace(os.path.join(beside, path), target)
    _sync(place)
    shutil.rmtree(beside, ignore_errors=True)


def damage(install_dir: str, digest: str) -> t.Optional[str]:
    """What is wrong with a version that is on the host, None for nothing.

    Each listed file has its sum, and the sources among them the digest: so the list is whole, too.  A version that was
    laid down before there were lists has its sources for one.
    """
    folder = os.path.join(install_dir, digest)
    sources: Bundle = {}
    try:
        for path, wanted in _listed(folder):
            with open(os.path.join(folder, path), "rb") as stream:
                content = stream.read()
            if wanted is not None and hashlib.sha256(content).hexdigest() != wanted:
                return f"{os.path.join(folder, path)} is not what was put there"
            if not _is_byte_code(path):
                sources[path] = content
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    return None if digest_of(sources) == digest else f"{folder} does not hold the files of this version"


def _listed(folder: str) -> t.List[t.Tuple[str, t.Optional[str]]]:
    """Each file that was put there with its sum, None where that is not known."""
    try:
        with open(os.path.join(folder, SUMS), encoding="utf-8", errors="replace") as stream:
            rows = [row.rstrip("\n").partition("  ") for row in stream]
    except FileNotFoundError:
        return [(path, None) for path in _files(folder) if not _is_byte_code(path)]
    return [(path, wanted) for wanted, _blanks, path in rows]


def _is_byte_code(path: str) -> bool:
    return "__pycache__" in path.split(os.sep)


def link(install_dir: str, name: str) -> t.Optional[str]:
    """The digest that `current` or `previous` points to, None where the version is not there."""
    try:
        digest = os.readlink(os.path.join(install_dir, name))
    except OSError:
        return None
    return digest if os.path.isdir(os.path.join(install_dir, digest)) else None


def point(install_dir: str, name: str, digest: str) -> None:
    """Switch the symlink `name` atomically."""
    beside = os.path.join(install_dir, f".{name}.new")
    if os.path.lexists(beside):
        os.unlink(beside)
    os.symlink(digest, beside)
    os.replace(beside, os.path.join(install_dir, name))
    _sync(install_dir, below=False)


def point_or_remove(install_dir: str, name: str, digest: t.Optional[str]) -> None:
    """Switch the symlink `name`, or remove it where there is nothing to point to."""
    if digest is not None:
        point(install_dir, name, digest)
    elif os.path.lexists(os.path.join(install_dir, name)):
        os.unlink(os.path.join(install_dir, name))


def digests(install_dir: str) -> t.List[str]:
    """The versions on the host."""
    try:
        return sorted(name for name in os.listdir(install_dir) if DIGEST.fullmatch(name))
    except OSError:
        return []


def forget(install_dir: str, in_use: t.Iterable[t.Optional[str]], keep: int) -> None:
    """Remove the oldest versions until `keep` are left; never the current, the previous or one `in_use`."""
    kept = {link(install_dir, "current"), link(install_dir, "previous"), *in_use}
    others = [digest for digest in digests(install_dir) if digest not in kept]
    others.sort(key=lambda digest: os.stat(os.path.join(install_dir, digest)).st_mtime, reverse=True)
    spare = max(0, keep - len(kept - {None}))
    for digest in others[spare:]:
        shutil.rmtree(os.path.join(install_dir, digest), ignore_errors=True)


def running(runtime_dir: str) -> t.Optional[str]:
    """The version that the daemon runs, None when it does not run or runs from elsewhere."""
    try:
        digest = (request(runtime_dir, PACKAGE, "ping") or {}).get("digest")
    except ControlError:
        return None
    return digest if isinstance(digest, str) else None


def installed(install_dir: str, runtime_dir: str) -> t.Dict[str, t.Any]:
    """What is on the host and what runs."""
    return {
        "current": link(install_dir, "current"),
        "previous": link(install_dir, "previous"),
        "running": running(runtime_dir),
        "digests": digests(install_dir),
    }


def wrapper(install_dir: str, python: str, module: str) -> str:
    """A program that runs `module` of the current version.

    The symlink is resolved when it starts, so that a daemon stays with one version.  It is Python's and not a shell's:
    there is one process less to start, and the signals that a daemon holds back while one version follows the other
    stay held back, which a shell does not promise.
    """
    itself = 'os.environ["LVSD_PROGRAM"] = os.path.abspath(__file__)\n' if module == PACKAGE else ""
    return (
        f"#!{python} -IS\n"
        "# Managed by Ansible (lvs.director): local changes are replaced.\n"
        "import os\n"
        "import runpy\n"
        "import sys\n"
        "\n"
        f"sys.path.insert(0, os.path.realpath({os.path.join(install_dir, 'current')!r}))\n"
        f"{itself}"
        f'runpy.run_module({module!r}, run_name="__main__", alter_sys=True)\n'
    )
