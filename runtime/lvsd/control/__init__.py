# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control sockets: the protocol, its server, and the clients that ask over it."""
