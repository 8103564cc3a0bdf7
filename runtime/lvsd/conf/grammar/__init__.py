# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table between keepalived's keywords and our model."""

from .root import ROOT

__all__ = ["ROOT"]
