# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from tests.bench.daemons import PYTHON, environment
from tests.bench.figures import NEWEST, THEIRS
from tests.support.keepalived import HOST, UNSTABLE, release


def description(load_before: float) -> dict[str, str]:
    """For people: what it is -> which. The load average tells what else ran only before the first bench."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB",
        "system": f"{distribution()}, Linux {platform.release()}",
        "load of others at the beginning": f"{load_before:.1f}",
        THEIRS: f"{release(HOST).version}, of the system",
        NEWEST: f"{release(UNSTABLE).version}, the package of Debian unstable with its own libraries",
        "ipvsadm": first_line("dpkg-query", "-W", "-f", "${Version}", "ipvsadm"),
        "Python": first_line(PYTHON, "--version").removeprefix("Python "),
        "lvsd": first_line("git", "describe", "--always", "--dirty"),
    }


def processor() -> str:
    rows = (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    return next((value.strip() for name, _, value in rows if name.strip() == "model name"), platform.machine())


def distribution() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")


def first_line(*command: str) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=20,
            env=environment(),
            cwd=Path(__file__).parent,
            check=False,
        )
    except OSError:
        return "unknown"
    return (done.stdout or done.stderr).strip().partition("\n")[0] or "unknown"
