# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapped file of the VRRP worker: what was stored last is found, whatever became of the disk meanwhile."""

import errno
import os
from ipaddress import ip_address

import pytest
from lvsd import regular_files
from lvsd.kernel.rtnl_types import AddressKey
from lvsd.vrrp.fsm import Active, Backup, Initialize
from lvsd.vrrp.parameters import Identity
from lvsd.vrrp.state_codec import ACTIVE, LONGEST, Remembered, Subject, encode, numbers
from lvsd.vrrp.state_file import StateFile

BOOT = "6d0e1cd1-6a5f-4d43-a8d5-3a1f0a7a2f36"
FRONT = Subject("front", Identity(51, 4, "eth0", ip_address("224.0.0.18"), None),
                (AddressKey(2, ip_address("192.0.2.100"), 24),))  # fmt: skip
BACK = Subject("back", Identity(52, 6, None, None, ip_address("2001:db8::1")), ())
TOLD = [
    Remembered(FRONT, Active(101.0), 100.0, 1.0, 1.7e9, 150),
    Remembered(BACK, Backup(103.5, 0.02, 109.0, ready=True), 100.0, 0.02, 1.7e9, 100, ip_address("fe80::2")),
]


def stored(told):
    return numbers(told.state, told.last, told.interval, told.since, told.priority, told.active_router)


HALF = encode(BOOT, [FRONT, BACK], map(stored, TOLD))[:100]


def memory(tmp_path, said):
    return StateFile(tmp_path / "vrrp.state", BOOT, said.append)


def test_a_successor_finds_what_was_stored_last(tmp_path):
    said: list[str] = []
    slots = memory(tmp_path, said).keep([t.subject for t in TOLD], [stored(t) for t in TOLD])
    assert list(memory(tmp_path, said).recall()) == TOLD
    slots[0].renew(100.5, 101.5)
    slots[1].write(numbers(Initialize(), 0, 0, 0, 0, None))
    (left,) = memory(tmp_path, said).recall()
    assert (left.state, left.last) == (Active(101.5), 100.5)
    assert said == []
    assert [path.name for path in tmp_path.iterdir()] == ["vrrp.state"]


def test_the_same_instances_keep_their_file_and_others_replace_it(tmp_path):
    kept = memory(tmp_path, [])
    kept.keep([FRONT], [stored(TOLD[0])])
    file = (tmp_path / "vrrp.state").stat().st_ino
    kept.keep([FRONT], [(ACTIVE, 200.0, *stored(TOLD[0])[2:])])
    assert kept.recall()[0].last == 200.0
    assert (tmp_path / "vrrp.state").stat().st_ino == file
    kept.keep([BACK], [stored(TOLD[1])])
    assert list(kept.recall()) == [TOLD[1]]
    assert (tmp_path / "vrrp.state").stat().st_ino != file
    kept.keep([], [])
    assert not (tmp_path / "vrrp.state").exists()


@pytest.mark.parametrize("content", [b"", HALF, b"\n" * 1000, bytes(LONGEST + 2)], ids=len)
def test_a_file_that_is_none_is_one_warning(tmp_path, content):
    (tmp_path / "vrrp.state").write_bytes(content)
    said: list[str] = []
    assert memory(tmp_path, said).recall() == ()
    assert len(said) == 1
    assert "vrrp.state: ignored: " in said[0]


def test_no_file_is_no_warning(tmp_path):
    said: list[str] = []
    assert memory(tmp_path, said).recall() == ()
    assert said == []


def test_without_room_for_the_file_the_worker_goes_on(tmp_path):
    said: list[str] = []
    kept = memory(tmp_path, said)
    kept.keep([FRONT], [stored(TOLD[0])])
    (tmp_path / ".vrrp.state.new").mkdir()  # it cannot be written
    (slot,) = kept.keep([BACK], [stored(TOLD[1])])
    slot.renew(1.0, 2.0)
    assert kept.failed
    kept.keep([BACK], [stored(TOLD[1])])
    assert said == [f"{tmp_path}/vrrp.state: not written, a successor would begin anew: Is a directory"]
    assert kept.recall() == ()  # what it said is not true any more
    (tmp_path / ".vrrp.state.new").rmdir()
    kept.keep([BACK], [stored(TOLD[1])])
    assert not kept.failed
    assert said[1:] == [f"{tmp_path}/vrrp.state: written again"]
    assert list(kept.recall()) == [TOLD[1]]


def test_what_another_boot_has_left_is_ignored_with_the_reason(tmp_path):
    memory(tmp_path, []).keep([FRONT], [stored(TOLD[0])])
    said: list[str] = []
    assert StateFile(tmp_path / "vrrp.state", "another", said.append).recall() == ()
    assert said == [f"{tmp_path}/vrrp.state: ignored: it is from another boot"]


def test_a_set_of_instances_that_grows_keeps_what_is_known_of_each_in_its_order(tmp_path):
    kept = memory(tmp_path, [])
    kept.keep([BACK], [stored(TOLD[1])])
    front, back = kept.keep([FRONT, BACK], [stored(told) for told in TOLD])
    front.renew(7.0, 8.0)
    back.renew(9.0, 10.0)
    assert [(told.subject.name, told.last) for told in kept.recall()] == [("front", 7.0), ("back", 9.0)]


def test_slots_of_a_file_that_was_replaced_do_not_write_into_the_new_one(tmp_path):
    kept = memory(tmp_path, [])
    (old,) = kept.keep([FRONT], [stored(TOLD[0])])
    kept.keep([BACK], [stored(TOLD[1])])
    old.renew(1.0, 2.0)
    assert list(kept.recall()) == [TOLD[1]]


def test_what_was_given_up_in_order_leaves_no_file_and_the_same_instances_get_a_new_one(tmp_path):
    said: list[str] = []
    kept = memory(tmp_path, said)
    kept.keep([FRONT], [stored(TOLD[0])])
    kept.forget()
    kept.forget()
    assert list(tmp_path.iterdir()) == []
    kept.keep([FRONT], [stored(TOLD[0])])
    assert list(kept.recall()) == [TOLD[0]]
    assert said == []


def test_a_file_that_cannot_be_mapped_is_not_left_behind(tmp_path, monkeypatch):
    """What is in it would stay as it is while the worker goes on."""
    said: list[str] = []
    kept = memory(tmp_path, said)
    with monkeypatch.context() as without:
        full = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        without.setattr(regular_files, "changing", lambda _path: (_ for _ in ()).throw(full))
        kept.keep([FRONT], [stored(TOLD[0])])
    assert kept.failed
    assert list(tmp_path.iterdir()) == []
    assert said == [f"{tmp_path}/vrrp.state: not written, a successor would begin anew: Cannot allocate memory"]
