# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about slips: the line, the block, the word, and the right form."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd import conf
from lvsd.conf.findings import LIMIT, Finding, Loaded, Severity, exit_code, summary
from lvsd.model import Configuration, HttpCheck, KeptCheck, TcpCheck

INSTANCE = (
    "vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\npriority 100\n"
    "{}\nvirtual_ipaddress {{\n192.0.2.1\n}}\n}}\n"
)
SERVICE = "virtual_server 192.0.2.1 80 {{\nprotocol TCP\n{}\nreal_server 192.0.2.9 80 {{\n{}\n}}\n}}\n"


def found(text: str) -> list[str]:
    return [f"{f.line}: {f.message}" for f in conf.parse(text).findings]


def instance(*words: str) -> str:
    return INSTANCE.format("\n".join(words))


# --- unknown words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            instance("lvs_sync_daemon_inteface eth0"),
            "5: vrrp_instance VI_1: unknown keyword 'lvs_sync_daemon_inteface'; "
            "did you mean 'lvs_sync_daemon_interface'?",
        ),
        ("vrrip_instance VI_1 {\n}", "1: unknown keyword 'vrrip_instance'; did you mean 'vrrp_instance'?"),
        ("global_defs {\nlvs_id X\n}", "2: global_defs: unknown keyword: 'lvs_id' was renamed: write 'router_id'"),
        (
            "global_defs {\npriority 5\n}",
            "2: global_defs: unknown keyword 'priority' in this place; it belongs in vrrp_instance",
        ),
        (
            "global_defs {\nvrrp_instanc x\n}",
            "2: global_defs: unknown keyword 'vrrp_instanc'; 'vrrp_instance' is known outside all blocks",
        ),
        ("zzz", "1: unknown keyword 'zzz'"),
        ("$N = 7", "1: unknown keyword '$N'; $NAME=value has no space before the '='"),
        ("$N=6\n$N = 7", "2: unknown keyword '6'; $NAME=value has no space before the '='"),
        (
            SERVICE.format("", "weigth 3"),
            "5: virtual_server 192.0.2.1 80: real_server 192.0.2.9 80: unknown keyword 'weigth'; "
            "did you mean 'weight'?",
        ),
        (
            "vrrp_script X {\nintervall 3\n}",
            "2: vrrp_script X: unknown keyword 'intervall'; did you mean 'interval'?",
        ),
        (
            "real_server 192.0.2.9 80 {\n}",
            "1: unknown keyword 'real_server' in this place; it belongs in virtual_server: "
            "is there a '}' too many before it?",
        ),
    ],
)
def test_an_unknown_keyword_names_the_one_that_was_meant(text: str, message: str) -> None:
    loaded = conf.parse(text)
    assert message in found(text)
    assert [f.fatal for f in loaded.errors] == [False] * len(loaded.errors)
    assert not loaded.refused
    assert exit_code(loaded.findings) == 5


def test_a_misspelled_block_is_left_out_and_its_inside_is_looked_at() -> None:
    loaded = conf.parse("vrrip_instance VI_1 {\nintreface eth0\nvirtual_router_id 300\n}")
    assert loaded.configuration == Configuration()
    assert len(loaded.errors) == 3
    assert not loaded.refused


def test_a_finding_is_one_line_that_begins_with_its_place() -> None:
    loaded = conf.parse("x 1", "web.conf")
    assert str(loaded.findings[0]) == "web.conf:1: unknown keyword 'x'"
    assert loaded.findings[0] == Finding("web.conf", 1, Severity.ERROR, "unknown keyword 'x'", "x")


# --- the right form ------------------------------------------------------------------------------


def test_a_peer_without_braces_is_not_applied() -> None:
    text = instance("unicast_peer 10.10.10.11")
    assert found(text) == [
        "5: vrrp_instance VI_1: the values of 'unicast_peer' stand in braces: unicast_peer { 10.10.10.11 }"
    ]
    loaded = conf.parse(text)
    assert loaded.configuration.routers[0].unicast_peers == ()
    assert loaded.refused


def test_members_without_group() -> None:
    text = instance() + "vrrp_sync_group G {\nVI_1\nVI_2\n}"
    assert "11: vrrp_sync_group G: the members stand in a block of their own: group { VI_1 VI_2 }" in found(text)
    assert conf.parse(text).refused


