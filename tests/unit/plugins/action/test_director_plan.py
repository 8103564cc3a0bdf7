# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of an inventory whose templates fail: every one of them is told, with its host."""

from __future__ import annotations

from pathlib import Path

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
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


def planned(inventory: Path) -> Plan:
    loader = DataLoader()
    found = InventoryManager(loader, sources=[str(inventory)])
    hostvars = HostVars(found, VariableManager(loader, found), loader)
    return of_inventory(hostvars, ["director-01", "director-02"], ["real-01"])


def test_each_template_that_fails_is_told_with_its_host_and_variable(tmp_path: Path) -> None:
    (tmp_path / "inventory.yml").write_text(INVENTORY)
    sync, port, address, services = planned(tmp_path / "inventory.yml").errors
    assert sync == "director-01: director_sync_interface: 'sync_interface' is undefined"
    assert port.startswith("director-02: director_services: ")
    assert "port" in port
    assert address.startswith("real-01: real_server_address: ")
    assert services == "director-01: director_services: a dictionary is no list"
