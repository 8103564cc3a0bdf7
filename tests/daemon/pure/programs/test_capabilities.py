# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights that a process has and does not use."""

import os

from lvsd.programs import capabilities


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
        capabilities.keep([capabilities.KILL, capabilities.SETUID])
        fewer = sets()
        capabilities.use_all()
        wanted = before["CapEff"] & (1 << capabilities.KILL | 1 << capabilities.SETUID)
        return fewer == {**before, "CapEff": wanted} and sets() == {**before, "CapEff": before["CapPrm"]}

    assert in_a_child(work)
    assert sets() == before
