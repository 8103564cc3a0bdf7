# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in an inventory, each a change of examples/pair, and what stops them before a service is lost.

`stopped` says by what: `plan`, on the controller; `host`, where the configuration of before is compared with the new
one (allow_removal); `links`, where the host's interfaces and addresses are compared with those that are named.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import Hosts, everywhere, instances

OURS = ("director_sync_interface", "director_vrrp_instances", "director_sync_groups", "director_services")
SECOND = "director-02"

Change = Callable[[Hosts, Hosts], object]


class Wrong(t.NamedTuple):
    """One mistake; `words` stand in what the run says."""

    name: str
    stopped: str
    words: str
    change: Change


def lost(*variables: str) -> Change:
    """Without these variables on any director."""
    return lambda directors, servers: [one.pop(name) for one in directors.values() for name in variables]


def renamed(old: str, new: str) -> Change:
    """A slip in the name of a variable."""
    return lambda directors, servers: [one.update({new: one.pop(old)}) for one in directors.values()]


def of_all(variable: str, edit: Callable[[t.Any], object]) -> Change:
    """The same mistake on all directors."""
    return lambda directors, servers: everywhere(directors, variable, edit)


def set_to(variable: str, value: t.Any) -> Change:
    return lambda directors, servers: [one.update({variable: value}) for one in directors.values()]


def another_interface(directors: Hosts, servers: Hosts) -> None:
    """The hosts have eth2; the inventory names ens2 in every place."""
    for variables in directors.values():
        variables["director_addresses"]["ens2"] = variables["director_addresses"].pop("eth2")
        inner = variables["director_vrrp_instances"][1]
        inner.update(interface="ens2")
        inner["virtual_ipaddress"][0].update(dev="ens2")


def swapped(directors: Hosts, servers: Hosts) -> None:
    """Each director with the addresses of the other one."""
    first, second = directors.values()
    first["director_addresses"], second["director_addresses"] = (
        second["director_addresses"],
        first["director_addresses"],
    )


def without_gateway(directors: Hosts, servers: Hosts) -> None:
    """The instance with the gateway of the real servers is gone, and its sync group."""
    for variables in directors.values():
        del variables["director_vrrp_instances"][1]
        variables["director_sync_groups"] = []
        variables["director_services"][0]["sorry_server"] = None


