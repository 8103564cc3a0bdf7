# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions between words, and what runs then; keepalived 2.2.7's own answers were read off its -t."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.check.pool import pools
from lvsd.conf import capacity
from lvsd.conf.family import service_family
from lvsd.conf.findings import Loaded, Severity
from lvsd.model import RealServer, TcpCheck, VirtualRouter, VirtualServer

I = "vrrp_instance VI_1: "  # noqa: E741
S = "virtual_server 192.0.2.1 80: "
R = f"{S}real_server 192.0.2.9 80: "


def router(*words: str, name: str = "VI_1", vrid: int = 51, address: str = "192.0.2.1", **without: bool) -> str:
    """An instance of six lines before `words`; they begin on line 4."""
    interface = "" if without.get("interface") is False else "interface eth0"
    addresses = "" if not address else f"virtual_ipaddress {{\n{address}\n}}"
    body = "\n".join(words)
    return f"vrrp_instance {name} {{\n{interface}\nvirtual_router_id {vrid}\n{body}\n{addresses}\n}}\n"


def peers(*numbers: int, name: str = "VI_1", vrid: int = 51, address: str = "192.0.2.1") -> str:
    """An instance with unicast peers."""
    found = "\n".join(f"192.0.2.{number}" for number in numbers)
    return router(f"unicast_peer {{\n{found}\n}}", name=name, vrid=vrid, address=address)


def service(*words: str, servers: str = "real_server 192.0.2.9 80 {\n}", key: str = "192.0.2.1 80") -> str:
    """A service; `words` begin on line 3."""
    body = "\n".join(words)
    return f"virtual_server {key} {{\nprotocol TCP\n{body}\n{servers}\n}}\n"


def check(body: str, kind: str = "HTTP_GET", key: str = "192.0.2.9 80") -> str:
    return f"real_server {key} {{\n{kind} {{\n{body}\n}}\n}}"


def said(loaded: Loaded, severity: Severity) -> list[str]:
    return [f"{f.line}: {f.message}" for f in loaded.findings if f.severity is severity]


def only(loaded: Loaded) -> Any:
    found = loaded.configuration.routers or loaded.configuration.virtual_servers
    assert len(found) == 1
    return found[0]


# --- instances -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message", "field", "value"),
    [
        (
            ["state MASTER", "priority 100", "nopreempt"],
            f"6: {I}nopreempt does not go with state MASTER",
            "preempt",
            True,
        ),
        (["priority 255", "nopreempt"], f"5: {I}nopreempt does not go with priority 255", "preempt", True),
        (
            ["state MASTER", "priority 9", "preempt_delay 5"],
            f"6: {I}preempt_delay does not go with state MASTER",
            "preempt_delay",
            0,
        ),
        (["nopreempt", "preempt_delay 5"], f"5: {I}preempt_delay does not go with nopreempt", "preempt_delay", 0),
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
    ],
)
def test_keepalived_s_corrections_are_made_and_named(words: list[str], message: str, field: str, value: object) -> None:
    loaded = conf.parse(router(*words))
    assert any(line.startswith(message) for line in said(loaded, Severity.WARNING))
    assert getattr(only(loaded), field) == value
    assert not loaded.errors


def test_version_3_is_the_default_of_ipv6_and_of_global_defs() -> None:
    six = router("advert_int 0.5", address="2001:db8::1")
    four = "global_defs {\nvrrp_version 3\n}\n" + router("advert_int 0.5")
    for text in (six, four):
        assert not conf.parse(text).findings
        assert only(conf.parse(text)).advertisement_interval == 0.5


