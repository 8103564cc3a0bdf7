# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's programs: `notify*`, `quorum_up/down`, `MISC_CHECK`.  Nothing else in the daemon starts one.

security      whether a program may run, decided from what was seen of its path (pure)
program_path  what there is to see: every step of a path, links included
identity      the account that a program runs as, and its environment
configured    which programs the configuration names, and whether each may run now
part          what a part of the configuration says of programs, read in a child
starter       the process beside a worker that judges and starts them, and parses nothing from the network
capabilities  which of its rights that process uses
protocol      what a worker and its starter say to each other (pure)
client        the worker's side: has a program started, hears how it ended
run           one program in the starter: started, and waited for
subreaper     the process between the starter and the program: ends it in time, and all that it left behind
queue         what waits to be run for one subject (pure)
notifier      one queue for each subject
"""
