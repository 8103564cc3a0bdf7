# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show` answers."""

from lvsd.model import GlobalDefs, SyncGroup, VirtualRouter
from lvsd.vrrp.instance import Instance
from lvsd.vrrp.show import group_object, instance_object

A = VirtualRouter(name="A", vrid=1, interface="eth0")


def test_show():
    group = SyncGroup(name="Y", members=("A",))
    (instance,) = [Instance(A, GlobalDefs(), group, 12.5)]
    shown = instance_object(instance, 0.0)
    assert (shown["name"], shown["state"], shown["since"], shown["group"]) == ("A", "Initialize", 12.5, "Y")
    assert shown["timer"] is None
    assert group_object(group, [instance]) == {"name": "Y", "state": "Initialize", "members": ["A"]}
