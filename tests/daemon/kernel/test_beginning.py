# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A checker that cannot run says why, at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from checkers import environment, real, service
from inside import eventually, run


def ended(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """The checker with this folder's configuration, which ends by itself."""
    words = ["--worker", "checker", "--log-console", "--no-syslog", "--use-file", str(tmp_path / "checker.conf")]
    places = ["--runtime-dir", str(tmp_path / "run"), "--state-dir", str(tmp_path / "state")]
    return subprocess.run(
        [sys.executable, "-m", "lvsd", *words, *places],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize(("text", "code"), [(None, 4), ("virtual_server 192.0.2.10 80 {\n", 5)])
def test_a_configuration_that_cannot_run_is_said_at_once(tmp_path: Path, text: str | None, code: int) -> None:
    if text is not None:
        (tmp_path / "checker.conf").write_text(text)
    said = ended(tmp_path)
    assert said.returncode == code
    assert "checker.conf" in said.stderr


def test_a_kernel_without_ipvs_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "checker.conf").write_text(service(real(11)))
    helper = Path("/proc/sys/kernel/modprobe")
    before = helper.read_text()
    helper.write_text("/bin/false\n")
    try:
        eventually(without_ipvs, within=30)
        said = ended(tmp_path)
    finally:
        helper.write_text(before)
    assert (said.returncode, said.stderr) == (2, "checker: the kernel has no IPVS: modprobe ip_vs\n")


def without_ipvs() -> bool:
    """Unload it; the namespaces of earlier tests take a moment to let it go."""
    loaded = [line.split()[0] for line in run("lsmod").splitlines() if line.startswith("ip_vs")]
    for module in sorted(loaded, reverse=True):
        subprocess.run(["rmmod", module], capture_output=True, check=False)
    return "ip_vs" not in run("lsmod")
