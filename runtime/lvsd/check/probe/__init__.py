# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes: one object per running probe, on the worker's loop; each ends exactly once, with a `Result`.

running = start(loop, probe, url, timeout, done, searcher, programs)    # start.py
running.cancel()    # and then `done` is not called any more

`done(Result)` is called later, never from within start.  Which class runs which probe is said by ../kinds.py.
"""
