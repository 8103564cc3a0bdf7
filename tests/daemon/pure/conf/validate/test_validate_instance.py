# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in an instance, and what runs then; keepalived 2.2.7's own answers were read off its -t."""

from __future__ import annotations

import pytest
from conf_texts import I, peers, router
from lvsd.conf.validate.instance import check_routers
from lvsd.model import VirtualRouter

from tests.support.language import located, named


def checked(text: str) -> tuple[tuple[VirtualRouter, ...], list[str]]:
    """The instances as they run, and what was found."""
    whole, findings = located(text)
    routers = check_routers(whole, findings)
    return routers, named(findings.result())


def begins(said: list[str], message: str) -> bool:
    """Whether one of the findings begins so."""
    return any(line.startswith(message) for line in said)


@pytest.mark.parametrize(
    ("words", "message", "field", "value"),
    [
        (
            ["state MASTER", "priority 100", "nopreempt"],
            f"6: {I}nopreempt does not go with state MASTER and is ignored; use state BACKUP",
            "preempt",
            True,
        ),
        (
            ["priority 255", "nopreempt"],
            f"5: {I}nopreempt does not go with priority 255 and is ignored",
            "preempt",
            True,
        ),
        (
            ["state MASTER", "priority 9", "preempt_delay 5"],
            f"6: {I}preempt_delay does not go with state MASTER and is ignored",
            "preempt_delay",
            0,
        ),
        (
            ["nopreempt", "preempt_delay 5"],
            f"5: {I}preempt_delay does not go with nopreempt and is ignored",
            "preempt_delay",
            0,
        ),
        (["state MASTER"], f"4: {I}state MASTER without a priority means priority 255", "priority", None),
        (
            ["advert_int 1.5"],
            f"4: {I}version 2 counts whole seconds: advert_int 1.5 becomes 2",
            "advertisement_interval",
            2,
        ),
        (
            ["advert_int 0.2"],
            f"4: {I}version 2 counts whole seconds: advert_int 0.2 becomes 1",
            "advertisement_interval",
            1,
        ),
        (
            ["version 3", "advert_int 0.123"],
            f"5: {I}version 3 counts hundredths of a second: advert_int 0.123 becomes 0.12",
            "advertisement_interval",
            0.12,
        ),
        (
            ["version 3", "authentication {", "auth_type PASS", "auth_pass x", "}"],
            f"5: {I}version 3 has no authentication: it is ignored",
            "authentication",
            None,
        ),
        (["version 2"], "", "version", 2),
    ],
)
def test_keepalived_s_corrections_are_made_and_named(words: list[str], message: str, field: str, value: object) -> None:
    [found], said = checked(router(*words))
    assert begins(said, message) == bool(message)
    assert not any(line.startswith(("fatal", "error")) for line in said)
    assert getattr(found, field) == value


def test_version_3_is_the_default_of_ipv6_and_of_global_defs() -> None:
    six = router("advert_int 0.5", address="2001:db8::1")
    four = "global_defs {\nvrrp_version 3\n}\n" + router("advert_int 0.5")
    for text in (six, four):
        [found], said = checked(text)
        assert (found.advertisement_interval, said) == (0.5, [])


