# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP versions 2 and 3 (RFC 3768, RFC 9568), as keepalived speaks them.

`packet` and `rx` know the wire, `parameters` what an instance means, `fsm` and `sync_group` decide, `desired` and
`garp` say what the kernel and the neighbours shall see, `worker` does it.
"""
