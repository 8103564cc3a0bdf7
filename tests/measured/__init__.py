# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of the daemon the pure tests run, package by package, and how much of it they have to."""