def test_version_2_is_for_ipv4() -> None:
    loaded = conf.parse(router("version 2", "advert_int 0.5", address="2001:db8::1"))
    assert [line.partition(";")[0] for line in said(loaded, Severity.WARNING)] == [
        f"4: {I}version 2 is ignored, IPv6 needs version 3"
    ]
    assert (only(loaded).version, only(loaded).advertisement_interval) == (3, 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (router(interface=False), f"1: {I}'interface NAME' is missing"),
        (router("version 3", address=""), f"1: {I}it has no virtual_ipaddress: version 3 needs one"),
        (router("version 3", "advert_int 41"), f"5: {I}advert_int 41 is above 40.95 seconds"),
        (
            router(address="192.0.2.1\n2001:db8::1"),
            f"7: {I}virtual_ipaddress: 2001:db8::1 is IPv6, the first address is IPv4",
        ),
        (router("unicast_peer {\n2001:db8::2\n}"), f"5: {I}unicast_peer: 2001:db8::2 is not IPv4 as the instance"),
        (router("mcast_src_ip 2001:db8::2"), f"4: {I}mcast_src_ip 2001:db8::2 is not IPv4 as the instance"),
        (router("mcast_dst_ip 192.0.2.7"), f"4: {I}mcast_dst_ip 192.0.2.7 is not an IPv4 multicast address"),
        (
            router("unicast_src_ip 192.0.2.5\nunicast_peer {\n192.0.2.5\n}"),
            f"5: {I}unicast_peer: no peer is left, and the instance would use multicast",
        ),
        (router("# x", "interface averyveryverylong"), f"5: {I}interface 'averyveryverylong' is longer than 15"),
        (router() + router(vrid=52), f"9: {I}the name is taken by the instance of line 1"),
        (
            router() + router(name="VI_2", address="192.0.2.2"),
            "11: vrrp_instance VI_2: virtual_router_id 51 on eth0 is taken by VI_1",
        ),
        (
            router() + router("mcast_dst_ip 224.0.0.18", name="VI_2", address="192.0.2.2"),
            "11: vrrp_instance VI_2: virtual_router_id 51 on eth0 is taken by VI_1",
        ),
        (
            peers(7, 8) + peers(8, 9, name="VI_2", address="192.0.2.2").replace("eth0", "eth1"),
            "14: vrrp_instance VI_2: virtual_router_id 51 in unicast is taken by VI_1 (line 3): it has "
            "the unicast_peer 192.0.2.8 too",
        ),
        (
            "global_defs {\nvrrp_mcast_group4 192.0.2.1\n}",
            "2: global_defs: vrrp_mcast_group4 192.0.2.1 is not a multicast address",
        ),
    ],
)
def test_contradictions_in_an_instance_are_errors(text: str, message: str) -> None:
    loaded = conf.parse(text)
    assert any(line.startswith(message) for line in said(loaded, Severity.ERROR)), said(loaded, Severity.ERROR)
    assert loaded.errors


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
def test_one_number_may_be_used_twice_where_nobody_can_confuse_it(text: str) -> None:
    assert not conf.parse(text).errors


def test_an_address_that_stands_twice_is_set_once() -> None:
    loaded = conf.parse(router("virtual_ipaddress_excluded {\n192.0.2.1\n192.0.2.2\n}"))
    assert said(loaded, Severity.WARNING) == [f"5: {I}virtual_ipaddress_excluded: 192.0.2.1 stands there twice"]
    found: VirtualRouter = only(loaded)
    assert [str(a.address) for a in found.excluded_addresses] == ["192.0.2.2"]


# --- sync groups ---------------------------------------------------------------------------------

TWO = router() + router(name="VI_2", vrid=52, address="192.0.2.2")


def group(*members: str, name: str = "G") -> str:
    return f"vrrp_sync_group {name} {{\ngroup {{\n" + "\n".join(members) + "\n}\n}\n"


