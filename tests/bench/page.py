# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/benchmarks.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.figures import RIVALS, Row
from tests.bench.report import as_markdown, summary

HEAD = """<!--
SPDX-FileCopyrightText: 2026 The lvs.director authors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# lvsd beside keepalived

Written by `make bench`. Less is better in every row. There are two keepaliveds: that of the system, which most
directors run, and the newest that comes as a package; the table below says which versions they are. Each round measures
the three daemons, one right after the other, with the same configuration; a cell shows the median of the rounds and
their spread (least..most), a ratio is the median of ours / theirs pair by pair, and a goal is judged on the pairs,
beside each of the two. The newest runs with the libraries of its own suite, which it shares with no other process.
"""

BENCHES = {
    "failover": """Failover
From the last advertisement of the router that is gone (the system's keepalived for all, killed with SIGKILL) to the
first gratuitous ARP of the other, minus Active_Down_Interval, which the protocol demands; planned: stopped with
SIGTERM, from its advertisement of priority 0, minus Skew_Time. Namespaces on a bridge, time stamps of the kernel from
one packet socket at the bridge. One instance: 100 ms interval, five times a round; 255: one second, once a round, each
instance with an overhead of its own.""",
    "jitter": """Regular advertisements
Ten instances at 10 ms for four seconds, `vrrp_rt_priority 50`: how far each interval is from 10 ms.""",
    "reloading": """Regular advertisements while a large configuration is reloaded
As above, in a User-Mode Linux machine with one core: parent, VRRP and checker with 200 × 50 real servers are told to
reload the unchanged configuration; the five seconds that follow count.""",
    "reloads": """Reloads of the Active Router
Of the unchanged configuration, one instance, the next reload a quarter of a second later at 10 ms and 0.6 s later at
100 ms; counted is how often the backup took over, per 100 reloads (lvsd: 100 a round, the other: 20).""",
    "tracker": """One change of one tracker
1,000 instances over a kernel of plain tables, each with a tracked interface of its own: CPU of the wake-up in which the
kernel reports that one of these interfaces has changed, beside that of deriving what all instances derive.""",
    "many": """255 virtual routers
At one second; as owners of their addresses, so that they advertise at once. From exec of the whole daemon to the first
advertisement of the last one, and the CPU that all processes have used by then; CPU of all processes over five seconds;
from SIGTERM until every process has ended.""",
    "ipvs": """Filling the IPVS table
In a User-Mode Linux machine with one core; the table is empty before each. The table in memory is compared with the
kernel's and written; `ipvsadm -R` reads the same table from `ipvsadm -S`; a start is from exec of the whole daemon to
the last destination, configuration parsed and all. `ipvsadm -Ln` counts the lines after each.""",
    "reload": """A reload that changes nothing
CPU of all processes and their children, from SIGHUP until they rest; the table must be the same afterwards.""",
    "checks": """Health checks
CPU of all processes over six seconds, per 1,000 connections that the real servers have accepted.""",
    "memory": """Memory
PSS of parent, VRRP and checker (`smaps_rollup`) six seconds after the start, with what the role writes for
`examples/pair`; alone in the User-Mode Linux machine, so that no other Python shares pages with ours.""",
}

NOTES = """\
## Reading the figures

* Ratios count; absolute figures move with the machine. The User-Mode Linux machine is several times slower than its
  host in system calls and page faults, for all daemons alike; Python's start is hardly anything else.
* The load that others put on the machine (above) spreads the figures of the namespaces: a take-over of one instance is
  half a millisecond of work, and any process that runs first is longer than that.

* The start of 255 virtual routers is a burst of CPU, so its wall clock is the first figure that a busy machine spoils:
  under a load of 14 on two cores keepalived needed 189..390 ms and lvsd a second and more, and with a real-time
  priority in the same minutes 29..41 ms (of which 28..40 are CPU) and 151..174. Of that, keepalived spends 16..23 ms
  between its first advertisement and its last, and lvsd 2..3: it starts later and then has everything ready.

## The goals that are hard for Python, and what was tried

* **Failover of very many.** A take-over is a message, a batch of addresses and a frame for each: 30 µs when sixteen go
  together and 65 when one goes alone, half of them the kernel's. Done: messages, frames and requests are made
  beforehand; a timer counts from the arrival that the kernel stamped; the last millisecond before a take-over is spent
  awake, with a rehearsal of it; sixteen instances go together, so that the first does not wait for the last; our own
  additions are not read back; first frames go past the queue; an address knows its hash; the log, scripts and repeats
  wait until nobody is about to take over; nothing of it is collected as garbage.
  What is left is the interpreter, and how the dead router had spread its advertisements.
* **From exec to the whole table.** In that machine a bare `python3 -c pass` costs 0.17 s of the host's CPU and all
  imports another 0.55 s, which together is about as much as keepalived's whole start. Done: workers are forks that
  import and parse nothing again, OpenSSL and what only a slip needs are imported when they are asked for, frozen
  records that share their methods, requests to the kernel built by whole structs. A daemon that lives for months
  starts rarely, and neither a reload nor a crash of a worker pays this price again.
* **Memory.** A bare interpreter has 2.3 MB of its own, and its program text 6 MB. Done: forks share pages; what is
  shared is frozen, so that no collector writes to it, and every module is imported before the first fork (-4 MB);
  OpenSSL is loaded only for TLS, `subprocess` only for a regex (-0.9 MB), `inspect` never (-1.4 MB). What is left is
  private because CPython 3.11 writes to an object whenever it is used: 920 pages of each worker, most of them at its
  start. Tried and not kept, for too little: `-OO` (-3 %), `malloc_trim` before each fork (-2 %), the C library's
  allocator instead of Python's (+9 %), forgetting modules again before the fork (nothing: their pages stay).
"""


def markdown(rows: Sequence[Row], described: Mapping[str, str], rounds: int) -> str:
    facts = "\n".join(f"| {name} | {value} |" for name, value in described.items())
    machine = f"| | |\n|---|---|\n{facts}\n| rounds | {rounds} |"
    verdicts = "\n".join(f"* {line.strip()}" for line in summary(rows).splitlines())
    versions = {rival: f"keepalived {described.get(rival, rival).partition(',')[0]}" for rival in RIVALS}
    tables = as_markdown(rows, BENCHES, versions)
    return "\n\n".join([HEAD.strip(), machine, verdicts, tables, NOTES.strip()]) + "\n"
