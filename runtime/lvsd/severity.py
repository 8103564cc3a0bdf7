# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How severe a line of the log is, as numbers: RFC 5424 section 6.2.1 and syslog(3)."""

ERROR, WARNING, NOTICE, INFO, DEBUG = 3, 4, 5, 6, 7