def test_version_2_is_for_ipv4() -> None:
    [found], said = checked(router("version 2", "advert_int 0.5", address="2001:db8::1"))
    assert said == [
        f"4: {I}version 2 is ignored, IPv6 needs version 3; a keepalived with version 2 is not heard",
    ]
    assert (found.version, found.advertisement_interval) == (3, 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (router(interface=False), f"fatal 1: {I}'interface NAME' is missing"),
        (router("version 3", address=""), f"fatal 1: {I}it has no virtual_ipaddress: version 3 needs one"),
        (router("version 3", "advert_int 41"), f"error 5: {I}advert_int 41 is above 40.95 seconds, the longest of"),
        (
            router(address="192.0.2.1\n2001:db8::1"),
            f"error 7: {I}virtual_ipaddress: 2001:db8::1 is IPv6, the first address is IPv4",
        ),
        (router("unicast_peer {\n2001:db8::2\n}"), f"fatal 5: {I}unicast_peer: 2001:db8::2 is not IPv4 as the instan"),
        (router("mcast_src_ip 2001:db8::2"), f"fatal 4: {I}mcast_src_ip 2001:db8::2 is not IPv4 as the instance"),
        (
            router("unicast_src_ip 2001:db8::2\nunicast_peer {\n192.0.2.5\n}"),
            f"fatal 4: {I}unicast_src_ip 2001:db8::2 is not IPv4 as the instance",
        ),
        (router("mcast_dst_ip 192.0.2.7"), f"error 4: {I}mcast_dst_ip 192.0.2.7 is not an IPv4 multicast address"),
        (router("mcast_dst_ip ff02::12"), f"fatal 4: {I}mcast_dst_ip ff02::12 is not an IPv4 multicast address"),
        (
            router("unicast_src_ip 192.0.2.5\nunicast_peer {\n192.0.2.5\n}"),
            f"fatal 5: {I}unicast_peer: no peer is left, and the instance would use multicast",
        ),
        (router("# x", "interface averyveryverylong"), f"fatal 5: {I}interface 'averyveryverylong' is longer than 15"),
        (router() + router(vrid=52), f"error 9: {I}the name is taken by the instance of line 1"),
        (
            router() + router(name="VI_2", address="192.0.2.2"),
            "fatal 11: vrrp_instance VI_2: virtual_router_id 51 on eth0 is taken by VI_1",
        ),
        (
            router() + router("mcast_dst_ip 224.0.0.18", name="VI_2", address="192.0.2.2"),
            "fatal 11: vrrp_instance VI_2: virtual_router_id 51 on eth0 is taken by VI_1",
        ),
        (
            peers(7, 8) + peers(8, 9, name="VI_2", address="192.0.2.2").replace("eth0", "eth1"),
            "fatal 14: vrrp_instance VI_2: virtual_router_id 51 in unicast is taken by VI_1 (line 3): it has "
            "the unicast_peer 192.0.2.8 too",
        ),
    ],
)
def test_contradictions_are_errors(text: str, message: str) -> None:
    _routers, said = checked(text)
    assert begins(said, message), said


@pytest.mark.parametrize(
    "text",
    [
        router() + router(name="VI_2", address="2001:db8::1"),
        router() + router("mcast_dst_ip 224.0.0.99", name="VI_2", address="192.0.2.2"),
        router() + router(name="VI_2", address="192.0.2.2").replace("eth0", "eth1"),
        peers(7) + peers(8, name="VI_2", address="192.0.2.2"),
        peers(7) + router(name="VI_2", address="192.0.2.2"),
        peers(7) + peers(7, name="VI_2", address="192.0.2.2", vrid=52),
        peers(7) + router("unicast_peer {\n2001:db8::7\n}", name="VI_2", address="2001:db8::2"),
        router("unicast_peer {\n192.0.2.7\n}", interface=False),
    ],
)
def test_one_number_may_be_used_twice_where_no_router_can_confuse_it(text: str) -> None:
    assert checked(text)[1] == []


def test_link_local_peers_need_an_interface() -> None:
    text = router("unicast_peer {\nfe80::2\n}", interface=False, address="2001:db8::1")
    assert checked(text) == ((), [f"fatal 1: {I}'interface NAME' is missing"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], [f"1: {I}it has no virtual_ipaddress: nothing follows the MASTER"]),
        (["no_virtual_ipaddress"], []),
    ],
)
def test_version_2_may_have_no_addresses(words: list[str], said: list[str]) -> None:
    [found], all_said = checked(router(*words, address=""))
    assert (found.addresses, all_said) == ((), said)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("12345678", []),
        ("123456789", [f"6: {I}auth_pass has 9 bytes: only the first 8 count"]),
        (
            "grün",
            [
                f"6: {I}auth_pass has other characters than ASCII and is sent in UTF-8: keepalived sends the "
                "bytes of its own file; use letters and digits"
            ],
        ),
    ],
)
def test_a_password_is_eight_bytes_of_ascii(password: str, said: list[str]) -> None:
    [found], all_said = checked(router("authentication {", "auth_type PASS", f"auth_pass {password}", "}"))
    assert found.authentication is not None
    assert (found.authentication.password, all_said) == (password, said)


def test_a_router_is_not_its_own_peer() -> None:
    [found], said = checked(router("unicast_src_ip 192.0.2.5\nunicast_peer {\n192.0.2.5\n192.0.2.6\n192.0.2.6\n}"))
    assert [str(peer.address) for peer in found.unicast_peers] == ["192.0.2.6", "192.0.2.6"]
    assert said == [
        f"6: {I}unicast_peer: 192.0.2.5 is this router's own unicast_src_ip: it is left out",
        f"5: {I}unicast_peer: 192.0.2.6 stands there twice",
    ]
