# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon of `lvs.director`: VRRP, health checks and IPVS in keepalived's configuration language."""

__version__ = "0.1.0"

from .postponed import import_dataclasses

import_dataclasses()