def test_a_mail_alert_in_a_sync_group_is_known_and_named() -> None:
    text = instance() + instance().replace("VI_1", "VI_2").replace("51", "52").replace("192.0.2.1\n", "192.0.2.2\n")
    loaded = conf.parse(text + "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\nsmtp_alert\n}")
    assert [f.message for f in loaded.findings] == [
        "vrrp_sync_group G: 'smtp_alert' is known but not implemented yet: no mail is sent; use notify scripts"
    ]
    assert [s.words for s in loaded.configuration.sync_groups[0].kept] == [("smtp_alert",)]
    assert exit_code(loaded.findings) == 0


def test_a_word_that_is_kept_is_rendered_and_named() -> None:
    loaded = conf.parse(instance("use_vmac vrrp.51"), "web.conf")
    assert [str(f) for f in loaded.findings] == [
        "web.conf:5: vrrp_instance VI_1: 'use_vmac' is known but not implemented yet: "
        "the addresses stay on the interface's own MAC address"
    ]
    assert "    use_vmac vrrp.51\n" in conf.render(loaded.configuration)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (SERVICE.format("", "TCP_CHECK {\nnb_get_retry 3\n}"), "nb_get_retry", "retry"),
        ("vrrp_track_file F {\nfile /f\n}", "vrrp_track_file", "track_file"),
    ],
)
def test_old_names_are_taken_with_a_warning(text: str, old: str, new: str) -> None:
    assert any(f"'{old}' is an old name of '{new}'" in line for line in found(text))
    assert not conf.parse(text).errors


def test_deprecated_words_say_what_to_use() -> None:
    text = instance("lvs_sync_daemon_interface eth1", "native_ipv6")
    assert found(text) == [
        "5: vrrp_instance VI_1: 'lvs_sync_daemon_interface' is deprecated (use lvs_sync_daemon in global_defs): "
        "connections are not synchronised",
        "6: vrrp_instance VI_1: 'native_ipv6' is deprecated (the addresses decide about the family)",
    ]


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("priority 300", "priority '300' is outside 1 to 255"),
        ("priority 1_0", "priority '1_0' is not a whole number from 1 to 255"),
        ("priority", "'priority' needs a value: priority N (1..255)"),
        ("advert_int x", "advert_int 'x' is not a time in seconds"),
        ("advert_int 1e3", "advert_int '1e3' is not a time in seconds"),
        ("lower_prio_no_advert maybe", "lower_prio_no_advert 'maybe' is none of on, off, true, false, yes, no"),
        ("unicast_src_ip host.example", "unicast_src_ip 'host.example' is not an IP address"),
        ("notify '\"/x'", "notify '\"/x': a quote in the command is not closed"),
        ("priority {\n}", "'priority' takes no block"),
        ("virtual_ipaddress {\n192.0.2.300\n}", "virtual_ipaddress: '192.0.2.300': '192.0.2.300' is not an IP address"),
        ("virtual_ipaddress {\n192.0.2.3/40\n}", "virtual_ipaddress: '192.0.2.3/40': '40' is outside 0 to 32"),
        (
            "virtual_ipaddress {\n192.0.2.3 def eth0\n}",
            "virtual_ipaddress: '192.0.2.3': 'def' is not known here; known are dev",
        ),
        ("virtual_ipaddress {\n192.0.2.3 dev\n}", "virtual_ipaddress: '192.0.2.3': 'dev' needs a value"),
        ("track_interface {\neth1 weight 300\n}", "track_interface: 'eth1': weight '300' is outside -253 to 253"),
        ("unicast_peer {\n192.0.2.3 min_ttl 5 max_ttl 4\n}", "min_ttl 5 is above max_ttl 4"),
        ("authentication {\nauth_type PASS\n}", "authentication: 'auth_pass PASSWORD' is missing"),
        ("authentication {\nauth_type NONE\nauth_pass x\n}", "authentication: auth_type 'NONE' is none of PASS, AH"),
    ],
)
def test_a_value_out_of_range_is_named_and_left_at_its_default(word: str, message: str) -> None:
    loaded = conf.parse(instance(word))
    assert any(
        (message in f.message and f.line == 5 + ("{" in f.message.partition(":")[0])) or message in f.message
        for f in loaded.errors
    )
    assert loaded.errors
    assert [router.name for router in loaded.configuration.routers] == ["VI_1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vrrp_instance {\nvirtual_router_id 1\n}", "1: vrrp_instance: needs exactly one name"),
        ("vrrp_instance A B {\nvirtual_router_id 1\n}", "1: vrrp_instance A B: needs exactly one name"),
        ("vrrp_instance A {\ninterface eth0\n}", "1: vrrp_instance A: 'virtual_router_id N' is missing"),
        ("vrrp_instance A", "1: vrrp_instance A: a block in braces must follow"),
        ("virtual_server {\n}", "1: virtual_server: needs ADDRESS PORT, fwmark N or group NAME"),
        ("virtual_server www 80 {\n}", "1: virtual_server www 80: 'www' is not an IP address"),
        ("virtual_server fwmark 0 {\n}", "1: virtual_server fwmark 0: '0' is outside 1 to 4294967295"),
    ],
)
def test_a_block_without_its_essentials_is_left_out(text: str, message: str) -> None:
    assert message in found(text)
    assert conf.parse(text).errors
    assert conf.parse(text).configuration == Configuration()


