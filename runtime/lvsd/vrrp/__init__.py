# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP versions 2 and 3 (RFC 3768, RFC 9568), as keepalived speaks them.

Some routers share a virtual address.  One of them is Active: it holds the address and says so every interval, with a
packet of protocol 112 and TTL 255.  The others are Backup: each waits for the next packet, and takes over when none has
come for Active_Down_Interval (three intervals and a little more, less for a higher priority).  That is the whole
protocol.  What makes it hard is time: a router that is late by a millisecond has lost packets of its users, and one
that takes a pause of its own for the silence of its peer makes two routers Active.

**Who is who.**  `router.py` is this host, a VRRP Router.  It has instances (`instance.py`), one for each
`vrrp_instance`; RFC 9568 calls them Virtual Routers.  Instances that must be Active together or not at all are in a
unit (`sync_group.py`); one without a group is a unit of its own.  `worker.py` is the process around them.

**What an instance is told** by the operator is in `model/`, and never used as it stands.  `parameters.py` expands it:
defaults, globals, what the version of the protocol can carry.  `tracking.py` says what an instance follows (interfaces
so far) and what their state means, as faults and as a change of priority.  `derivation.py` does so for all that depend
on what has changed, and for no others.  The result is `Instance.vr`, the parameters of the state machine.

**The state machine** is `fsm.py`: `step(parameters, state, event, now) -> (state, effects)`, the diagram of RFC 9568
section 6.4 and little else.  It reads no clock, sends nothing and knows no socket.  A state carries its own deadline.

**Life of a packet.**  The kernel wakes the loop; a socket (`sockets.py`) hands over each datagram with the time at
which the kernel saw it.  `rx.py` finds the instance by socket and VRID; a packet for another router is counted and
gone.  Most packets are equal to the last one of the same peer, and need no second look.  Any other is decoded
(`packet.py`) and compared with what the instance expects (`validate.py`: TTL, checksum, interval, password, addresses,
in the order in which keepalived asks); what does not fit is counted by its reason, and said once a minute.  What is
left is an event, `Received`, for the election (`election.py`), which steps the unit.

A Backup that hears a packet only gets a later deadline.  Its timer in the loop is not moved: when it fires, it looks at
the deadline, and sleeps again.  So a packet costs some comparisons, and no system call but the reading of it.

**Life of a take-over.**  A timer fires, and the deadline has passed.  The election first asks whether everything that
arrived before it has been read: only then the peer is silent.  A millisecond before, it has rehearsed the take-over, so
that packets, requests and frames are made.  The step returns effects: advertise, take the addresses, announce them.
They are not carried out at once but when the loop has no event left, together with those of every other instance of
this wake-up, in the order in which they must happen: advertisements (`tx.py`), addresses in one batch (`addresses.py`),
gratuitous ARP and Neighbor Advertisements (`garp.py`, in the rhythm of `garp_schedule.py`).  The log, the events and
the scripts (`notify.py`) wait until no instance is about to take over (`deferred.py`).

**Addresses are compared, not commanded.**  `desired.py` says which addresses the host shall hold: those of the Active
instances.  `interfaces.py` knows which it has, from one reading and the kernel's reports since.  The difference is set.
An address that another program removes is set again for the same reason that a new one is set at all; and a start, a
reload and a take-over need no code of their own.

**A reload** is read and validated in a child process (`worker/reload.py`), as that takes longer than an interval.
`reload_diff.py` pairs the instances of before with the wanted ones by what their peers know them by (VRID, family,
interface, group, source), not by name: an instance that stays keeps its state, its deadline and its socket.  New
parameters take effect in place; another interval moves the deadline, nothing else does.  What is gone gives up its
addresses with a word to its peers.

**The end, and the next process.**  SIGTERM releases: a packet of priority 0 tells the peers not to wait.  Every other
way to end, a crash among them, releases nothing.  What the next process needs is in the kernel and in `vrrp.state`
(`state_file.py`, `state_codec.py`), which is true at each instruction.  `resume.py` decides for each unit whether it
goes on as what it was: within Active_Down_Interval of its last packet a router that was restarted was only late.

Read `fsm.py` first, then tests/daemon/pure/vrrp/test_fsm.py, `election.py`, `router.py`.  The simulation in
tests/daemon/simulation runs all of it but the sockets and the kernel, a pair of routers in virtual time.
"""
