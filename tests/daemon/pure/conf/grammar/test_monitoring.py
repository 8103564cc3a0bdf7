# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SNMP and D-Bus are known by their words, and each says that there is nothing behind it."""

from __future__ import annotations

from lvsd.conf.grammar.monitoring import MONITORING

from tests.support.language import kept

SNMP = {
    "snmp_socket": "SOCKET",
    "enable_snmp_vrrp": "",
    "enable_snmp_checker": "",
    "enable_snmp_rfc": "",
    "enable_snmp_rfcv2": "",
    "enable_snmp_rfcv3": "",
    "enable_traps": "",
    "snmp_vs_stats_update_interval": "SECONDS",
    "snmp_rs_stats_update_interval": "SECONDS",
}
DBUS = {"enable_dbus": "", "dbus_service_name": "NAME", "dbus_no_interface_name": "NAME"}


def test_the_words_and_what_follows_them() -> None:
    assert {entry.name: entry.syntax for entry in MONITORING} == SNMP | DBUS


def test_each_says_what_is_missing() -> None:
    yet = "is known but not implemented yet: there is no"
    assert kept(MONITORING) == {
        **{name: f"'{name}' {yet} SNMP agent" for name in SNMP},
        **{name: f"'{name}' {yet} D-Bus interface" for name in DBUS},
    }


def test_keepalived_has_two_names_for_one_word() -> None:
    assert {entry.name: entry.aliases for entry in MONITORING if entry.aliases} == {
        "enable_snmp_vrrp": ("enable_snmp_keepalived",)
    }
