# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's programs: `notify*`, `quorum_up/down`, `MISC_CHECK`.  Nothing else in the daemon starts one.

security      whether a program may run, decided from what was seen of its path (pure)
program_path  what there is to see: every step of a path, links included
identity      the account that a program runs as, and its environment
run           judges a program, starts it, and waits for it
subreaper     the process between the worker and the program: ends it in time, and all that it left behind
queue         what waits to be run for one subject (pure)
notifier      one queue for each subject
"""
