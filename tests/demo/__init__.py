# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: the main job on one machine, told step by step and drawn."""
