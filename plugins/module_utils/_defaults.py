# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What the daemon does where a block does not say it: keyword -> value, for each block.

Left out is what another block can set, as `global_defs` does for the gratuitous ARPs of an instance.  A test compares
each with what a worker derives.  Values are as `_keywords.checked` gives them; whole seconds are whole numbers.
"""

from __future__ import annotations

import typing as t

DEFAULTS: t.Dict[str, t.Dict[str, t.Any]] = {
    "global_defs": {
        "vrrp_mcast_group4": "224.0.0.18",
        "vrrp_mcast_group6": "ff02::12",
        "vrrp_down_timer_adverts": 3,
        "vrrp_garp_interval": 0,
        "vrrp_gna_interval": 0,
        "vrrp_garp_master_delay": 5,
        "vrrp_garp_master_repeat": 5,
        "vrrp_garp_master_refresh": 0,
        "vrrp_garp_master_refresh_repeat": 1,
    },
    "vrrp_instance": {"priority": 100, "advert_int": 1, "preempt_delay": 0},
    "virtual_server": {"weight": 1, "quorum": 1, "hysteresis": 0, "delay_loop": 60, "connect_timeout": 5},
    "real_server": {"uthreshold": 0, "lthreshold": 0},
    "HTTP_GET": {"http_protocol": "1.0"},
    "SSL_GET": {"http_protocol": "1.0"},
}
