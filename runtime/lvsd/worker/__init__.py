# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every worker does, whatever it works at: its start, its parent, its successor."""