@pytest.mark.parametrize(("word", "most", "width", "family"), [
    ("version 2", 255, "198.51.{}.{}", 4), ("version 3", 255, "198.51.{}.{}", 4), ("", 89, "2001:db8:9:9:9:9:{}:{}", 6),
])  # fmt: skip
def test_addresses_that_do_not_fit_are_told_and_set(word: str, most: int, width: str, family: int) -> None:
    texts = [width.format(n // 200 + 1, n % 200 + 1) for n in range(most + 2)]
    for count in (most, most + 1, most + 2):
        loaded = conf.parse(router(word, address="\n".join(texts[:count])))
        version = 2 if word == "version 2" else 3
        more = " and 1 more" if count == most + 2 else ""
        warning = (
            f"{6 + most}: {I}virtual_ipaddress: an advertisement of version {version} carries {most} IPv{family} "
            f"addresses over a link with an MTU of 1500: {texts[most]}{more} will be set but not advertised; put them "
            "into virtual_ipaddress_excluded, as on the other router"
        )
        assert said(loaded, Severity.WARNING) == ([warning] if count > most else [])
        assert not said(loaded, Severity.ERROR)
        assert len(loaded.configuration.routers[0].addresses) == count


def test_the_controller_counts_as_the_daemon() -> None:
    """It cannot import the daemon: the plan has the numbers a second time."""
    path = Path(__file__).parents[4] / "plugins" / "plugin_utils" / "_capacity.py"
    found = {
        node.targets[0].id: ast.literal_eval(node.value)  # type: ignore[attr-defined]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
    }
    ours = (capacity.TAKEN, capacity.WIDTH, capacity.MOST_ADDRESSES, capacity.USUAL_MTU)
    assert tuple(found[name] for name in ("TAKEN", "WIDTH", "MOST_ADDRESSES", "USUAL_MTU")) == ours


@pytest.mark.parametrize(
    ("text", "severity", "message", "members"),
    [
        (
            group("VI_1", "VI_3"),
            Severity.ERROR,
            "4: vrrp_sync_group G: there is no vrrp_instance 'VI_3'; did you mean",
            ("VI_1",),
        ),
        (group("VI_1"), Severity.WARNING, "2: vrrp_sync_group G: it has one member only", ("VI_1",)),
        (group("VI_1", "VI_2", "VI_1"), Severity.ERROR, "5: vrrp_sync_group G: VI_1 is named twice", ("VI_1", "VI_2")),
        (
            group("VI_1", "VI_2") + group("VI_2", "VI_1", name="H"),
            Severity.ERROR,
            "9: vrrp_sync_group H: VI_2 is in group G already",
            ("VI_1", "VI_2"),
        ),
    ],
)
def test_members_of_sync_groups(text: str, severity: Severity, message: str, members: tuple[str, ...]) -> None:
    loaded = conf.parse(text + TWO)
    assert any(line.startswith(message) for line in said(loaded, severity)), loaded.findings
    assert [g.members for g in loaded.configuration.sync_groups] == [members]


def test_an_instance_with_an_error_of_its_own_is_not_reported_as_missing() -> None:
    loaded = conf.parse(group("VI_1", "VI_2") + TWO.replace("virtual_router_id 52", "virtual_router_id 0"))
    assert [f.keyword for f in loaded.errors] == ["virtual_router_id"]


# --- services ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "field", "value"),
    [
        (
            service("quorum 5"),
            f"3: {S}quorum 5 is above the weight of all real servers",
            "quorum",
            1,
        ),
        (
            service("quorum 2\nhysteresis 7\nweight 3"),
            f"4: {S}hysteresis 7 must be below the quorum and becomes 1",
            "hysteresis",
            1,
        ),
        (
            service("ops"),
            f"3: {S}ops is for UDP, not for TCP, and is ignored",
            "one_packet",
            False,
        ),
        (
            service("sh-port"),
            f"3: {S}sh-port belongs to lb_algo sh, not to wlc",
            "scheduler",
            "wlc",
        ),
        (
            service("persistence_granularity 255.255.255.0"),
            f"3: {S}persistence_granularity has no effect without persistence_timeout",
            "persistence_netmask",
            24,
        ),
        (
            service().replace("protocol TCP", ""),
            f"1: {S}'protocol' is not said: it is UDP",
            "protocol",
            "UDP",
        ),
    ],
)
def test_corrections_in_a_service(text: str, message: str, field: str, value: object) -> None:
    loaded = conf.parse(text)
    assert any(line.startswith(message) for line in said(loaded, Severity.WARNING)), loaded.findings
    assert getattr(only(loaded), field) == value
    assert not loaded.errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (service() + service(), f"7: {S}the service is defined in line 1 already"),
        (
            service(servers="real_server 2001:db8::9 80 {\n}"),
            f"4: {S}real_server 2001:db8::9 80: it is not IPv4 as the service",
        ),
        (service("sorry_server 2001:db8::9 80"), f"3: {S}sorry_server 2001:db8::9 is not IPv4"),
        (
            service("persistence_timeout\npersistence_granularity 64"),
            f"4: {S}persistence_granularity 64 is longer than an IPv4 address",
        ),
        (
            service(servers="real_server 192.0.2.9 80 {\nuthreshold 5\nlthreshold 7\n}"),
            f"6: {R}lthreshold 7 is above uthreshold 5",
        ),
        (service("lb_algo lbhc"), f"3: {S}lb_algo 'lbhc' is none of rr, wrr,"),
        (service("lb_kind TUN type gue"), f"3: {S}lb_kind TUN type gue and port N need each other"),
        (service(servers=check("")), f"5: {R}HTTP_GET: it has no url"),
        (service(servers=check("url {\npath /\nregex a(\n}")), f"8: {R}HTTP_GET: the regex cannot be compiled"),
        (
            service(servers=check("url {\npath /\nregex [[:digit:]]+\n}")),
            f"8: {R}HTTP_GET: the regex cannot be used: [:digit:] is unknown here",
        ),
        (service(servers=check("url {\npath /\ndigest 12\n}")), f"8: {R}HTTP_GET: url: digest '12' is not an MD5 sum"),
        (
            service(servers=check("url {\npath /\nstatus_code 299-200\n}")),
            f"8: {R}HTTP_GET: url: status_code '299-200' runs backwards",
        ),
        (service(servers=check("misc_timeout 5", "MISC_CHECK")), f"5: {R}MISC_CHECK: 'misc_path COMMAND' is missing"),
        (
            service(servers=check("bindto 2001:db8::1", "TCP_CHECK")),
            f"6: {R}TCP_CHECK: bindto 2001:db8::1 cannot reach 192.0.2.9",
        ),
        (
            service(servers=check("", "TCP_CHECK", "192.0.2.9"), key="fwmark 7"),
            "5: virtual_server fwmark 7: real_server 192.0.2.9: TCP_CHECK: it needs a connect_port",
        ),
    ],
)
def test_contradictions_in_a_service_are_errors(text: str, message: str) -> None:
    loaded = conf.parse(text)
    assert any(line.startswith(message) for line in said(loaded, Severity.ERROR)), said(loaded, Severity.ERROR)
    assert loaded.errors


