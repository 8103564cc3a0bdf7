# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories with one mistake each, made from examples/pair: none may take a working service away.

Where a mistake is found: on the controller, by the plan ("plan"); on a host before it changes ("host"); or by the
playbook `site`, which looks at all hosts first ("site").  Pure.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PAIR = Path(__file__).parents[2] / "examples" / "pair"
Variables = dict[str, Any]


@dataclass
class Inventory:
    """examples/pair, to be changed: the hosts of each group, and what the directors share."""

    directors: dict[str, Variables]
    real_servers: dict[str, Variables]
    shared: Variables

    def as_dict(self) -> Variables:
        """As YAML inventories are structured."""
        return {
            "directors": {"hosts": self.directors, "vars": self.shared},
            "real_servers": {"hosts": self.real_servers},
        }

    @property
    def service(self) -> Variables:
        found: Variables = self.shared["director_services"][0]
        return found

    @property
    def instance(self) -> Variables:
        found: Variables = self.shared["director_vrrp_instances"][0]
        return found

    def rename(self, old: str, new: str) -> None:
        self.shared[new] = self.shared.pop(old)

    def address(self, host: str, interface: str, address: str) -> None:
        self.directors[host]["director_addresses"][interface] = address


def example() -> Inventory:
    hosts = yaml.safe_load((PAIR / "inventory.yml").read_text())
    shared = yaml.safe_load((PAIR / "group_vars" / "directors.yml").read_text())
    return Inventory(hosts["directors"]["hosts"], hosts["real_servers"]["hosts"], shared)


@dataclass(frozen=True)
class Wrong:
    """A mistake; `says` is in the message that refuses it."""

    name: str
    change: Callable[[Inventory], object]
    found: str
    says: str

    def inventory(self) -> Variables:
        made = example()
        self.change(made)
        return copy.deepcopy(made.as_dict())


def another_service(inventory: Inventory, host: str) -> None:
    """Port 81, to one real server."""
    servers = [{"host": host, "weight": 1}]
    inventory.shared["director_services"].append({**inventory.service, "port": 81, "real_servers": servers})


WRONG = (
    # The names of variables and keywords
    Wrong("director_service", lambda i: i.rename("director_services", "director_service"), "plan", "director_services"),
    Wrong("director_sync_group", lambda i: i.rename("director_sync_groups", "director_sync_group"), "plan",
          "director_sync_groups"),
    Wrong("director_adresses", lambda i: i.directors["director-01"].update(
        director_adresses=i.directors["director-01"].pop("director_addresses")), "plan", "director_addresses"),
    Wrong("lb_algoo", lambda i: i.service.update(lb_algoo=i.service.pop("lb_algo")), "plan", "lb_algo"),
    Wrong("state: MASTER", lambda i: i.instance.update(state="MASTER"), "plan", "state"),
    Wrong("a template that fails", lambda i: i.instance.update(priority="{{ no_such_variable }}"), "plan",
          "no_such_variable"),
    # Values
    Wrong("an unknown scheduler", lambda i: i.service.update(lb_algo="wrrr"), "plan", "lb_algo"),
    Wrong("a port of 99999", lambda i: i.service.update(port=99999), "plan", "port"),
    Wrong("a priority of 300", lambda i: i.directors["director-01"].update(director_priority=300), "plan", "priority"),
    Wrong("an interval of -1", lambda i: i.instance.update(advert_int=-1), "plan", "advert_int"),
    Wrong("addresses as text", lambda i: i.instance.update(virtual_ipaddress=["192.168.122.140/24"]), "plan",
          "virtual_ipaddress"),
    Wrong("HTTP_GET: {}", lambda i: i.service["real_servers"][0].update(HTTP_GET={}), "plan", "HTTP_GET"),
    # What contradicts itself
    Wrong("a virtual router id twice", lambda i: i.shared["director_vrrp_instances"].append(
        {**i.instance, "name": "another", "virtual_ipaddress": [{"address": "192.168.122.150/24"}]}), "plan",
        "virtual_router_id"),
    Wrong("an address outside the networks", lambda i: i.instance.update(
        virtual_ipaddress=[{"address": "192.168.222.140/24"}]), "plan", "192.168.222.140"),
    Wrong("a sync group of an unknown instance", lambda i: i.shared["director_sync_groups"][0]["group"].append("two"),
          "plan", "two"),
    Wrong("an unknown real server", lambda i: i.service["real_servers"][0].update(host="real-09"), "plan", "real-09"),
    Wrong("a real server without its address", lambda i: i.real_servers["real-01"].clear(), "plan",
          "real_server_address"),
    Wrong("a real server in no network", lambda i: i.real_servers["real-01"].update(real_server_address="10.7.7.7"),
          "plan", "10.7.7.7"),
    Wrong("directors that differ", lambda i: i.directors["director-02"].update(
        director_vrrp_instances=[{**one, "advert_int": 2} for one in i.shared["director_vrrp_instances"]]), "plan",
        "advert_int"),
    Wrong("an interface without an address", lambda i: i.shared.update(director_sync_interface="eth9"), "plan", "eth9"),
    Wrong("two directors of one address", lambda i: i.address("director-02", "eth1", "10.10.10.10/24"), "plan",
          "10.10.10.10"),
    Wrong("a director without its peer", lambda i: i.directors.pop("director-02"), "plan", "no other director"),
    Wrong("a director as its real server", lambda i: i.service["real_servers"].append({"address": "10.0.0.2"}), "plan",
          "10.0.0.2"),
    Wrong("no group_vars", lambda i: i.shared.clear(), "plan", "are the group_vars beside the inventory"),
    # What only the hosts can tell
    Wrong("no services", lambda i: i.shared.update(director_services=[]), "host", "192.168.122.140:80/TCP"),
    Wrong("no real servers in the service", lambda i: i.service.update(real_servers=[]), "host", "10.0.0.11"),
    Wrong("an interface that the hosts lack", lambda i: [i.instance.update(interface="eth7")] + [
        i.address(f"director-0{n}", "eth7", f"192.168.122.20{n}/24") for n in (1, 2)], "host", "eth7"),
    Wrong("an address that the host lacks", lambda i: i.address("director-01", "eth0", "192.168.122.147/24"), "host",
          "192.168.122.147"),
    # Hosts that are away
    Wrong("a new service on a real server that is away", lambda i: another_service(i, "real-02"), "site",
          "would send something new"),
    Wrong("a director that is not there", lambda i: i.directors.update(
        {"director-03": {"director_priority": 30, "director_addresses": {
            "eth0": "192.168.122.143/24", "eth1": "10.10.10.12/24", "eth2": "10.0.0.4/24"}}}), "site",
        "director-03: cannot be reached"),
)  # fmt: skip
