# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel as tables: IPVS services and destinations, links, addresses; and the frames that announce them."""
