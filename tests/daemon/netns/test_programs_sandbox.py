# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of another user, and what it leaves behind, with the rights that the unit gives and no others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from network import eventually
from routers import RUNTIME

UNIT = RUNTIME / "lvsd" / "lvsd.service"
PROGRAM = """
import sys
from lvsd.loop import Loop
from lvsd.model import Command
from lvsd.programs.run import Programs

loop, told = Loop(), sys.argv[1]
text = f"setsid sh -c 'echo $$ >> {told}; exec sleep 60' & while [ ! -s {told} ]; do sleep 0.01; done; id -un >> {told}"
done = lambda how: (print(how.code, how.left), loop.stop())
Programs(loop).start(Command(("/bin/sh", "-c", text), "nobody"), limit=20, grace=1, done=done)
loop.run()
"""


def rights() -> str:
    """CapabilityBoundingSet= as setpriv has it."""
    (line,) = (line for line in UNIT.read_text().splitlines() if line.startswith("CapabilityBoundingSet="))
    return ",".join(["-all", *(f"+{name.removeprefix('CAP_').lower()}" for name in line.partition("=")[2].split())])


def confined() -> list[str]:
    """What starts a program with the capabilities of the unit, and with a /proc as ProtectProc=invisible makes it."""
    proc = ["unshare", "--mount", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', "sh"]
    return [*proc, "setpriv", "--bounding-set", rights(), "--inh-caps", rights(), "--no-new-privs"]


def test_what_is_left_behind_is_ended_with_the_rights_of_the_unit(tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.touch()
    told.chmod(0o666)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)  # pytest's are closed to others
    words = [*confined(), sys.executable, "-c", PROGRAM, str(told)]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(RUNTIME), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (done.stdout.strip(), done.returncode) == ("0 1", 0), done.stderr
    pid, who = told.read_text().split()
    assert who == "nobody"
    eventually(lambda: not Path(f"/proc/{pid}").exists(), within=5)
