# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SNMP and D-Bus: what others could ask of the daemon. All of it is only kept."""

from __future__ import annotations

from .entry import Kept, kept

NO_SNMP = "there is no SNMP agent"
NO_DBUS = "there is no D-Bus interface"

MONITORING: tuple[Kept, ...] = (
    kept("snmp_socket", "Socket of the SNMP master agent.", NO_SNMP, "SOCKET"),
    kept("enable_snmp_vrrp", "VRRP objects over SNMP.", NO_SNMP, aliases=("enable_snmp_keepalived",)),
    kept("enable_snmp_checker", "IPVS objects over SNMP.", NO_SNMP),
    kept("enable_snmp_rfc", "Objects of RFC 2787 and 6527.", NO_SNMP),
    kept("enable_snmp_rfcv2", "Objects of RFC 2787.", NO_SNMP),
    kept("enable_snmp_rfcv3", "Objects of RFC 6527.", NO_SNMP),
    kept("enable_traps", "SNMP traps.", NO_SNMP),
    kept("snmp_vs_stats_update_interval", "Age of statistics over SNMP.", NO_SNMP, "SECONDS"),
    kept("snmp_rs_stats_update_interval", "Age of statistics over SNMP.", NO_SNMP, "SECONDS"),
    kept("enable_dbus", "The D-Bus interface.", NO_DBUS),
    kept("dbus_service_name", "Its name.", NO_DBUS, "NAME"),
    kept("dbus_no_interface_name", "Its object's name for instances without an interface.", NO_DBUS, "NAME"),
)
