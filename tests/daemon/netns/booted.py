# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with systemd as its first process: namespaces of this machine's kernel, its disk under an overlay in memory.

with Booted(tmp_path) as host:
    host.install(RUNTIME, text)          # the daemon with its units, users and configuration, as the role does
    host.run("systemctl", "start", "lvsd")

It has a network of its own with the interface eth0, and is gone with all its processes at the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from network import eventually

CGROUPS = next(path for path in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")) if path.is_dir())
MASKED = (
    "systemd-udevd.service", "systemd-udev-trigger.service", "systemd-modules-load.service", "systemd-sysctl.service",
    "kmod-static-nodes.service", "systemd-remount-fs.service", "dev-hugepages.mount", "dev-mqueue.mount",
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-kernel-config.mount", "sys-fs-fuse-connections.mount",
    "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "systemd-random-seed.service",
    "systemd-pstore.service", "systemd-journal-flush.service", "tmp.mount", "systemd-update-utmp.service",
    "systemd-tmpfiles-setup.service", "systemd-tmpfiles-setup-dev.service", "getty.target", "dbus.socket",
)  # fmt: skip
BOOT = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for folder in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs $folder; done
chmod 1777 tmp
for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
  mknod -m 666 dev/${device%% *} c ${device#* }
done
mkdir dev/pts dev/shm dev/mqueue dev/hugepages
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t mqueue mqueue dev/mqueue
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
rm -rf etc/fstab etc/systemd/system etc/lvsd usr/local/sbin var/lib/lvsd
mkdir -p etc/systemd/system usr/local/sbin
printf '[Unit]\\nRequires=basic.target\\nAfter=basic.target\\n' > etc/systemd/system/test.target
for unit in $MASKED; do ln -s /dev/null etc/systemd/system/$unit; done
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link set eth1 up
ip address add 192.0.2.11/24 dev eth0
ip link set eth0 up
exec chroot . /usr/bin/env -i container=lxc PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \\
  /lib/systemd/systemd --unit=test.target --log-target=journal --show-status=false
"""
USERS = """
grep -q ^lvsd_worker: /etc/group || groupadd --system lvsd_worker
grep -q ^lvsd: /etc/group || groupadd --system lvsd
grep -q ^lvsd: /etc/passwd || useradd --system --gid lvsd_worker --home-dir /nonexistent --shell /usr/sbin/nologin lvsd
usermod --append --groups lvsd lvsd
"""
PROGRAM = """#!/usr/bin/python3 -IS
import os, runpy, sys
sys.path.insert(0, os.path.realpath("/opt/lvsd/current"))
{itself}runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
ITSELF = 'os.environ["LVSD_PROGRAM"] = os.path.abspath(__file__)\n'
FIRST, SECOND = "0" * 15 + "1", "0" * 15 + "2"  # versions
UNITS = ("lvsd.service", "lvsd-starter.socket", "lvsd-starter@.service")


class Booted:
    """A context: the host has booted within it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "host"
        self.folder.mkdir()
        self.group = CGROUPS / f"lvsd-test-{os.getpid()}"

    def __enter__(self) -> Booted:
        self.group.mkdir()
        join = f"echo $$ > {self.group}/cgroup.procs; exec unshare --mount --pid --fork --kill-child --uts --ipc --net"
        words = ["sh", "-c", f'{join} --cgroup sh -c "$BOOT" sh "$1"', "sh", str(self.folder)]
        environment = {**os.environ, "BOOT": BOOT, "MASKED": " ".join(MASKED)}
        self.console = (self.folder.parent / "console").open("wb")
        self.process = subprocess.Popen(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console
        )
        try:
            eventually(self._up, within=60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        first = self.first()
        if first is not None:
            os.kill(first, 9)
        self.process.kill()
        self.process.wait()
        self.console.close()
        groups = [path for path in sorted(self.group.rglob("*"), reverse=True) if path.is_dir()]
        for group in (*groups, self.group):
            eventually(partial(self._removed, group), within=10)

    def _up(self) -> bool:
        assert self.process.poll() is None, Path(self.console.name).read_text()
        return self.first() is not None and self.run("systemctl", "is-active", "test.target", check=False) == "active\n"

    @staticmethod
    def _removed(path: Path) -> bool:
        try:
            path.rmdir()
        except OSError:
            return not path.exists()
        return True

    def first(self) -> int | None:
        """systemd, as this machine counts processes."""
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def path(self, path: str) -> Path:
        """A file of the host, as this machine sees it."""
        return Path(f"/proc/{self.first()}/root{path}")

    def run(self, *words: str, check: bool = True, within: float = 60, text: str | None = None) -> str:
        """What a command of the host prints."""
        command = ["nsenter", "--target", str(self.first()), "--all", "--root", "--wd=/", "env", "-i", *ENVIRONMENT]
        done = subprocess.run(
            [*command, *words], input=text, capture_output=True, text=True, timeout=within, check=False
        )
        assert done.returncode == 0 or not check, f"{words}: {done.stdout}{done.stderr}{self.journal()}"
        return done.stdout

    def journal(self) -> str:
        """All lines since the boot."""
        command = ["nsenter", "--target", str(self.first()), "--all", "--root", "journalctl", "--no-pager", "-o", "cat"]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout

    def write(self, path: str, text: str, mode: int = 0o644, group: str = "root") -> None:
        """A file of root's and of this group."""
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)
        self.run("chmod", f"{mode:o}", path)
        self.run("chgrp", group, path)

    def install(self, runtime: Path, config: str, *, version: str = FIRST) -> None:
        """Users, programs, units and a configuration; a version that is there already stays beside this one."""
        self.run("sh", "-c", USERS)
        place = f"/opt/lvsd/{version}"
        shutil.copytree(runtime / "lvsd", self.path(f"{place}/lvsd"), ignore=shutil.ignore_patterns("__pycache__"))
        self.run("ln", "-sfn", version, "/opt/lvsd/current")
        for name, module, itself in (("lvsd", "lvsd", ITSELF), ("lvsctl", "lvsd.ctl", "")):
            self.write(f"/usr/local/sbin/{name}", PROGRAM.format(module=module, itself=itself), 0o755)
        for name in UNITS:
            if (runtime / "lvsd" / name).exists():
                self.write(f"/etc/systemd/system/{name}", (runtime / "lvsd" / name).read_text())
        self.write("/etc/lvsd/lvsd.conf", config, 0o640, "lvsd_worker")
        self.run("systemctl", "daemon-reload")

    @contextmanager
    def watched(self) -> Iterator[Callable[[], list[str]]]:
        """What changes at the addresses of eth0 meanwhile, as lines."""
        path = self.folder.parent / "addresses"
        words = ["nsenter", "--target", str(self.first()), "--net", "ip", "-o", "monitor", "address", "dev", "eth0"]
        with path.open("wb") as out:
            monitor = subprocess.Popen(words, stdout=out, stdin=subprocess.DEVNULL)
            try:
                yield lambda: path.read_text().splitlines()
            finally:
                monitor.kill()
                monitor.wait()

    def processes(self, name: str) -> list[int]:
        """Those of the host whose `comm` is `name`, as this machine counts them."""
        found = []
        for path in Path("/proc").iterdir():
            try:
                if path.name.isdigit() and (path / "comm").read_text() == f"{name}\n" and self._ours(path):
                    found.append(int(path.name))
            except OSError:
                continue
        return sorted(found)

    def _ours(self, process: Path) -> bool:
        return os.readlink(process / "ns" / "net") == os.readlink(f"/proc/{self.first()}/ns/net")


ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root")
