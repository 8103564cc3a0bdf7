# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of another user, and what it leaves behind, with the rights that its unit gives and no others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lvsd.loop import Loop
from lvsd.model import Command
from lvsd.programs.protocol import Ended
from network import eventually
from routers import RUNTIME

from tests.support.programs import ForkedPrograms, naming
from tests.support.scripts import USER

UNIT = RUNTIME / "lvsd" / "lvsd.service"
STARTER_UNIT = RUNTIME / "lvsd" / "lvsd-starter@.service"
PROGRAM = """
import sys
from pathlib import Path
from lvsd.loop import Loop
from lvsd.model import Command
from tests.support.programs import ForkedPrograms, naming

loop, told = Loop(), sys.argv[1]
text = f"setsid sh -c 'echo $$ >> {told}; exec sleep 60' & while [ ! -s {told} ]; do sleep 0.01; done; id -un >> {told}"
text += f"; id -Gn >> {told}; echo $USER >> {told}"
by_root = "grep -E Cap.*: /proc/self/status > " + sys.argv[3]
commands = Command(("/bin/sh", "-c", text), "nobody"), Command(("/bin/sh", "-c", by_root), "root")
Path(sys.argv[2]).write_text(naming(*commands))
programs = ForkedPrograms(loop, Path(sys.argv[2]))
for command in commands:
    done = lambda how: (print(how.code, how.left), loop.stop())
    programs.start(command, limit=20, grace=1, done=done, refused=lambda why: (print(why), loop.stop()))
    loop.run()
programs.close()
"""


def rights() -> str:
    """CapabilityBoundingSet= of a starter, or of a daemon that is root, as setpriv has it."""
    (line,) = (line for line in STARTER_UNIT.read_text().splitlines() if line.startswith("CapabilityBoundingSet="))
    return ",".join(["-all", *(f"+{name.removeprefix('CAP_').lower()}" for name in line.partition("=")[2].split())])


def confined() -> list[str]:
    """What starts a program with the capabilities of its unit, and with a /proc as ProtectProc=invisible makes it."""
    proc = ["unshare", "--mount", "sh", "-c", 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', "sh"]
    return [*proc, "setpriv", "--bounding-set", rights(), "--inh-caps", rights(), "--no-new-privs"]


def test_what_is_left_behind_is_ended_with_the_rights_of_the_unit(tmp_path: Path) -> None:
    """And a program of root has all of them, though its starter uses four."""
    told = tmp_path / "told"
    told.touch()
    told.chmod(0o666)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)  # pytest's are closed to others
    words = [*confined(), sys.executable, "-c", PROGRAM, str(told), str(tmp_path / "part"), str(tmp_path / "rights")]
    path = f"{RUNTIME}:{RUNTIME.parent}"
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert (done.stdout.split("\n"), done.returncode) == (["0 1", "0 0", ""], 0), done.stderr
    pid, *who = told.read_text().split()
    assert who == ["nobody", "nogroup", "nobody"]
    eventually(lambda: not Path(f"/proc/{pid}").exists(), within=5)
    sets = dict(line.split(":") for line in (tmp_path / "rights").read_text().splitlines())
    assert sets["CapEff"] == sets["CapPrm"] == sets["CapBnd"]
    assert int(sets["CapEff"], 16).bit_count() == len(rights().split(",")) - 1


def test_root_runs_a_program_that_its_starter_alone_might_not(tmp_path: Path) -> None:
    """A file of a user that only this user may execute: CAP_DAC_OVERRIDE, which a starter has and does not use."""
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\nexit 7\n")
    path.chmod(0o700)
    os.chown(path, USER.pw_uid, USER.pw_gid)
    command, part, told = Command((str(path),), "root"), tmp_path / "part", list[object]()
    part.write_text(naming(command))
    loop = Loop()
    programs = ForkedPrograms(loop, part)

    def end(how: object) -> None:
        told.append(how)
        loop.stop()

    programs.start(command, limit=20, grace=1, done=end, refused=end)
    loop.run()
    programs.close()
    os.waitpid(programs.pid, 0)
    loop.close()
    assert told == [Ended(7)]
