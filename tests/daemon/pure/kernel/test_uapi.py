# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's numbers are those that pyroute2 and the Python library have for the same names."""

import socket

import pytest
from lvsd.kernel import uapi
from pyroute2.netlink import CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_CMD_GETFAMILY, GENL_ID_CTRL
from pyroute2.netlink.generic import ipvs
from pyroute2.netlink.rtnl import (
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_NEWADDR,
    RTM_NEWLINK,
    RTNLGRP_IPV4_IFADDR,
    RTNLGRP_IPV6_IFADDR,
    RTNLGRP_LINK,
)
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

ATTRIBUTES = [
    pytest.param(uapi.IpvsAttr, "IPVS_CMD_ATTR_", ipvs.ipvsmsg, id="IPVS_CMD_ATTR"),
    pytest.param(uapi.SvcAttr, "IPVS_SVC_ATTR_", ipvs.ipvsmsg.service, id="IPVS_SVC_ATTR"),
    pytest.param(uapi.DestAttr, "IPVS_DEST_ATTR_", ipvs.ipvsmsg.dest, id="IPVS_DEST_ATTR"),
    pytest.param(uapi.Ifla, "IFLA_", ifinfmsg, id="IFLA"),
    pytest.param(uapi.Ifa, "IFA_", ifaddrmsg, id="IFA"),
]


def numbered(message):
    """The numbers of the attributes of a message of pyroute2, by their names: their places where it names none."""
    rows = [row if isinstance(row[0], int) else (place, *row) for place, row in enumerate(message.nla_map)]
    return {name: number for number, name, *_ in rows}


@pytest.mark.parametrize(("ours", "prefix", "theirs"), ATTRIBUTES)
def test_attributes_have_the_numbers_of_pyroute2(ours, prefix, theirs):
    known = numbered(theirs)
    assert {f"{prefix}{member.name}": int(member) for member in ours} == {
        f"{prefix}{member.name}": known[f"{prefix}{member.name}"] for member in ours
    }


def test_commands_of_ipvs_have_the_numbers_of_pyroute2():
    assert {command.name: int(command) for command in uapi.IpvsCmd} == {
        name.removeprefix("IPVS_CMD_"): number
        for name, number in vars(ipvs).items()
        if name.startswith("IPVS_CMD_") and name != "IPVS_CMD_UNSPEC"
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(uapi.GENL_ID_CTRL, GENL_ID_CTRL, id="GENL_ID_CTRL"),
        pytest.param(uapi.CTRL_CMD_GETFAMILY, CTRL_CMD_GETFAMILY, id="CTRL_CMD_GETFAMILY"),
        pytest.param(uapi.CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_ID, id="CTRL_ATTR_FAMILY_ID"),
        pytest.param(uapi.CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_FAMILY_NAME, id="CTRL_ATTR_FAMILY_NAME"),
        pytest.param(uapi.RTM_NEWLINK, RTM_NEWLINK, id="RTM_NEWLINK"),
        pytest.param(uapi.RTM_DELLINK, RTM_DELLINK, id="RTM_DELLINK"),
        pytest.param(uapi.RTM_GETLINK, RTM_GETLINK, id="RTM_GETLINK"),
        pytest.param(uapi.RTM_NEWADDR, RTM_NEWADDR, id="RTM_NEWADDR"),
        pytest.param(uapi.RTM_DELADDR, RTM_DELADDR, id="RTM_DELADDR"),
        pytest.param(uapi.RTM_GETADDR, RTM_GETADDR, id="RTM_GETADDR"),
        pytest.param(uapi.AF_UNSPEC, socket.AF_UNSPEC, id="AF_UNSPEC"),
        pytest.param(uapi.AF_INET, socket.AF_INET, id="AF_INET"),
        pytest.param(uapi.AF_INET6, socket.AF_INET6, id="AF_INET6"),
    ],
)
def test_types_and_families_have_the_numbers_of_the_oracle(ours, theirs):
    assert ours == theirs


def test_groups_are_numbers_where_pyroute2_has_a_mask_of_them():
    groups = uapi.RTNLGRP_LINK, uapi.RTNLGRP_IPV4_IFADDR, uapi.RTNLGRP_IPV6_IFADDR
    assert groups == (RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR)


def test_the_kind_of_a_link_has_the_number_of_pyroute2():
    assert numbered(ifinfmsg.ifinfo)["IFLA_INFO_KIND"] == uapi.IFLA_INFO_KIND