def test_what_is_said_twice_counts_once() -> None:
    loaded = conf.parse(instance("priority 50"))
    assert found(instance("priority 50")) == [
        "5: vrrp_instance VI_1: 'priority' is said again (first in line 4); the last one counts"
    ]
    assert loaded.configuration.routers[0].priority == 50


# --- braces --------------------------------------------------------------------------------------

ONE_LINE = "virtual_server 192.0.2.1 80 { protocol TCP real_server 10.0.0.1 80 { TCP_CHECK { connect_timeout 3 } } }"


@pytest.mark.parametrize(
    "text",
    [
        "virtual_server 192.0.2.1 80 {\nprotocol TCP\nreal_server 10.0.0.1 80 { TCP_CHECK { connect_timeout 3 } }\n}",
        "virtual_server 192.0.2.1 80\n{\nprotocol TCP\nreal_server 10.0.0.1 80\n{\nTCP_CHECK\n\n{\n"
        "connect_timeout 3 } } }",
        "virtual_server 192.0.2.1 80 {\nprotocol TCP\nreal_server 10.0.0.1 80 {TCP_CHECK{\nconnect_timeout 3}}}",
        ONE_LINE,
    ],
)
def test_braces_may_stand_anywhere(text: str) -> None:
    server = conf.parse(text).configuration.virtual_servers[0].real_servers[0]
    assert isinstance(server.checks[0], TcpCheck)
    assert server.checks[0].timing.connect_timeout == 3
    assert not conf.parse(text).errors


def test_two_words_on_one_line_are_read_and_keepalived_s_way_is_told() -> None:
    assert found(ONE_LINE)[0] == (
        "1: virtual_server 192.0.2.1 80: 'real_server' stands on the line of 'protocol': "
        "it is read, but keepalived would not; give it a line of its own"
    )


def test_a_whole_file_on_one_line() -> None:
    text = (
        "global_defs { notification_email { a@example.org b@example.org } router_id R "
        "vrrp_strict vrrp_garp_interval 0 } "
        "vrrp_instance VI_1 { state BACKUP interface eth0 virtual_router_id 50 nopreempt priority 100 "
        "authentication { auth_type PASS auth_pass 1111 } "
        "virtual_ipaddress { 192.0.2.11 192.0.2.12/24 dev eth1 192.0.2.13 } } "
        "virtual_server 192.0.2.1 443 { lb_algo rr protocol TCP real_server 192.0.2.9 443 { weight 1 "
        "SSL_GET { url { path / digest ff20ad2481f97b1754ef3e12ecd3a9cc } "
        "url { path /mrtg/ status_code 200 301 } connect_timeout 3 } } }"
    )
    loaded = conf.parse(text)
    assert not loaded.errors
    router = loaded.configuration.routers[0]
    assert loaded.configuration.global_defs.router_id == "R"
    assert (router.interface, router.vrid, router.preempt, router.priority) == ("eth0", 50, False, 100)
    assert [(str(a.address), a.dev) for a in router.addresses] == [
        ("192.0.2.11", None),
        ("192.0.2.12", "eth1"),
        ("192.0.2.13", None),
    ]
    check = loaded.configuration.virtual_servers[0].real_servers[0].checks[0]
    assert isinstance(check, HttpCheck)
    assert [url.path for url in check.urls] == ["/", "/mrtg/"]
    assert check.urls[1].status_codes == ((200, 200), (301, 301))
    assert check.tls


def test_a_missing_brace_names_the_block_it_belongs_to() -> None:
    text = "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9\n}\n\n"
    loaded = conf.parse(text + instance() + instance().replace("VI_1", "VI_2").replace("eth0", "eth1"))
    assert [str(f) for f in loaded.errors] == [
        "conf:8: vrrp_instance A: 'vrrp_instance VI_1' cannot stand inside another block: is a '}' missing before it?"
        " 'vrrp_instance A' was opened in line 1",
    ]
    assert [router.name for router in loaded.configuration.routers] == ["A", "VI_1", "VI_2"]


