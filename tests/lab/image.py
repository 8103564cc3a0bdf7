# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine image: Debian 12 with its own cloud kernel, built once, kept under a digest of what it is made of.

The recipe is in guest/: rootfs.txt and repository.txt (packages), customize.sh (hook of mmdebstrap), initrd.sh.
A build happens in a folder of its own, inside a mount and a PID namespace: an interrupted one leaves no mount and
no process, and its folder goes at the next build. The finished folder is put in place by one rename.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .paths import LabError, Paths, Progress
from .sources import SUITE, host_sources, image_sources

GUEST = Path(__file__).parent / "guest"
SIZE = "3G"
TOOLS = ("mmdebstrap", "mke2fs", "dpkg-scanpackages", "busybox", "cpio", "modprobe", "ssh-keygen", "unshare")
APT_OPTIONS = (
    'Acquire::Languages "none"',
    'Acquire::Check-Valid-Until "false"',
    'Acquire::Check-Date "false"',
    'Acquire::Retries "3"',
)
DPKG_OPTIONS = (
    "force-unsafe-io",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*",
)


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image. `digest` names what it was made of."""

    folder: Path

    @property
    def digest(self) -> str:
        return self.folder.name

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd.img"

    @property
    def disk(self) -> Path:
        return self.folder / "base.ext4"

    @property
    def key(self) -> Path:
        """The private ssh key that opens root's account on every machine."""
        return self.folder / "id_ed25519"


def digest() -> str:
    """Of every file of the recipe and every option above: 16 hexadecimal digits."""
    total = hashlib.sha256(repr((SUITE, SIZE, APT_OPTIONS, DPKG_OPTIONS)).encode())
    for path in sorted(GUEST.iterdir()):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def ensure(where: Paths, progress: Progress | None = None) -> Image:
    """The image, built first if it is missing (one to two minutes, needs root). Raises LabError."""
    image = Image(where.images / digest())
    if image.disk.exists():
        return image
    say = progress or Progress("image")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise LabError(f"the image needs {', '.join(missing)}: install the packages in tests/lab/packages.txt")
    where.images.mkdir(parents=True, exist_ok=True)
    with lock(where.images / "lock", say):
        if not image.disk.exists():
            build(image, say)
    return image


@contextmanager
def lock(path: Path, say: Progress) -> Iterator[None]:
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process builds the image: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(image: Image, say: Progress) -> None:
    """Build into a folder of its own, then rename. Called with the lock held."""
    for stale in image.folder.parent.glob("building-*"):
        shutil.rmtree(stale)
    work = image.folder.with_name(f"building-{os.getpid()}")
    work.mkdir()
    try:
        say(f"building the machine image {image.digest} (once; about a minute)")
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(work / "id_ed25519")], check=True
        )
        (work / "sources.list").write_text(image_sources(host_sources()))
        step(bootstrap(work), work, say, "root file system: mmdebstrap")
        tree = str(work / "tree")
        step(["sh", str(GUEST / "initrd.sh"), tree, str(GUEST), str(work)], work, say, "initial RAM disk")
        step(["truncate", "-s", SIZE, str(work / "base.ext4")], work, say, "disk")
        step(["mke2fs", "-q", "-t", "ext4", "-J", "size=16", "-m", "0", "-d", tree, str(work / "base.ext4")], work, say)
        shutil.rmtree(tree)
        work.rename(image.folder)
        say(f"image ready: {image.folder}")
        remove_unused(image, say)
    except BaseException:
        shutil.copy(work / "build.log", image.folder.parent / "failed.log") if (work / "build.log").exists() else None
        shutil.rmtree(work, ignore_errors=True)
        raise


def remove_unused(image: Image, say: Progress) -> None:
    """Images of earlier recipes, unless a lab that is up has its disks on them."""
    states = [path.read_text() for path in image.folder.parent.parent.glob("run/*/state.json")]
    for older in image.folder.parent.iterdir():
        if older.is_dir() and older != image.folder and not any(older.name in state for state in states):
            say(f"removing the older image {older.name}")
            shutil.rmtree(older)


def bootstrap(work: Path) -> list[str]:
    packages = [row for row in (GUEST / "rootfs.txt").read_text().splitlines() if row and not row.startswith("#")]
    return [
        "mmdebstrap",
        "--mode=root",
        "--variant=apt",
        "--format=directory",
        "--skip=cleanup/apt,chroot/start-stop-daemon",
        *(f"--aptopt={option}" for option in APT_OPTIONS),
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
        f"--include={','.join(packages)}",
        f'--customize-hook=sh {GUEST}/customize.sh "$1" {GUEST} {work}',
        SUITE,
        str(work / "tree"),
        str(work / "sources.list"),
    ]


def step(command: list[str], work: Path, say: Progress, title: str = "") -> None:
    """Run one step with its output in the log; lines that begin with "## " are progress."""
    if title:
        say(title)
    contained = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--", *command]
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    with (work / "build.log").open("a") as log:
        process = subprocess.Popen(
            contained, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            for row in process.stdout:
                log.write(row)
                if row.startswith("## "):
                    say(row[3:].rstrip())
            code = process.wait()
        except BaseException:
            process.send_signal(signal.SIGKILL)
            process.wait()
            raise
    if code != 0:
        tail = "".join((work / "build.log").read_text(errors="replace").splitlines(keepends=True)[-15:])
        log_copy = work.parent / "failed.log"
        raise LabError(f"{command[0]} failed with exit code {code}; the log is {log_copy}, its end:\n{tail}")
