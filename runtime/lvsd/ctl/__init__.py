# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsctl`: what the daemon does now, and what an operator wants it to do."""
