# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRRP versions 2 and 3 (RFC 3768, RFC 9568), as keepalived speaks them.

`packet` and `receiving` know the wire, `parameters` what an instance means, `fsm` and `group` decide, `desired` and
`announcing` say what the kernel and the neighbours shall see, `worker` does it.
"""
