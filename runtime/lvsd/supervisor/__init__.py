# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent: reads and validates the configuration, starts the workers, keeps them alive, stops them in order."""