def test_a_brace_too_many_names_the_block_before_it() -> None:
    assert found(instance() + "}\n") == ["10: '}' closes nothing: 'vrrp_instance VI_1' of line 1 is closed already"]


def test_a_block_without_a_name() -> None:
    assert found("{\nweight 1\n}\n") == ["1: '{' opens a block that has no name"]


def test_very_deep_nesting_is_left_out() -> None:
    loaded = conf.parse("a {\n" * 5000 + "}\n" * 5000)
    assert any("nested deeper" in f.message for f in loaded.findings)


# --- all of it -----------------------------------------------------------------------------------


def test_an_error_does_not_hide_the_next_one() -> None:
    text = "bad\n" + instance("priority 0", "statte MASTER") + "worse\n"
    assert [f.line for f in conf.parse(text).errors] == [1, 6, 7, 12]


def test_findings_are_bounded_and_the_worst_is_not_lost() -> None:
    loaded = conf.parse("unknown_word\n" * 100_000 + "vrrp_instance A")
    assert LIMIT < len(loaded.findings) <= LIMIT + 4
    assert loaded.refused
    assert "left out" in loaded.findings[-1].message


def test_exit_codes() -> None:
    script = "notify /bin/true"
    assert exit_code(conf.parse(instance()).findings) == 0
    assert exit_code(conf.parse(instance("use_vmac")).findings) == 0
    assert exit_code(conf.parse(instance("nonsense")).findings) == 5
    assert exit_code(conf.parse(instance(script)).findings) == 6
    assert exit_code(conf.parse(instance(script, "nonsense")).findings) == 5
    assert exit_code(conf.parse("global_defs {\nenable_script_security\n}\n" + instance(script)).findings) == 0


def test_a_check_that_is_not_implemented_is_kept_in_its_place() -> None:
    loaded = conf.parse(SERVICE.format("", "DNS_CHECK {\nname example.org\n}\nTCP_CHECK {\n}"))
    checks = loaded.configuration.virtual_servers[0].real_servers[0].checks
    assert [type(check) for check in checks] == [KeptCheck, TcpCheck]
    assert "'DNS_CHECK' is known but not implemented yet: the check counts as passed" in loaded.findings[0].message


def test_several_global_blocks_count_as_one() -> None:
    loaded = conf.parse("global_defs {\nrouter_id A\n}\nglobal_defs {\nvrrp_version 3\n}")
    assert (loaded.configuration.global_defs.router_id, loaded.configuration.global_defs.vrrp_version) == ("A", 3)


def test_a_service_of_a_group_is_kept_whole() -> None:
    text = "virtual_server group G {\nprotocol TCP\nreal_server 192.0.2.9 80 {\nwieght 1\n}\n}\n"
    loaded = conf.parse(text)
    assert "'virtual_server group' is known but not implemented yet" in loaded.findings[0].message
    assert "unknown keyword 'wieght'" in loaded.findings[1].message
    assert conf.parts(loaded.configuration)["checker"].kept == loaded.configuration.kept
    assert conf.parts(loaded.configuration)["vrrp"].kept == ()


def test_addresses_are_host_addresses_unless_a_prefix_length_stands_there() -> None:
    addresses = conf.parse(
        instance("virtual_ipaddress_excluded {\n192.0.2.7\n2001:db8::7\n192.0.2.8/24\n}")
    ).configuration
    assert [(a.address, a.prefix_length) for a in addresses.routers[0].excluded_addresses] == [
        (ip_address("192.0.2.7"), 32),
        (ip_address("2001:db8::7"), 128),
        (ip_address("192.0.2.8"), 24),
    ]


@pytest.mark.parametrize(
    ("errors", "warnings", "fatal", "text"),
    [
        (0, 0, False, "0 errors, 0 warnings: the daemon would start"),
        (0, 1, False, "0 errors, 1 warning: the daemon would start"),
        (1, 2, False, "1 error, 2 warnings: the daemon would start without what is wrong"),
        (2, 0, True, "2 errors, 0 warnings: the daemon would not start"),
    ],
)
def test_the_last_line_counts(errors: int, warnings: int, fatal: bool, text: str) -> None:
    wrong = [Finding("f", n, Severity.ERROR, "x", fatal=fatal) for n in range(errors)]
    odd = [Finding("f", n, Severity.WARNING, "x") for n in range(warnings)]
    loaded = Loaded(Configuration(), (*wrong, *odd))
    assert str(summary(loaded)) == text
    assert (len(loaded.errors), loaded.refused) == (errors, fatal)
