# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""keepalived as the host has it, and as newer suites of Debian have it: the peers of the tests and of the bench.

A newer one is the suite's package with what it depends on, unpacked once into CACHE/SUITE-VERSION (20 seconds,
80 MB) and started there by its own dynamic loader.  It sees the host's files, so its configuration, its pid files and
its network namespace are as for any other program; only /etc/keepalived is that of the package, in a mount namespace
of its own, because keepalived 2.3 does not start without a file of there.  Needs root.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.lab.image import APT_OPTIONS
from tests.lab.sources import host_sources, mirror_source

HOST, TRIXIE, UNSTABLE = "host", "trixie", "unstable"
SUITES = (HOST, TRIXIE, UNSTABLE)
"""2.2.7 (Debian 12), 2.3.3 (Debian 13) and 2.3.4 or newer."""
REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = 300  # seconds
WRAPPED = 'mount --bind "$1/etc/keepalived" /etc/keepalived && shift && exec "$@"'
VERSION = re.compile(r"Keepalived v(\d+\.\d+\.\d+)")

_building = threading.Lock()


class NoKeepalived(Exception):
    """A release cannot be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """`command`: the words that start it; its options follow."""

    suite: str
    version: str
    command: tuple[str, ...]

    def __str__(self) -> str:
        return f"keepalived {self.version} ({self.suite})"


def release(suite: str) -> Release:
    """The release of `suite`, unpacked first if it is missing.  Raises NoKeepalived."""
    with _building:
        found = _release(suite)
    if isinstance(found, NoKeepalived):
        raise found
    return found


@cache
def _release(suite: str) -> Release | NoKeepalived:
    """A refusal is kept too, so that it costs its time once."""
    try:
        if suite == HOST:
            return Release(HOST, version_of(("keepalived",)), ("keepalived",))
        folder = unpacked(suite)
        command = command_in(folder)
        return Release(suite, version_of(command), command)
    except (NoKeepalived, OSError, subprocess.SubprocessError) as error:
        return NoKeepalived(f"keepalived of {suite}: {error}")


def cache_folder() -> Path:
    """LVS_KEEPALIVED_CACHE, by default .cache/keepalived in the repository."""
    return Path(os.environ.get("LVS_KEEPALIVED_CACHE") or REPOSITORY / ".cache" / "keepalived").resolve()


def unpacked(suite: str) -> Path:
    """The folder of the suite's package; processes that ask at the same time wait for the first of them."""
    where = cache_folder()
    if ready := found_in(where, suite):
        return ready
    where.mkdir(parents=True, exist_ok=True)
    with (where / f"{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return found_in(where, suite) or unpack(suite, where)


def found_in(where: Path, suite: str) -> Path | None:
    """What is unpacked already: a folder gets this name when it is complete."""
    return next(iter(sorted(where.glob(f"{suite}-[0-9]*"), reverse=True)), None)


def unpack(suite: str, where: Path) -> Path:
    """Ask the mirror of the host's apt.  Raises NoKeepalived with the end of what mmdebstrap said."""
    work = where / f"building-{suite}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    sources = work / "sources.list"
    sources.write_text(mirror_source(host_sources(), suite))
    command = [
        "mmdebstrap", "--mode=root", "--variant=extract", "--format=directory", "--include=keepalived",
        *(f"--aptopt={option}" for option in APT_OPTIONS), suite, str(work / "tree"), str(sources),
    ]  # fmt: skip
    print(f"unpacking the keepalived of {suite} (once; half a minute)", flush=True)
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=BUILD, check=False
    )
    if done.returncode:
        end = "\n".join(done.stderr.splitlines()[-8:])
        raise NoKeepalived(f"mmdebstrap has ended with {done.returncode}; can the host's apt reach its mirror?\n{end}")
    version = version_of(command_in(work / "tree"))
    ready = where / f"{suite}-{version}"
    (work / "tree").rename(ready)
    shutil.rmtree(work)
    return ready


def command_in(folder: Path) -> tuple[str, ...]:
    """Start the program of `folder` with the libraries of `folder`."""
    loader = next(folder.glob("usr/lib/*-linux-gnu*/ld-linux*.so*"), None)
    program = folder / "usr/sbin/keepalived"
    if loader is None or not program.exists():
        raise NoKeepalived(f"{folder} has no loader or no keepalived: remove it, it is made again")
    started = (str(loader), "--library-path", str(loader.parent), str(program))
    return ("unshare", "--mount", "--", "sh", "-c", WRAPPED, "sh", str(folder), *started)


def version_of(command: tuple[str, ...]) -> str:
    """What it says itself."""
    environment = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    done = subprocess.run(
        [*command, "--version"], capture_output=True, text=True, timeout=20, check=False, env=environment
    )
    match = VERSION.search(done.stdout + done.stderr)
    if match is None:
        raise NoKeepalived(f"it does not tell its version: {(done.stdout + done.stderr).strip()[:200]}")
    return match[1]
