# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director on a host that has the system user `lvsd` (a mount namespace), with the rights and /proc of the unit."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from directors import ONE, Director
from network import Network, eventually, lines
from test_programs_sandbox import rights

UID, GID, VIEWERS = 64991, 64992, 64993  # this machine has no user and no group of these numbers
ENTRY = f"lvsd:x:{UID}:{GID}:The workers of lvsd:/nonexistent:/usr/sbin/nologin\n"
GROUPS = f"lvsd:x:{VIEWERS}:lvsd\nlvsd_worker:x:{GID}:\n"
TEMPORARY = Path(tempfile.gettempdir())
WITH_USERS = (
    'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && mount -t proc -o hidepid=2 proc /proc || exit 1\n'
    'shift 2 && exec "$@"'
)


class Housed(Director):
    """`entry` is the line of the user in /etc/passwd."""

    def __init__(self, network: Network, name: str, address: str, text: str, *options: str, entry: str = ENTRY) -> None:
        folder = open_folder(network)
        self.users, self.groups = folder / f"{name}.passwd", folder / f"{name}.group"
        self.users.write_text(Path("/etc/passwd").read_text() + entry)
        self.groups.write_text(Path("/etc/group").read_text() + GROUPS)
        super().__init__(network, name, address, text, *options)
        eventually(self.active, within=8)

    def within(self, *words: str) -> list[str]:
        """These words, with the users of the host and the rights of the unit."""
        drop = ["setpriv", "--bounding-set", rights(), "--inh-caps", "-all", "--no-new-privs"]
        return ["unshare", "--mount", "sh", "-c", WITH_USERS, "sh", str(self.users), str(self.groups), *drop, *words]

    def watch(self) -> None:
        """From now on the addresses must not change."""
        self.addresses_seen = self.folder / "monitor"
        self.host.start("ip", "-o", "monitor", "address", log=self.addresses_seen)

    def address_events(self) -> list[str]:
        return [line for line in lines(self.addresses_seen) if "eth0" in line]

    def words(self) -> list[str]:
        return self.within(*super().words())


def open_folder(network: Network) -> Path:
    """The folder of the network, which every user can reach: pytest closes its own each time that a session begins."""
    if network.folder.parent != TEMPORARY:
        folder = Path(tempfile.mkdtemp(prefix="lvsd-", dir=TEMPORARY))
        folder.chmod(0o755)
        network.folder = folder
        network.running.insert(0, lambda: shutil.rmtree(folder))  # the last thing to happen
    return network.folder


def housed(network: Network, text: str = ONE, entry: str = ENTRY) -> Housed:
    """A director that is Active on such a host."""
    return Housed(network, "a", "192.0.2.11/24", text, entry=entry)


def status(pid: int | None) -> dict[str, str]:
    """proc_pid_status(5): {"Uid": "0 0 0 0", "CapPrm": "3000", ...}."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = dict(re.findall(r"^(\w+):[ \t]*(.*)$", text, flags=re.MULTILINE))
    return {name: " ".join(value.split()) for name, value in found.items()}


def credentials(pid: int | None) -> tuple[str, str, str, dict[str, int]]:
    """(users, groups, supplementary groups, the sets of capabilities) of a process."""
    found = status(pid)
    sets = {which: int(found[f"Cap{which}"], 16) for which in ("Prm", "Eff", "Inh", "Amb", "Bnd")}
    return found["Uid"], found["Gid"], found["Groups"], sets


def belongs(path: Path) -> tuple[int, int, str]:
    """(user, group, permissions) of a file, no link followed."""
    found = os.lstat(path)
    return found.st_uid, found.st_gid, f"{found.st_mode & 0o7777:o}"
