# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this at its start where this folder is on its path: LVSD_WITHOUT names the field to take away."""

import os

from take_away import take_away

if name := os.environ.get("LVSD_WITHOUT"):
    take_away(name)
