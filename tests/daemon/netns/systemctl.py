# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`systemctl` for a host without systemd: as much of it as Ansible asks for, of units of Type=oneshot and Type=notify.

usage: systemctl.py FOLDER VERB [UNIT]      (FOLDER remembers which units are active, and their text as last read)
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")


class Unit:
    def __init__(self, folder: Path, name: str) -> None:
        self.file = UNITS / name
        self.read = folder / name
        self.active = folder / f"{name}.active"
        self.enabled = folder / f"{name}.enabled"
        if self.file.exists() and not self.read.exists():
            self.load()

    def load(self) -> None:
        self.read.write_text(self.file.read_text())

    def run(self, key: str) -> int:
        lines = self.read.read_text().splitlines() if self.read.exists() else []
        for line in (line.partition("=")[2] for line in lines if line.startswith(f"{key}=")):
            code = subprocess.run(line.lstrip("-").split(), check=False).returncode
            if code and not line.startswith("-"):
                return code
        return 0

    def daemon(self) -> str:
        """The command of a unit of Type=notify, "" for another one."""
        lines = self.read.read_text().splitlines() if self.read.exists() else []
        command = next((line.partition("=")[2] for line in lines if line.startswith("ExecStart=")), "")
        return command if "Type=notify" in lines else ""

    def launch(self) -> int:
        """Start the daemon, in a runtime directory that is there."""
        Path("/run/lvsd").mkdir(exist_ok=True)
        log = self.read.with_suffix(".log").open("ab")
        process = subprocess.Popen(
            self.daemon().split(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        self.active.write_text(str(process.pid))
        return 0

    def end(self) -> int:
        """SIGTERM, and wait until the daemon has ended."""
        pid = int(self.active.read_text())
        os.kill(pid, signal.SIGTERM)
        while Path(f"/proc/{pid}/stat").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text():
            time.sleep(0.05)
        return 0

    def start(self) -> int:
        if not self.active.exists() and self.daemon():
            return self.launch()
        code = 0 if self.active.exists() else self.run("ExecStart")
        if not code:
            self.active.touch()
        return code

    def stop(self) -> int:
        if self.active.exists() and self.daemon():
            code = self.end()
        else:
            code = self.run("ExecStop") if self.active.exists() else 0
        self.active.unlink(missing_ok=True)
        return code

    def reload(self) -> int:
        return self.run("ExecReload") if self.active.exists() else 1

    def restart(self) -> int:
        self.stop()  # a stop that fails keeps no unit from its start
        return self.start()

    def enable(self) -> int:
        self.enabled.touch()
        return 0

    def disable(self) -> int:
        self.enabled.unlink(missing_ok=True)
        return 0

    def is_enabled(self) -> int:
        print("enabled" if self.enabled.exists() else "disabled")
        return 0 if self.enabled.exists() else 1

    def show(self) -> int:
        print(f"LoadState={'loaded' if self.read.exists() else 'not-found'}")
        print(f"ActiveState={'active' if self.active.exists() else 'inactive'}")
        return 0


def main(folder: Path, verb: str, *names: str) -> int:
    if verb == "daemon-reload":
        for unit in (Unit(folder, path.name) for path in UNITS.glob("*.service")):
            unit.load()
        return 0
    (name,) = (name for name in names if not name.startswith("-"))
    return int(getattr(Unit(folder, name), verb.replace("-", "_"))())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
