# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every gate of Ansible's ecosystem: `python -m tests.collection.gates [NAME ...]`.

A gate is a function that comes to its end when it opens, and raises what `answers.py` has when it does not.  Each runs
in a process of its own, in an environment with pinned requirements, at a home directory below `.cache/gates`.
"""
