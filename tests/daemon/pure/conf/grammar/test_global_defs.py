# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `global_defs`: the field that each sets, how it is written, and what is refused with which text."""

from __future__ import annotations

from ipaddress import ip_address
from operator import attrgetter
from typing import Any

import pytest
from lvsd.conf.grammar.announcements import ANNOUNCEMENTS
from lvsd.conf.grammar.files import FILES
from lvsd.conf.grammar.global_defs import ALERTS, FIREWALL, GLOBAL_DEFS, LVS, VRRP, buffers, fifos
from lvsd.conf.grammar.monitoring import MONITORING
from lvsd.conf.grammar.process import PROCESSES
from lvsd.model import GlobalDefs

from tests.support.language import kept, read, words, written

LINES: list[tuple[str, str, Any]] = [
    ("router_id LVS_1", "router_id", "LVS_1"),
    ("default_interface eth0", "default_interface", "eth0"),
    ("vrrp_version 2", "vrrp_version", 2),
    ("vrrp_version 3", "vrrp_version", 3),
    ("vrrp_mcast_group4 224.0.0.19", "vrrp_mcast_group4", ip_address("224.0.0.19")),
    ("vrrp_mcast_group6 ff02::13", "vrrp_mcast_group6", ip_address("ff02::13")),
    ("vrrp_garp_interval 0.001", "vrrp_garp_interval", 0.001),
    ("vrrp_gna_interval 3600", "vrrp_gna_interval", 3600.0),
    ("vrrp_min_garp", "vrrp_min_garp", True),
    ("vrrp_down_timer_adverts 1", "vrrp_down_timer_adverts", 1),
    ("vrrp_lower_prio_no_advert", "vrrp_lower_prio_no_advert", True),
    ("vrrp_higher_prio_send_advert", "vrrp_higher_prio_send_advert", True),
    ("v3_checksum_as_v2", "v3_checksum_as_v2", True),
    ("vrrp_check_unicast_src", "vrrp_check_unicast_src", True),
    ("vrrp_skip_check_adv_addr", "vrrp_skip_check_adv_addr", True),
    ("script_user nobody", "script_user", "nobody"),
    ("script_user nobody games", "script_group", "games"),
    ("enable_script_security", "enable_script_security", True),
    ("vrrp_rt_priority 99", "vrrp_rt_priority", 99),
    ("vrrp_no_swap", "vrrp_no_swap", True),
    ("lvs_flush", "lvs_flush", True),
    ("lvs_flush_on_stop", "lvs_flush_on_stop", ""),
    ("lvs_flush_on_stop VS", "lvs_flush_on_stop", "VS"),
]
REFUSED = [
    ("router_id", "error 2: 'router_id' needs a value: router_id NAME"),
    ("default_interface a:b", "fatal 2: default_interface 'a:b' is no name of an interface: there is no '/', ':' or "),
    ("vrrp_version 4", "error 2: vrrp_version '4' is none of 2, 3"),
    ("vrrp_mcast_group4 ff02::12", "error 2: vrrp_mcast_group4 'ff02::12' is not an IPv4 address"),
    ("vrrp_mcast_group6 224.0.0.18", "error 2: vrrp_mcast_group6 '224.0.0.18' is not an IPv6 address"),
    ("vrrp_garp_interval 3601", "error 2: vrrp_garp_interval '3601' is outside 0 to 3600 seconds"),
    ("vrrp_gna_interval x", "fatal 2: vrrp_gna_interval 'x' is not a time in seconds"),
    ("vrrp_min_garp no-way", "error 2: vrrp_min_garp 'no-way' is none of on, off, true, false, yes, no"),
    ("vrrp_down_timer_adverts 0", "error 2: vrrp_down_timer_adverts '0' is outside 1 to 100"),
    ("lvs_flush_on_stop ALL", "fatal 2: lvs_flush_on_stop 'ALL' is not VS"),
    ("script_user", "error 2: 'script_user' needs a value: script_user USER [GROUP]"),
]


def test_the_words_with_an_effect() -> None:
    named = {line.split()[0] for line, *_rest in LINES} | {f"vrrp_{row[0]}" for row in ANNOUNCEMENTS}
    assert words(GLOBAL_DEFS) == named


@pytest.mark.parametrize(("line", "path", "held"), LINES)
def test_a_word_sets_its_field(line: str, path: str, held: Any) -> None:
    value, said = read(GLOBAL_DEFS, line)
    assert said == []
    assert attrgetter(path)(value) == held
    assert written(GLOBAL_DEFS, value) == [line]


@pytest.mark.parametrize(("line", "said"), REFUSED)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    value, found = read(GLOBAL_DEFS, line)
    assert [one[: len(said)] for one in found] == [said]
    assert value == GlobalDefs()


@pytest.mark.parametrize(("word", "held"), [("0", 1), ("100", 99)])
def test_a_real_time_priority_is_moved_into_its_range(word: str, held: int) -> None:
    value, said = read(GLOBAL_DEFS, f"vrrp_rt_priority {word}")
    assert value.vrrp_rt_priority == held
    assert said == [f"2: vrrp_rt_priority '{word}' is outside 1 to 99: it is {held}"]


def test_an_old_spelling_is_another_name() -> None:
    assert read(GLOBAL_DEFS, "lvs_flush_onstop VS") == (GlobalDefs(lvs_flush_on_stop="VS"), [])


def test_what_is_only_kept_stands_in_its_order() -> None:
    groups = (ALERTS, FILES, VRRP, FIREWALL, LVS, PROCESSES, MONITORING)
    assert list(kept(GLOBAL_DEFS.entries)) == [entry.name for group in groups for entry in group]


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("smtp_server mail.example.org 25", "no mail is sent; use notify scripts"),
        ("vrrp_strict", "its rules are not enforced"),
        ("vrrp_notify_fifo /run/fifo", "nothing is written to a notify FIFO"),
        ("vrrp_notify_fifo_script /bin/reader", "the program is not started"),
        ("vrrp_netlink_cmd_rcv_bufs 100000", "the daemon chooses its own buffer sizes"),
        ("nftables lvs", "no firewall rule is set"),
        ("lvs_sync_daemon eth0 V", "connections are not synchronised"),
        ("lvs_timeouts tcp 900", "the kernel's timeouts stay as they are"),
    ],
)
def test_a_word_that_is_kept_says_what_happens_instead(line: str, effect: str) -> None:
    value, said = read(GLOBAL_DEFS, line)
    assert said == [f"2: '{line.split()[0]}' is known but not implemented yet: {effect}"]
    assert written(GLOBAL_DEFS, value) == [line]


def test_addresses_of_mails_stand_in_braces() -> None:
    value, said = read(GLOBAL_DEFS, "notification_email {", "a@example.org", "}")
    assert len(said) == 1
    assert written(GLOBAL_DEFS, value) == ["notification_email {", "    a@example.org", "}"]
    _value, said = read(GLOBAL_DEFS, "notification_email a@example.org")
    assert said[1] == "2: the values of 'notification_email' stand in braces: notification_email { a@example.org }"


def test_each_buffer_and_each_fifo_has_two_words() -> None:
    assert [entry.name for entry in buffers("a", "b")] == [
        "a_rcv_bufs",
        "a_rcv_bufs_force",
        "b_rcv_bufs",
        "b_rcv_bufs_force",
    ]
    assert [entry.name for entry in fifos("a")] == ["a", "a_script"]