def test_a_tunnel_may_cross_families() -> None:
    assert not conf.parse(service("lb_kind TUN", servers="real_server 2001:db8::9 80 {\n}")).errors


def test_only_nat_changes_the_port() -> None:
    loaded = conf.parse(service("lb_kind DR", servers="real_server 192.0.2.9 8080 {\n}"))
    found: VirtualServer = only(loaded)
    assert said(loaded, Severity.WARNING) == [
        f"4: {S}real_server 192.0.2.9 8080: DR cannot change the port: 8080 becomes 80"
    ]
    assert found.real_servers == (RealServer(address=found.real_servers[0].address, port=80),)


def test_a_real_server_that_stands_twice_counts_once() -> None:
    twice = "real_server 192.0.2.9 80 {\n}\nreal_server 192.0.2.9 {\n}"
    loaded = conf.parse(service(servers=twice))
    assert said(loaded, Severity.ERROR)[0].startswith(f"6: {S}real_server 192.0.2.9: it is in line 4")
    assert len(only(loaded).real_servers) == 1


def test_a_service_without_real_servers_is_not_set_up() -> None:
    loaded = conf.parse(service("sorry_server 127.0.0.1 80", servers=""))
    assert said(loaded, Severity.WARNING) == [f"1: {S}it has no real_server and is not set up"]
    assert not loaded.configuration.virtual_servers


@pytest.mark.parametrize("word", ["check.sh", "./check.sh", "true"])
def test_a_script_without_its_full_path_is_an_error_that_a_daemon_goes_on_with(word: str) -> None:
    loaded = conf.parse(service(f"quorum_up '{word} up'", servers=check(f"misc_path {word}", "MISC_CHECK")))
    assert [text.partition(": ")[2] for text in said(loaded, Severity.ERROR)] == [
        f"'{keyword}' {word} is not a full path, and is not run: write the path from / on"
        for keyword in ("quorum_up", "misc_path")
    ]
    assert not loaded.refused


