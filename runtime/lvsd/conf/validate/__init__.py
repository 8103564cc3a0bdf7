# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration means as a whole: contradictions, and what keepalived would quietly change."""
