# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of an inventory whose templates fail: every one of them is told, with its host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.lvs.director.plugins.plugin_utils._clusters import Cluster, clusters, planned, told_once
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, of_inventory

INVENTORY = """
directors:
  hosts:
    director-01:
      director_priority: "{{ 200 // 2 }}"
      director_sync_interface: "{{ sync_interface }}"
      director_services: {}
    director-02:
      director_services:
        - address: 192.0.2.1
          port: "{{ web.port }}"
  vars:
    web: {}
real_servers:
  hosts:
    real-01:
      real_server_address: "{{ 1 // 0 }}"
"""


def of_file(inventory: Path) -> Plan:
    loader = DataLoader()
    found = InventoryManager(loader, sources=[str(inventory)])
    hostvars = HostVars(found, VariableManager(loader, found), loader)
    return of_inventory(hostvars, ["director-01", "director-02"], ["real-01"])


def test_each_template_that_fails_is_told_with_its_host_and_variable(tmp_path: Path) -> None:
    (tmp_path / "inventory.yml").write_text(INVENTORY)
    sync, port, address, services = of_file(tmp_path / "inventory.yml").errors
    assert sync == "director-01: director_sync_interface: 'sync_interface' is undefined"
    assert port.startswith("director-02: director_services: ")
    assert "port" in port
    assert address.startswith("real-01: real_server_address: ")
    assert services.startswith("director-01: director_services: a dictionary is no list; put it into one")


# --- what a template may use --------------------------------------------------------------------

TEMPLATES = """
directors:
  hosts:
    director-01: {rank: 90}
    director-02: {rank: 40}
  vars:
    names: "{{ groups['directors'] }}"
    director_sync_interface: ""
    director_priority: "{{ hostvars[inventory_hostname].rank }}"
    director_addresses:
      eth0: "192.0.2.{{ names.index(inventory_hostname) + 1 }}/24"
    director_vrrp_instances:
      - name: one
        interface: eth0
        virtual_router_id: "{{ ansible_play_hosts | length }}"
        priority: "{{ vars['rank'] + hostvars['director-02'].rank }}"
        notify: "/bin/echo {{ ansible_facts['nodename'] }} {{ group_names | join(',') }} {{ lookup('vars', 'rank') }}"
        virtual_ipaddress: [{address: 192.0.2.10/24}]
"""


def loaded(inventory: Path) -> HostVars:
    loader = DataLoader()
    found = InventoryManager(loader, sources=[str(inventory)])
    manager = VariableManager(loader, found)
    for host in ("director-01", "director-02"):
        manager.set_host_facts(host, {"ansible_facts": {"nodename": f"node-{host[-1]}"}})
        manager.set_nonpersistent_facts(host, {"ansible_facts": {"nodename": f"node-{host[-1]}"}})
    return HostVars(found, manager, loader)


def test_a_template_sees_what_it_sees_in_a_task(tmp_path: Path) -> None:
    (tmp_path / "inventory.yml").write_text(TEMPLATES)
    play = {"ansible_play_hosts": ["director-01", "director-02"]}
    found = of_inventory(loaded(tmp_path / "inventory.yml"), ["director-01", "director-02"], [], play)
    assert found.errors == ()
    first, second = (
        found.directors[host]["configuration"]["vrrp_instances"][0] for host in ("director-01", "director-02")
    )
    assert (first["priority"], second["priority"], first["virtual_router_id"]) == (130, 80, 2)
    assert first["notify"] == "/bin/echo node-1 directors 90"


# --- several clusters ---------------------------------------------------------------------------

TWO = Path(__file__).parents[4] / "examples" / "two-clusters" / "inventory.yml"
EAST, WEST = (Cluster(f"{name}_directors", f"{name}_real_servers") for name in ("east", "west"))


def task(*hosts: str) -> dict[str, Any]:
    """The variables of a task in a play of these hosts."""
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[str(TWO)])
    hostvars = HostVars(inventory, VariableManager(loader, inventory), loader)
    return {
        "groups": inventory.get_groups_dict(),
        "hostvars": hostvars,
        "ansible_play_hosts_all": list(hosts),
        "inventory_hostname": hosts[0],
    }


def test_the_clusters_of_a_play_are_those_of_its_hosts() -> None:
    assert clusters(task("director-e1", "director-w1", "real-e1"), None, None) == [EAST, WEST]
    assert clusters(task("real-w1"), None, None) == [WEST]
    assert clusters(task("director-e1"), "x", None) == [Cluster("x", "east_real_servers")]


def test_each_cluster_of_the_example_has_a_plan_of_its_own() -> None:
    found = planned(task("director-e1", "director-w1"), [EAST, WEST], alone=False)
    assert (found.errors, found.warnings) == ((), ())
    assert sorted(found.directors) == ["director-e1", "director-e2", "director-w1", "director-w2"]
    (group,) = found.directors["director-w2"]["configuration"]["vrrp_sync_groups"]
    assert group == {"name": "west_gateway", "group": ["west_external", "west_internal"]}
    assert found.real_servers["real-e2"]["gateways"] == ["10.1.0.1"]
    assert planned(task("director-e1"), [Cluster("directors", "real_servers")], alone=False).errors != ()


@pytest.mark.parametrize(
    ("cluster", "says"),
    [
        (Cluster("nosuch", "west_real_servers"), "nosuch, is not in the inventory, and real-w1 would lose"),
        (Cluster("directors", "real_servers"), "directors, has no hosts, and real-e1, real-e2, real-w1 would lose"),
        (Cluster("nosuch", "none"), "nosuch, is not in the inventory. director_group names another group"),
    ],
)
def test_a_cluster_without_directors_is_refused(cluster: Cluster, says: str) -> None:
    """Their services would be gone, and with them what the real servers have been given."""
    variables = task("real-e1")
    variables["groups"]["directors"] = []
    (error,) = planned(variables, [cluster], alone=False).errors
    assert says in error


def test_hosts_outside_of_every_cluster_are_not() -> None:
    variables = task("real-e1")
    variables["groups"] = {"all": ["real-e1"]}
    assert planned(variables, [Cluster("directors", "real_servers")], alone=False).errors == ()


def test_what_several_hosts_have_in_common_is_told_once() -> None:
    messages = ["a: x: y", "b: x: y", "a: z", "c: x: y", "no host"]
    assert told_once(messages, ["a", "b", "c"]) == ("a, b, c: x: y", "a: z", "no host")


@pytest.mark.parametrize("lost", [{}, {"director_service": [], "director_vrrp_instance": []}])
def test_a_director_without_anything_to_do_is_refused(lost: dict[str, Any]) -> None:
    found = of_inventory({"director-01": {"director_priority": 100, **lost}}, ["director-01"], [])
    assert len(found.errors) == (len(lost) or 1)
    assert all(error.startswith("director-01: ") for error in found.errors)
