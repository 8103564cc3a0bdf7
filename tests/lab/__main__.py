# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 -m tests.lab`: the lab from a shell."""

from __future__ import annotations

import sys

from .lab import Lab, leftovers
from .topology import TOPOLOGIES

if sys.argv[1] == "up":
    Lab(TOPOLOGIES[sys.argv[2] if len(sys.argv) > 2 else "pair"]).up()
elif sys.argv[1] == "down":
    Lab().down()
elif sys.argv[1] == "leftovers":
    print(*leftovers(), sep="\n")
elif sys.argv[1] == "run":
    print(Lab.attach().machine(sys.argv[2]).run(sys.argv[3]).stdout)
