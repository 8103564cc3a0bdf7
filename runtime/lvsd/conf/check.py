# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from lvsd.conf.codec import Located
from lvsd.conf.findings import Findings
from lvsd.model import Configuration


def check(located: Located[Configuration], findings: Findings) -> Configuration:
    return located.value
