# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""lvsd beside keepalived, measured in one run: `make bench`."""
