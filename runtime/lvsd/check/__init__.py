# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks, and what they make of the IPVS table.

A virtual service is an address and a port, or a mark, from which the kernel (IPVS) forwards connections to real
servers. The kernel does not know whether a server works.  The checker does: it probes each server in its rhythm, and
keeps the kernel's table as health, the operator's orders and the quorum ask for.

    probe -> result -> health of a check -> state of a server -> quorum of the service -> destinations -> kernel

Each arrow is a file, and all but the first and the last are pure.

**What is asked for** is in `model/`.  `pool.py` makes a `Pool` of each virtual server: the key and the settings of
the service, its members, the sorry server, the quorum.  `planned_check.py` makes checks of what stands at the server,
at the service and at neither: every inherited value is expanded there.  `kinds.py` has a row for each kind of check;
everything else asks that table.  `services.py` holds what is there now: services, servers, running checks.

**Life of a probe.**  A check (`check_task.py`) sleeps until its time, in slots of 10 ms, so that checks that are due
together share a wake-up.  The first probes are spread over `warmup`, by a phase that is made of the check and is the
same after every restart.  `shared_probes.py` starts the probe, or joins an equal one that runs: ten services with one
server ask it once.  A probe (`probe/`) is one object with one non-blocking socket and a deadline for each step, and
ends exactly once, with a `Result`: passed or not, a detail in words, and whether it could look at all.  What would hold
the loop up is not done in it: a regular expression is searched in a child process (`probe/regex_search.py`), a
MISC_CHECK is a program (`probe/misc.py`), and what a TLS server makes a client compute is bounded
(`probe/handshake.py`).

**Life of a result.**  `health.py` folds it into the health of the check: keepalived's rules for retries, for several
URLs, and for an attempt that our own side could not make, which says nothing about the server.  Most results change
nothing, and end here.  Otherwise `step.py` decides, in two pure functions.  `step_server` makes a server up or down
when the verdict of all its checks has changed: an event, a line of the log, `notify_up` or `notify_down`, a line for
the state file, and the service is touched.  `step_service` comes at the end of the wake-up, when all that happened in
it has been counted, so that one server that fails and another that recovers in the same moment are one decision: it
finds the quorum lost or regained.  `effects.py` carries out what both return, in order.

**What the kernel holds.**  `destinations` in `pool.py` says which destinations a service shall have, with which
weights: the servers that are up; at weight 0 those that are drained, or that failed with `inhibit_on_failure`; the
sorry server in their place while the quorum is lost.  `table.py` compares with what was applied last, and writes the
difference.  What the kernel refuses is said once for as long as it stays, and tried again after a pause that doubles.
Every minute the whole table is read and compared (`reconciler.py`), so that a change by another program lasts a minute
at most.  Services that this daemon did not make are never touched (`ownership.py`).

**Orders** of an operator (drain, enable, weight) come over the control socket (`commands.py`).  An order is stored in
STATE_DIR before it is carried out (`overrides.py`, `memory.py`), so it survives a restart and a reboot; it goes the way
of a result, and changes weights, not health.

**A reload** is read in a child process (`worker/reload.py`), so that no probe waits for it, and makes new pools and
plans.  A server keeps its state and its order by its key; a check keeps its health while what it does is equal, even
where its times change (`planned_check.py`).  What is gone says so (`notify_down` and
`quorum_down`, as in keepalived), and the difference goes to the kernel as after any result.  A configuration that
changes nothing writes nothing.

**The end, and the next process.**  SIGTERM removes our services, unless `--dont-release-ipvs` leaves them.  Every other
end leaves the table as it is: the kernel goes on forwarding.  `checker.state` (`state_file.py`, `state_codec.py`) has a
line for each verdict, written before the kernel's table changes, so that the next process never knows less than the
kernel shows. It begins with these, compares, finds nothing to write, and goes on in the rhythm of before.

Read `health.py` first, then `pool.py`, `step.py` and `checker.py`, with the tests of the same names in
tests/daemon/pure/check.  A test with a kernel is in tests/daemon/kernel.
"""
