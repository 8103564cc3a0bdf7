#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: director_plan
short_description: Check an inventory of directors and real servers before any host is touched
version_added: 0.1.0
description:
  - Reads the variables of all directors and real servers, derives what follows from them, and refuses what contradicts
    itself. Among that are virtual router ids used twice, different intervals, virtual addresses outside their network,
    and real servers in no network of the directors.
  - Runs on the controller and connects to no host. Use it with C(run_once).
  - An inventory may describe several clusters, each a group of directors and a group of real servers; the variables
    C(director_group) and C(real_server_group) of the hosts name theirs. The clusters of all hosts of the play are
    checked, each on its own.
  - The variables are described with the role P(lvs.director.director#role).
author:
  - The lvs.director authors (@lvs-director)
extends_documentation_fragment:
  - lvs.director._lvsd.info
options:
  directors:
    description:
      - The group of the directors. Without it, each host's C(director_group) counts, else V(directors).
    type: str
  real_servers:
    description:
      - The group of the real servers. Without it, each host's C(real_server_group) counts, else V(real_servers).
    type: str
  alone:
    description:
      - Allow a director that has no other one, as C(director_alone) does in the inventory.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Refuse an inventory that contradicts itself
  lvs.director.director_plan:
  run_once: true

- name: Check one of several clusters
  lvs.director.director_plan:
    directors: east_directors
    real_servers: east_real_servers
  run_once: true
"""

RETURN = r"""
directors:
  description: What each director is to be, without secrets.
  returned: success
  type: dict
  sample:
    director-01:
      router_id: director-01
      priorities:
        external_network_1: 100
      peers:
        - 10.10.10.11
      schedulers:
        - wrr
real_servers:
  description: What each real server is to be.
  returned: success
  type: dict
  sample:
    real-01:
      gateways:
        - 10.0.0.1
      dr_addresses: []
      tun_addresses: []
"""
