# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PSS of all processes with the demo's configuration, from what memory.sh prints. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.bench.daemons import EACH, OURS
from tests.bench.figures import AtMost, Row, beside

SETTLED = 6  # seconds after the start: Active, every server checked more than once
MOST = AtMost(2.5)


def demo() -> str:
    """What the role writes on the first director of examples/pair."""
    return (
        _GROUP
        + _instance("external_network_1", "eth0", 20, "192.168.122.140/24")
        + _instance("internal_network_1", "eth2", 30, "10.0.0.1/24")
        + _SERVICE
    )


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """In megabytes; a round's processes of one kind are added up. Raises AssertionError when any is missing."""
    totals: dict[str, list[float]] = {kind: [] for kind in EACH}
    for line in lines:
        kind, _, kilobytes = line.rpartition(" ") if " " in line else (line, "", "")
        if kind == "round":
            for values in totals.values():
                values.append(0.0)
        elif kind in totals and kilobytes:
            totals[kind][-1] += int(kilobytes) / 1024
    assert min((value for values in totals.values() for value in values), default=0) > 0, f"memory: {totals}"
    yield from beside("memory", "PSS of all processes, the demo's configuration", "MB", totals, OURS, MOST)


def _instance(name: str, interface: str, vrid: int, address: str) -> str:
    return f"""vrrp_instance {name} {{
  state BACKUP
  interface {interface}
  virtual_router_id {vrid}
  priority 100
  advert_int 1
  nopreempt
  unicast_src_ip 10.10.10.10
  unicast_peer {{
    10.10.10.11
  }}
  authentication {{
    auth_type PASS
    auth_pass password
  }}
  virtual_ipaddress {{
    {address} dev {interface}
  }}
}}
"""


_GROUP = """global_defs {
  router_id director-01
}
vrrp_sync_group gateway_group_1 {
  group {
    external_network_1
    internal_network_1
  }
}
"""


def _server(host: str, weight: int) -> str:
    return f"""  real_server {host} 80 {{
    weight {weight}
    HTTP_GET {{
      connect_timeout 3
      retry 1
      delay_before_retry 1
      url {{
        path /index.html
        status_code 200
      }}
    }}
  }}
"""


_SERVICE = f"""virtual_server 192.168.122.140 80 {{
  delay_loop 2
  lb_algo wrr
  lb_kind NAT
  protocol TCP
  sorry_server 10.0.0.1 80
{_server("10.0.0.11", 2)}{_server("10.0.0.12", 1)}}}
"""
