# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules write about services and checks, keepalived and lvsd read as it was given: keepalived's own dump."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from inside import eventually
from lvsd import conf
from lvsd.model import HttpCheck, MiscCheck

sys.path.append(str(Path(__file__).parents[1] / "netns"))

from modules import run_module

COMMAND = """/bin/sh -c 'echo "a b" $HOME ${_PWD} # ! } ~SEQ(v, 1, 3)' "it's" """.strip()
WORDS = ("/bin/sh", "-c", 'echo "a b" $HOME ${_PWD} # ! } ~SEQ(v, 1, 3)', "it's")
REGEX = r"""a "b" \d+ $HOME it's } { \x41 ^$ #"""
PATH = r"/a path?x={1}&'y'\z#!"
HOST = "www.example.org"
SERVICE = {
    "address": "192.0.2.1",
    "port": 80,
    "lb_algo": "rr",
    "quorum_up": COMMAND,
    "quorum_down": COMMAND,
    "virtualhost": HOST,
    "real_servers": [
        {
            "address": "10.0.0.1",
            "notify_up": COMMAND,
            "notify_down": COMMAND,
            "HTTP_GET": [{"url": [{"path": PATH, "regex": REGEX}]}],
            "MISC_CHECK": [{"misc_path": COMMAND}],
        }
    ],
}


def written(folder: Path) -> Path:
    shared: dict[str, Any] = {
        "config_dir": str(folder / "etc"),
        "runtime_dir": str(folder / "run"),
        "lvsd_path": "/none",
    }
    for name, options in (("director_globals", {"script_user": ["root"]}), ("ipvs_service", SERVICE)):
        done: dict[str, Any] = run_module(folder, name, **shared, **options)
        assert done.get("changed") is True, done
    return folder / "etc" / "lvsd.conf"


def dump(config: Path, folder: Path) -> str:
    """What a keepalived that runs the configuration says that it has read (-d)."""
    log = folder / "log"
    pids = [f"--pid={folder}/pid", f"--checkers_pid={folder}/checkers.pid"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["keepalived", "-n", "-l", "-d", "-C", "-f", str(config), *pids], stdout=output, stderr=output
        )
    try:
        eventually(lambda: "Health checkers" in log.read_text(), 30)
        eventually(lambda: "Keepalive method" in log.read_text().partition("Health checkers")[2], 30)
    finally:
        process.terminate()
        process.wait(30)
    return re.sub(r"(?m)^\w+ \w+ +\d+ [\d:]+ \d+: ", "", log.read_text())


def test_words_of_services_and_checks(tmp_path: Path) -> None:
    config = written(tmp_path)
    said = dump(config, tmp_path)
    run = " ".join(f"'{word}'" for word in ("/usr/bin/sh", *WORDS[1:]))
    for what in ("Quorum up notify", "Quorum down notify", "RS up notify", "RS down notify"):
        assert f"{what} script = {run}" in said, what
    assert f"   script = {run}" in said
    assert f"VirtualHost = {HOST}\n" in said
    assert f"Checked url = {PATH}\n" in said
    assert f'Regex = "{REGEX}"\n' in said

    (service,) = conf.load(config).configuration.virtual_servers
    (server,) = service.real_servers
    web, misc = server.checks
    assert isinstance(web, HttpCheck)
    assert isinstance(misc, MiscCheck)
    commands = (service.quorum_up, service.quorum_down, server.notify_up, server.notify_down, misc.command)
    assert [command and command.words for command in commands] == [WORDS] * 5
    assert (web.urls[0].path, web.urls[0].regex) == (PATH, REGEX)
