# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promise under load: nothing an operator does on purpose drops a connection, and no crash of the daemon does."""
