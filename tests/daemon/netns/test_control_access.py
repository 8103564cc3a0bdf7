# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may look and who may order, with real users, in the whole daemon with the rights that the unit gives."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from directors import ONE, Director
from lvsd.control.server import Unreachable, request
from network import Network, eventually, lines
from test_programs_sandbox import rights

GID, UID = 64998, 64997  # no user and no group of this machine has them
SECRET = ONE.replace("interface eth0", "interface eth0\n  authentication {\n auth_type PASS\n auth_pass s3cret\n }", 1)
WITH_GROUPS = 'mount --bind "$1" /etc/group && shift && exec "$@"'


class Guarded(Director):
    """A director that finds an /etc/group of its own, and has the capabilities of the unit alone."""

    def __init__(self, network: Network, groups: str) -> None:
        self.groups = network.folder / "group"
        self.groups.write_text(Path("/etc/group").read_text() + groups)
        super().__init__(network, "a", "192.0.2.11/24", SECRET)
        eventually(self.active, within=8)
        for folder in (self.folder, *self.folder.parents[:3]):
            folder.chmod(folder.stat().st_mode | 0o011)  # pytest's are closed to others

    def words(self) -> list[str]:
        drop = ["setpriv", "--bounding-set", rights(), "--inh-caps", rights(), "--no-new-privs"]
        mounted = ["unshare", "--mount", "sh", "-c", WITH_GROUPS, "sh", str(self.groups)]
        return [*mounted, *drop, *super().words()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return list(request(self.run / f"{name}.sock", "events", timeout=5)["events"])


def asked(socket: Path, verb: str, uid: int, gid: int, groups: Sequence[int] = (), **arguments: Any) -> dict[str, Any]:
    """The answer to a process of that user, or {"unreachable": why}."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
            try:
                answer = request(socket, verb, timeout=5, **arguments)
            except Unreachable as error:
                answer = {"unreachable": str(error)}
            os.write(write, json.dumps({**answer, "asking": os.getpid()}).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        answer = json.loads(told.read())
    os.waitpid(child, 0)
    return dict(answer)


def test_the_group_may_look_and_root_may_order(network: Network) -> None:
    director = Guarded(network, f"lvsd:x:{GID}:\n")
    for name in ("lvsd", "vrrp"):
        socket = director.run / f"{name}.sock"
        found = socket.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o660, 0, GID)
        for verb in ("ping", "show", "events"):
            assert asked(socket, verb, UID, UID, [GID])["ok"] is True, verb
        for verb in ("reload", "leave", "failover", "reexec"):
            assert asked(socket, verb, UID, UID, [GID])["ok"] is False, verb
        assert "unreachable" in asked(socket, "ping", UID, UID)
    control = director.run / "lvsd.sock"
    assert "sudo lvsctl reload" in asked(control, "reload", UID, UID, [GID])["error"]
    text = asked(control, "config", UID, UID, [GID])["text"]
    assert "VI_1" in text
    assert "s3cret" not in text
    refused = asked(control, "config", UID, UID, [GID], secrets=True)
    assert (refused["ok"], "s3cret" in str(refused)) == (False, False)
    assert "s3cret" in asked(control, "config", 0, 0, secrets=True)["text"]
    assert director.active()
    assert not [event for event in director.events("vrrp") if event["what"] in ("operator", "reload")]


def test_without_the_group_only_root_can_ask(network: Network) -> None:
    director = Guarded(network, "")
    for name in ("lvsd", "vrrp"):
        socket = director.run / f"{name}.sock"
        found = socket.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o600, 0, 0)
        assert "unreachable" in asked(socket, "ping", UID, UID, [GID])
        assert asked(socket, "ping", 0, 0)["ok"] is True


def test_the_event_and_the_log_of_an_order_name_who_gave_it(network: Network) -> None:
    director = Guarded(network, f"lvsd:x:{GID}:\n")
    pids = {verb: asked(director.run / f"{name}.sock", verb, 0, 0)["asking"] for name, verb in
            (("lvsd", "reload"), ("vrrp", "failover"))}  # fmt: skip
    (handed_over,) = (event for event in director.events("vrrp") if event["what"] == "operator")
    reloaded = [event for event in director.events("lvsd") if event["what"] == "reload"][-1]
    for event, verb in ((handed_over, "failover"), (reloaded, "reload")):
        assert (event["uid"], event["pid"], event["user"]) == (0, pids[verb], "root")
        assert f"by root (pid {pids[verb]})" in event["message"]
        eventually(lambda event=event: any(event["message"] in line for line in lines(director.log)), within=2)
    director.config.write_text(SECRET.replace("virtual_router_id 51", "virtual_router_id 510"))
    pid = asked(director.run / "lvsd.sock", "reload", 0, 0)["asking"]
    refused = director.events("lvsd")[-1]
    assert refused["pid"] == pid
    assert f"reload by root (pid {pid}) refused" in refused["message"]
