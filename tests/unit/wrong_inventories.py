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

    def second(self, variable: str) -> Any:
        """The variable of director-02 alone, to be changed there: a copy of what the directors share."""
        return self.directors["director-02"].setdefault(variable, copy.deepcopy(self.shared[variable]))


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


def interface_of_another_name(inventory: Inventory) -> None:
    """The hosts have eth2; the inventory names ens2 in every place."""
    for director in inventory.directors.values():
        director["director_addresses"]["ens2"] = director["director_addresses"].pop("eth2")
    inner = inventory.shared["director_vrrp_instances"][1]
    inner.update(interface="ens2")
    inner["virtual_ipaddress"][0].update(dev="ens2")


def swap_addresses(inventory: Inventory) -> None:
    """Each director with the addresses of the other one."""
    first, second = inventory.directors.values()
    of_first, of_second = first["director_addresses"], second["director_addresses"]
    first["director_addresses"], second["director_addresses"] = of_second, of_first


def without_gateway(inventory: Inventory) -> None:
    """The instance with the gateway of the real servers is gone, and its sync group."""
    del inventory.shared["director_vrrp_instances"][1]
    inventory.shared["director_sync_groups"] = []
    inventory.service["sorry_server"] = None


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
    Wrong("directors_services", lambda i: i.rename("director_services", "directors_services"), "plan",
          "did you mean director_services?"),
    Wrong("director_ipvs_services", lambda i: i.rename("director_services", "director_ipvs_services"), "plan",
          "did you mean director_services?"),
    Wrong("director_instances", lambda i: i.rename("director_vrrp_instances", "director_instances"), "plan",
          "did you mean director_vrrp_instances?"),
    Wrong("real_server_adress", lambda i: [one.update(real_server_adress=one.pop("real_server_address"))
          for one in i.real_servers.values()], "plan", "did you mean real_server_address?"),
    # Values
    Wrong("an unknown scheduler", lambda i: i.service.update(lb_algo="wrrr"), "plan", "lb_algo"),
    Wrong("a port of 99999", lambda i: i.service.update(port=99999), "plan", "port"),
    Wrong("a priority of 300", lambda i: i.directors["director-01"].update(director_priority=300), "plan", "priority"),
    Wrong("an interval of -1", lambda i: i.instance.update(advert_int=-1), "plan", "advert_int"),
    Wrong("addresses as text", lambda i: i.instance.update(virtual_ipaddress=["192.168.122.140/24"]), "plan",
          "virtual_ipaddress"),
    Wrong("HTTP_GET: {}", lambda i: i.service["real_servers"][0].update(HTTP_GET={}), "plan", "HTTP_GET"),
    Wrong("protocol: tcp", lambda i: i.service.update(protocol="tcp"), "plan", "did you mean TCP?"),
    Wrong("a pattern that cannot be compiled", lambda i: i.service["real_servers"][0].update(
        HTTP_GET=[{"url": [{"path": "/", "regex": "(("}]}]), "plan", "cannot be compiled"),
    Wrong("persistence_timeout: 0", lambda i: i.service.update(persistence_timeout=0), "plan",
          "is outside 1 to 2678400"),
    Wrong("a program without a path", lambda i: i.instance.update(notify="notify.sh"), "plan", "is not a full path"),
    Wrong("a password that keepalived would cut", lambda i: i.instance["authentication"].update(
        auth_pass="much too long"), "plan", "has to have 1 to 8 bytes"),
    Wrong("a password that YAML takes for a number", lambda i: i.instance["authentication"].update(
        auth_pass=0o1234567), "plan", "put it in quotes"),
    # What contradicts itself
    Wrong("a virtual router id twice", lambda i: i.shared["director_vrrp_instances"].append(
        {**i.instance, "name": "another", "virtual_ipaddress": [{"address": "192.168.122.150/24"}]}), "plan",
        "virtual_router_id"),
    Wrong("an address outside the networks", lambda i: i.instance.update(
        virtual_ipaddress=[{"address": "192.168.222.140/24"}]), "plan", "192.168.222.140"),
    Wrong("the broadcast address of the network", lambda i: i.instance.update(
        virtual_ipaddress=[{"address": "192.168.122.255/24"}]), "plan", "the broadcast address of 192.168.122.0/24"),
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
    Wrong("no addresses in an instance", lambda i: i.instance.update(virtual_ipaddress=[]), "plan",
          "no vrrp_instance holds its address"),
    Wrong("an address changed in the service only", lambda i: i.service.update(address="192.168.122.150"), "plan",
          "no vrrp_instance holds its address"),
    Wrong("an empty group of real servers", lambda i: i.real_servers.clear(), "plan",
          "is not in the group of real servers"),
    Wrong("two real servers of one address", lambda i: i.real_servers["real-02"].update(
        real_server_address="10.0.0.11"), "plan", "is the address of real-01 too"),
    Wrong("a virtual address on an unknown interface", lambda i: i.instance["virtual_ipaddress"][0].update(dev="eth7"),
          "plan", "director_addresses has no interface eth7"),
    Wrong("a director without an address to sync from", lambda i: i.directors["director-02"][
        "director_addresses"].pop("eth1"), "plan", "no IPv4 address for the unicast peers"),
    Wrong("a service on one director", lambda i: i.second("director_services").clear(), "plan",
          "lacks 192.168.122.140:80/TCP"),
    Wrong("an instance on one director", lambda i: i.second("director_vrrp_instances").pop(), "plan",
          "lacks internal_network_1"),
    Wrong("another virtual_router_id on one", lambda i: i.second("director_vrrp_instances")[0].update(
        virtual_router_id=21), "plan", "virtual_router_id (21, there 20) differs"),
    Wrong("another password on one", lambda i: i.second("director_vrrp_instances")[0]["authentication"].update(
        auth_pass="another"), "plan", "authentication differs"),
    Wrong("multicast on one", lambda i: i.second("director_vrrp_instances")[0].update(unicast=False), "plan",
          "unicast here and multicast on director-01"),
    Wrong("no group_vars", lambda i: i.shared.clear(), "plan", "are the group_vars beside the inventory"),
    # What only the hosts can tell
    Wrong("no services", lambda i: i.shared.update(director_services=[]), "host", "192.168.122.140:80/TCP"),
    Wrong("no real servers in the service", lambda i: i.service.update(real_servers=[]), "host", "10.0.0.11"),
    Wrong("an interface that the hosts lack", lambda i: [i.instance.update(interface="eth7")] + [
        i.address(f"director-0{n}", "eth7", f"192.168.122.20{n}/24") for n in (1, 2)], "host", "eth7"),
    Wrong("an address that the host lacks", lambda i: i.address("director-01", "eth0", "192.168.122.147/24"), "host",
          "192.168.122.147"),
    Wrong("no instances", lambda i: i.shared.update(director_vrrp_instances=[], director_sync_groups=[]), "host",
          "the last vrrp_instance"),
    Wrong("no gateway", without_gateway, "host", "1 of 2"),
    Wrong("another name for an interface", interface_of_another_name, "host", "the host has no interface ens2"),
    Wrong("the other director's addresses", swap_addresses, "host", "the host does not have"),
    # Hosts that are away
    Wrong("a new service on a real server that is away", lambda i: another_service(i, "real-02"), "site",
          "would send something new"),
    Wrong("a director that is not there", lambda i: i.directors.update(
        {"director-03": {"director_priority": 30, "director_addresses": {
            "eth0": "192.168.122.143/24", "eth1": "10.10.10.12/24", "eth2": "10.0.0.4/24"}}}), "site",
        "director-03: cannot be reached"),
)  # fmt: skip