def test_the_family_of_a_mark_is_that_of_its_servers() -> None:
    assert not conf.parse(service(servers="real_server 2001:db8::9 80 {\n}", key="fwmark 7")).errors
    assert conf.parse(service("ip_family inet", servers="real_server 2001:db8::9 80 {\n}", key="fwmark 7")).errors


SIX, OTHER_SIX, FOUR = (f"real_server {address} {{\n}}" for address in ("2001:db8::9", "2001:db8::8", "192.0.2.9"))
FAMILIES = [  # as keepalived 2.2.7 takes them
    (["lb_kind TUN"], [SIX, OTHER_SIX], 6),
    (["lb_kind TUN"], [SIX, FOUR], 4),
    (["lb_kind TUN", "sorry_server 192.0.2.99"], [SIX, OTHER_SIX], 4),
    (["lb_kind TUN", "sorry_server 2001:db8::99", "sorry_server_lvs_method NAT"], [FOUR], 6),
    (["lb_kind TUN"], [FOUR, SIX.replace("{", "{\nlvs_method NAT")], 6),
    (["lb_kind DR"], [FOUR.replace("{", "{\nlvs_method TUN"), SIX], 6),
    (["lb_kind TUN", "ip_family inet6"], [FOUR], 6),
]


@pytest.mark.parametrize(("words", "servers", "family"), FAMILIES)
def test_a_mark_is_the_same_to_the_check_of_the_configuration_and_to_the_checker(
    words: list[str], servers: list[str], family: int
) -> None:
    loaded = conf.parse(service(*words, servers="\n".join(servers), key="fwmark 7"))
    assert not loaded.errors
    (one,) = loaded.configuration.virtual_servers
    assert len(one.real_servers) == len(servers)
    assert (service_family(one), list(map(str, pools(loaded.configuration)))) == (family, [f"fwmark 7/IPv{family}"])


def test_behind_a_mark_only_nat_changes_the_port() -> None:
    loaded = conf.parse(service("lb_kind NAT", servers=check("", "TCP_CHECK"), key="fwmark 7"))
    assert said(loaded, Severity.WARNING) == []
    assert only(loaded).real_servers[0].port == 80
    loaded = conf.parse(service("lb_kind DR", servers=check("", "TCP_CHECK"), key="fwmark 7"))
    assert said(loaded, Severity.WARNING) == [
        "4: virtual_server fwmark 7: real_server 192.0.2.9 80: "
        "DR cannot change the port of a mark: 80 is for the checks only"
    ]
    server: RealServer = only(loaded).real_servers[0]
    assert server.port is None
    assert isinstance(server.checks[0], TcpCheck)
    assert server.checks[0].target.connect_port == 80


def test_an_option_without_its_object_is_named() -> None:
    loaded = conf.parse(service("sorry_server_inhibit"))
    assert said(loaded, Severity.WARNING) == [f"3: {S}'sorry_server_inhibit' has no effect without 'sorry_server'"]


# --- words of checks that keepalived takes with a value, or in another case ------------------------


@pytest.mark.parametrize(
    ("word", "field", "value"),
    [
        ("enable_sni", "enable_sni", True),
        ("enable_sni true", "enable_sni", True),
        ("enable_sni false", "enable_sni", False),
        ("enable_sni off", "enable_sni", False),
        ("fast_recovery false", "fast_recovery", False),
        ("http_protocol 1.0c", "http_protocol", "1.0C"),
    ],
)
def test_a_word_of_a_check_means_what_it_does_in_keepalived(word: str, field: str, value: object) -> None:
    loaded = conf.parse(service(servers=check(f"{word}\nurl {{\npath /\n}}", "SSL_GET")))
    assert not loaded.findings
    assert getattr(only(loaded).real_servers[0].checks[0], field) == value


@pytest.mark.parametrize("word", ["enable_sni maybe", "http_protocol 1.1C"])
def test_a_word_of_a_check_that_keepalived_refuses_is_refused(word: str) -> None:
    assert conf.parse(service(servers=check(f"{word}\nurl {{\npath /\n}}", "SSL_GET"))).errors
