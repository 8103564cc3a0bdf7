# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights that a process has and does not use."""

import errno
import os

from lvsd import capabilities


def sets():
    with open("/proc/self/status") as status:
        return {line.split(":")[0]: int(line.split()[1], 16) for line in status if line.startswith("Cap")}


def in_a_child(work):
    """Whether `work` returned True there."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_what_is_not_kept_is_not_used_and_comes_back():
    before = sets()

    def work():
        capabilities.keep(["KILL", "SETUID"])
        fewer = sets()
        capabilities.use_all()
        wanted = before["CapEff"] & (1 << 5 | 1 << 7)
        return fewer == {**before, "CapEff": wanted} and sets() == {**before, "CapEff": before["CapPrm"]}

    assert in_a_child(work)
    assert sets() == before


def test_what_is_not_held_is_given_up_for_good():
    before = sets()

    def work():
        capabilities.hold(capabilities.mask(["KILL"]) & before["CapPrm"])
        capabilities.use_all()
        kept = before["CapPrm"] & 1 << 5
        return sets() == {**before, "CapEff": kept, "CapPrm": kept}

    assert in_a_child(work)


def test_what_this_process_does_not_have_it_cannot_hold():
    def work():
        capabilities.hold(0)
        try:
            capabilities.hold(1 << 5)
        except OSError as error:
            return error.errno == errno.EPERM and "capset" in str(error)

    assert in_a_child(work)