SERVICES, INSTANCES, GROUPS = "director_services", "director_vrrp_instances", "director_sync_groups"
WRONG: tuple[Wrong, ...] = (
    # what is missing, or has another name
    Wrong("no group_vars", "plan", "neither director_vrrp_instances nor director_services", lost(*OURS)),
    Wrong("director_service", "plan", "did you mean director_services?", renamed(SERVICES, "director_service")),
    Wrong("directors_services", "plan", "did you mean director_services?", renamed(SERVICES, "directors_services")),
    Wrong(
        "director_ipvs_services", "plan", "did you mean director_services?", renamed(SERVICES, "director_ipvs_services")
    ),
    Wrong(
        "director_instances", "plan", "did you mean director_vrrp_instances?", renamed(INSTANCES, "director_instances")
    ),
    Wrong("director_sync_group", "plan", "did you mean director_sync_groups?", renamed(GROUPS, "director_sync_group")),
    Wrong(
        "real_server_adress",
        "plan",
        "did you mean real_server_address?",
        lambda d, r: [one.update(real_server_adress=one.pop("real_server_address")) for one in r.values()],
    ),
    Wrong("no services", "host", "the last virtual_server", set_to(SERVICES, [])),
    Wrong(
        "no instances",
        "host",
        "the last vrrp_instance",
        lambda d, r: (set_to(INSTANCES, [])(d, r), set_to(GROUPS, [])(d, r)),
    ),
    Wrong("no gateway", "host", "1 of 2", without_gateway),
    Wrong(
        "no real servers in a service",
        "host",
        "the last real server",
        of_all(SERVICES, lambda v: v[0].update(real_servers=[])),
    ),
    Wrong(
        "no addresses in an instance",
        "plan",
        "no vrrp_instance holds its address",
        of_all(INSTANCES, lambda v: v[0].update(virtual_ipaddress=[])),
    ),
    Wrong("an empty group of real servers", "plan", "is not in the group of real servers", lambda d, r: r.clear()),
    Wrong("one director left", "plan", "there is no other director", lambda d, r: d.pop(SECOND)),
    Wrong(
        "a service on one director only",
        "plan",
        "lacks 192.168.122.140:80/TCP",
        lambda d, r: d[SECOND].update(director_services=[]),
    ),
    Wrong(
        "an instance on one director only", "plan", "lacks internal_network_1", lambda d, r: instances(d, SECOND).pop()
    ),
    # interfaces and addresses
    Wrong(
        "another sync interface",
        "plan",
        "no IPv4 address for the unicast peers",
        set_to("director_sync_interface", "eth9"),
    ),
    Wrong(
        "no address to sync from",
        "plan",
        "no IPv4 address for the unicast peers",
        lambda d, r: d[SECOND]["director_addresses"].pop("eth1"),
    ),
    Wrong(
        "an interface that is nowhere",
        "plan",
        "director_addresses has no interface eth7",
        of_all(INSTANCES, lambda v: v[0]["virtual_ipaddress"][0].update(dev="eth7")),
    ),
    Wrong("an interface that the hosts lack", "links", "the host has no interface ens2", another_interface),
    Wrong("the other director's addresses", "links", "the host does not have", swapped),
    Wrong(
        "an address of another network",
        "plan",
        "is outside the network of eth0",
        of_all(INSTANCES, lambda v: v[0]["virtual_ipaddress"][0].update(address="192.168.22.140/24")),
    ),
    Wrong(
        "the service's address changed in one place",
        "plan",
        "no vrrp_instance holds its address",
        of_all(SERVICES, lambda v: v[0].update(address="192.168.122.150")),
    ),
    Wrong(
        "a real server in no network",
        "plan",
        "is in no network of the director",
        lambda d, r: r["real-01"].update(real_server_address="10.9.0.11"),
    ),
    Wrong(
        "two real servers with one address",
        "plan",
        "is the address of real-01 too",
        lambda d, r: r["real-02"].update(real_server_address="10.0.0.11"),
    ),
    Wrong(
        "a director as real server",
        "plan",
        "not supported",
        of_all(SERVICES, lambda v: v[0]["real_servers"].append({"address": "10.0.0.3"})),
    ),
    # numbers and words that both have to share
    Wrong(
        "one virtual_router_id twice",
        "plan",
        "both have virtual_router_id 20",
        of_all(INSTANCES, lambda v: v[1].update(virtual_router_id=20)),
    ),
    Wrong(
        "another virtual_router_id on one",
        "plan",
        "virtual_router_id (21, there 20) differs",
        lambda d, r: instances(d, SECOND)[0].update(virtual_router_id=21),
    ),
    Wrong(
        "another interval on one",
        "plan",
        "advert_int (3.0, there 1.0) differs",
        lambda d, r: instances(d, SECOND)[0].update(advert_int=3),
    ),
    Wrong(
        "another password on one",
        "plan",
        "authentication differs",
        lambda d, r: instances(d, SECOND)[0]["authentication"].update(auth_pass="another"),
    ),
    Wrong(
        "a password that keepalived would cut",
        "plan",
        "has to have 1 to 8 bytes",
        of_all(INSTANCES, lambda v: v[0]["authentication"].update(auth_pass="much too long")),
    ),
    Wrong(
        "multicast on one",
        "plan",
        "unicast here and multicast on director-01",
        lambda d, r: instances(d, SECOND)[0].update(unicast=False),
    ),
    # shapes and values
    Wrong(
        "a text for an address",
        "plan",
        "write it as {address: 192.168.122.140/24}",
        of_all(INSTANCES, lambda v: v[0].update(virtual_ipaddress=["192.168.122.140/24"])),
    ),
    Wrong(
        "state: MASTER", "plan", "did you mean initial_state", of_all(INSTANCES, lambda v: v[0].update(state="MASTER"))
    ),
    Wrong("protocol: tcp", "plan", "did you mean TCP?", of_all(SERVICES, lambda v: v[0].update(protocol="tcp"))),
    Wrong(
        "a check without a list",
        "plan",
        "put it into one: HTTP_GET: [{...}]",
        of_all(SERVICES, lambda v: v[0]["real_servers"][0].update(HTTP_GET={})),
    ),
    Wrong(
        "a check that cannot be",
        "plan",
        "cannot be compiled",
        of_all(SERVICES, lambda v: v[0]["real_servers"][0].update(HTTP_GET=[{"url": [{"path": "/", "regex": "(("}]}])),
    ),
    Wrong(
        "persistence_timeout: 0",
        "plan",
        "is not within 1 and 2678400",
        of_all(SERVICES, lambda v: v[0].update(persistence_timeout=0)),
    ),
    Wrong(
        "a program without a path",
        "plan",
        "is not a full path",
        of_all(INSTANCES, lambda v: v[0].update(notify="notify.sh")),
    ),
    Wrong(
        "a member that is no instance",
        "plan",
        "is no vrrp_instance",
        of_all(GROUPS, lambda v: v[0]["group"].append("external_network")),
    ),
)
