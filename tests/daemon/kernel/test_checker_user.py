# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker on a host that has the system user `lvsd` (a mount namespace): who it is, and that it does all it did."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

from checkers import FIRST, SERVICE, Checker, flag_check, real, script, service, table
from inside import eventually

UID, GID = 64991, 64992  # no user and no group of this machine
NET_BIND_SERVICE, NET_ADMIN = 1 << 10, 1 << 12  # linux/capability.h
WITH_USERS = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"'


def settle(checker: Checker) -> None:
    """Have the checker start where the user is."""
    for folder in (checker.folder, *checker.folder.parents[:2]):
        folder.chmod(0o755)
    users, groups = checker.folder / "passwd", checker.folder / "group"
    entry = f"lvsd:x:{UID}:{GID}:workers:/nonexistent:/usr/sbin/nologin\n"
    users.write_text(Path("/etc/passwd").read_text() + entry)
    groups.write_text(Path("/etc/group").read_text() + f"lvsd:x:64993:\nlvsd_worker:x:{GID}:\n")
    checker.within = ("unshare", "--mount", "sh", "-c", WITH_USERS, "sh", str(users), str(groups))


def ours(checker: Checker, bits: int) -> bool:
    """Whether the checker is the user, and has these capabilities."""
    assert checker.process is not None
    text = Path(f"/proc/{checker.process.pid}/status").read_text()
    found = dict(re.findall(r"^(\w+):[ \t]*(.*)$", text, flags=re.MULTILINE))
    held = {int(found[f"Cap{which}"], 16) for which in ("Prm", "Eff")}
    return (found["Uid"].split(), found["Gid"].split(), held) == ([str(UID)] * 4, [str(GID)] * 4, {bits})


def test_it_checks_fills_the_table_takes_orders_and_goes_on_after_a_crash(
    checker: Checker, tmp_path: Path, flag: Path
) -> None:
    settle(checker)
    told = tmp_path / "told"
    look = script(tmp_path, "look", f"cat /proc/self/status > {told}")
    misc = f"MISC_CHECK {{\n misc_path {look}\n misc_timeout 5\n user root\n }}"
    checker.start(service(real(11, check=flag_check(flag)), real(12, check=misc)))
    assert ours(checker, NET_ADMIN)
    eventually(lambda: table().count("Masq 1") == 2, within=20)
    eventually(lambda: told.exists() and "CapPrm" in told.read_text(), within=20)
    assert "Uid:\t0\t0\t0\t0\n" in told.read_text()
    assert checker.ask("drain", service=SERVICE, server=FIRST)["ok"]
    orders = checker.folder / "state" / "servers.json"
    assert (orders.stat().st_uid, orders.stat().st_gid) == (UID, GID)
    assert (checker.folder / "run" / "checker" / "checker.state").stat().st_uid == UID
    eventually(lambda: f"{FIRST} Masq 0" in table(), within=20)
    drained = table()
    assert checker.process is not None
    checker.process.kill()
    checker.process.wait()
    checker.start()
    assert ours(checker, NET_ADMIN)
    assert table() == drained
    assert checker.ask("enable", service=SERVICE, server=FIRST)["ok"]
    flag.unlink()
    eventually(lambda: f"{FIRST} " not in table(), within=20)
    assert checker.end(signal.SIGTERM) == 0
    assert table() == ""


def test_a_low_source_port_is_for_the_checker_that_is_asked_for_one(checker: Checker) -> None:
    settle(checker)
    check = "TCP_CHECK {\n connect_ip 127.0.0.1\n connect_port 81\n bind_port 83\n }"
    checker.start(service(real(11, check=check)))
    assert ours(checker, NET_ADMIN | NET_BIND_SERVICE)
    eventually(lambda: checker.show()["servers"][0]["checks"][0]["detail"], within=20)
    assert "permission denied" not in json.dumps(checker.show())


def test_orders_of_a_version_whose_checker_was_roots_are_kept(checker: Checker) -> None:
    checker.start(service(real(11)))
    assert checker.ask("drain", service=SERVICE, server=FIRST)["ok"]
    state = checker.folder / "run" / "checker" / "checker.state"
    state.replace(checker.folder / "run" / "checker.state")  # where that version has it
    assert os.stat(checker.folder / "state" / "servers.json").st_uid == 0
    settle(checker)
    checker.start()
    assert ours(checker, NET_ADMIN)
    eventually(lambda: f"{FIRST} Masq 0" in table(), within=20)
    assert checker.ask("enable", service=SERVICE, server=FIRST)["ok"]
    assert os.stat(checker.folder / "state" / "servers.json").st_uid == UID
    assert not (checker.folder / "run" / "checker.state").exists()
