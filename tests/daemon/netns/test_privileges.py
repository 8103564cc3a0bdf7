# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process can do that has given root up: tried by children of this one, which is root."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd.capabilities import NUMBERS, mask
from lvsd.check.probe import tls
from lvsd.model import SslContext
from lvsd.worker import privileges
from lvsd.worker.privileges import give_up
from lvsd.worker.system_user import SystemUser
from workers_user import GID, UID, credentials

KEPT = ("NET_ADMIN", "NET_RAW")
US = " ".join([str(UID)] * 4), " ".join([str(GID)] * 4)
libc = ctypes.CDLL(None, use_errno=True)


def child(work: Callable[[], object], kept: tuple[str, ...] = KEPT) -> str:
    """What `work` returns in a child that has given root up, or the name of the error that it raises."""
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            give_up(SystemUser(UID, GID), kept)
            said = str(work())
        except OSError as error:
            said = errno.errorcode[error.errno or 0]
        except BaseException as error:
            said = repr(error)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        said = told.read()
    os.waitpid(pid, 0)
    return said


def prctl(*words: int) -> None:
    if libc.prctl(*words, *[0] * (5 - len(words))):
        raise OSError(ctypes.get_errno(), "prctl")


def gain() -> None:
    """Permit itself CAP_SETUID."""
    sets = (ctypes.c_uint32 * 6)(*[mask([*KEPT, "SETUID"])] * 2, 0, 0, 0, 0)
    if libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), sets):
        raise OSError(ctypes.get_errno(), "capset")


def test_what_is_left() -> None:
    users, groups, others, sets = eval(child(lambda: credentials(os.getpid())))
    assert (users, groups, others) == (*US, "")
    assert sets == {"Prm": mask(KEPT), "Eff": mask(KEPT), "Inh": 0, "Amb": 0, "Bnd": mask(KEPT)}


@pytest.mark.parametrize(
    ("what", "work"),
    [
        ("become root", lambda: os.setuid(0)),
        ("become another user", lambda: os.setresuid(65534, 65534, 65534)),
        ("enter the group of root", lambda: os.setgid(0)),
        ("enter a group beside", lambda: os.setgroups([0])),
        ("get a capability back", gain),
        ("have it behind an execve", lambda: prctl(47, 2, NUMBERS["NET_ADMIN"])),
        ("allow itself to gain rights", lambda: prctl(38, 0)),
        ("signal a process of root", lambda: os.kill(os.getppid(), 0)),
        ("see the passwords of the system", lambda: Path("/etc/shadow").read_text()),
        ("write in the folder of the sockets", lambda: Path("/run/lvsd-x").touch()),
        ("take a port of the system", lambda: socket.create_server(("127.0.0.1", 81))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_it_cannot(what: str, work: Callable[[], object]) -> None:
    assert child(work) in ("EPERM", "EACCES", "EINVAL"), what


def test_what_it_still_can() -> None:
    def packets() -> str:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as marked:
            marked.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 7)
        return "yes"

    assert child(packets) == "yes"
    assert child(packets, ()) == "EPERM"
    assert child(lambda: socket.create_server(("127.0.0.1", 81)).close(), ("NET_BIND_SERVICE",)) == "None"


def test_a_program_that_it_executes_has_no_capability() -> None:
    def executed() -> str:
        words = [sys.executable, "-ISc", "print(open('/proc/self/status').read())"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    text = child(executed)
    assert [f"Cap{which}:\t{0:016x}" in text for which in ("Inh", "Prm", "Eff", "Amb")] == [True] * 4


def test_without_the_right_to_become_another_user_it_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    assert privileges.obstacle() is None
    monkeypatch.setattr(privileges, "permitted", lambda: mask(["SETGID", "NET_ADMIN"]))
    assert privileges.obstacle() == "it has no CAP_SETUID"


def test_the_key_of_a_client_is_read_before(tmp_path: Path) -> None:
    """It belongs to root alone; one that is changed counts for the next process."""
    key = tmp_path / "key.pem"
    curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words = ["openssl", "req", "-x509", "-newkey", *curve, "-nodes", "-subj", "/CN=x"]
    subprocess.run([*words, "-keyout", key, "-out", key], check=True, capture_output=True)
    key.chmod(0o600)
    settings = SslContext(certificate=str(key), key=str(key))
    assert child(lambda: tls.context(settings)) == "EACCES"
    tls.keep(settings)
    assert child(lambda: tls.context(settings)).startswith("<ssl.SSLContext")
    key.write_text("another one")
    assert child(lambda: tls.context(settings)).startswith("<ssl.SSLContext")
