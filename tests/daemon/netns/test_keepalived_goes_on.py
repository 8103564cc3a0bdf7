# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""With what keepalived reports and goes on, we report and go on; with what it does not start, we do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.conf.findings import exit_code
from network import Host, Network, end, eventually
from test_keepalived_accepts import director, keepalived

INSTANCE = (
    "vrrp_instance V {\ninterface eth0\nvirtual_router_id 3\npriority 9\n%s\nvirtual_ipaddress {\n192.0.2.3/24\n}\n}\n"
)
ADDRESS = INSTANCE % "virtual_ipaddress_excluded {\n%s\n}"
GLOBAL = "global_defs {\n%s\n}\n" + INSTANCE % ""
SERVICE = "virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n%s\nreal_server 10.0.0.1 80 {\n}\n}\n"
SERVER = "virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.0.0.1 80 {\n%s\n}\n}\n"
CHECK = SERVER % "TCP_CHECK {\n%s\n}"
OTHER = (INSTANCE % "").replace(" V ", " W ").replace("_id 3", "_id 4")

# both run, and `-t` of both says so
REPORTED = [
    *((INSTANCE, words) for words in (
        "priority 0", "priority 256", "priority x", "state MASTER\npriority 300", "advert_int 0", "advert_int 300",
        "advert_int x", "advert_int -1", "version 4", "version x", "preempt_delay 2000", "down_timer_adverts 0",
        "down_timer_adverts 200", "unicast_ttl 300", "garp_master_delay -1", "garp_master_refresh -1",
        "lower_prio_no_advert maybe", "skip_check_adv_addr maybe", "mcast_src_ip x", "mcast_dst_ip 192.0.2.77",
        "unicast_peer {\nx\n192.0.2.8\n}", "unicast_peer {\n192.0.2.8 min_ttl 300\n}",
        "unicast_peer {\n192.0.2.8 foo\n}", "authentication {\nauth_type FOO\nauth_pass x\n}",
        "authentication {\nauth_type PASS\n}", "track_interface {\neth1 weight 300\n}", "nosuch 1", "nosuch {\na b\n}",
        "track_script {\nnosuch\n}", "track_file {\nnosuch\n}",
    )),
    *((ADDRESS, words) for words in (
        "x", "192.0.2.4/33", "192.0.2.4 dev", "192.0.2.4 foo", "192.0.2.4 label", "192.0.2.4 scope foo",
        "192.0.2.4 label eth0:0123456789abcd", "192.0.2.4 brd x", "192.0.2.4 peer x", "192.0.2.4 dev eth0 dev eth1",
        "2001:db8::7 brd +", "192.0.2.04", "192.0.2.4-192.0.2.6",
    )),
    *((GLOBAL, words) for words in (
        "router_id", "default_interface", "vrrp_version 4", "vrrp_garp_master_delay -1", "vrrp_mcast_group4 192.0.2.1",
        "vrrp_mcast_group4 x", "vrrp_mcast_group6 192.0.2.1", "vrrp_down_timer_adverts 0", "nosuch",
        "vrrp_lower_prio_no_advert maybe",
    )),
    *((SERVICE, words) for words in (
        "persistence_timeout 3000000", "persistence_timeout x", "persistence_granularity x", "weight -1", "quorum 0",
        "delay_loop 0", "delay_loop x", "retry -1", "connect_timeout 0", "warmup -1", "ip_family inet7",
        "lb_algo nosuch", "lb_algo RR", "lb_kind nat", "protocol FOO", "sorry_server x 80",
        "sorry_server 10.0.0.9 80000",
        "sorry_server 2001:db8::1 80", "virtualhost", "real_server 10.0.0.1 80 {\n}", "real_server x 80 {\n}",
        "real_server 10.0.0.2 x {\n}", "real_server 2001:db8::1 80 {\n}",
    )),
    *((SERVER, words) for words in (
        "weight -1", "weight -5", "uthreshold -1", "lvs_method FOO", "inhibit_on_failure 1", "alpha 1", "delay_loop 0",
    )),
    *((CHECK, words) for words in (
        "connect_timeout 0", "connect_port 0", "connect_port x", "connect_ip x", "bindto x", "bind_port 0", "alpha 1",
        "fwmark -1", "delay_loop 0",
    )),
    ("%s", INSTANCE % "" + (INSTANCE % "").replace("_id 3", "_id 4")),
    ("%s", INSTANCE % "" + OTHER.replace(" W ", " ")),
    ("%s", INSTANCE % "" + OTHER.replace(" W ", " W X ")),
    ("%s", INSTANCE % "" + "vrrp_sync_group G {\ngroup {\nV\nnosuch\n}\n}\n"),
    ("%s", (INSTANCE % "").replace("192.0.2.3/24", "192.0.2.3/24\nfe80::4")),
    ("%s", "virtual_server x 80 {\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}\n" + SERVER % ""),
    ("%s", "virtual_server 192.0.2.1 http {\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}\n" + SERVER % ""),
]  # fmt: skip
# both run; one of the two, or both, have only a warning or nothing to say
WARNED = [
    *((INSTANCE, words) for words in (
        "state SLAVE", "state master", "unicast_src_ip 192.0.2.9\nunicast_peer {\n192.0.2.9\n192.0.2.8\n}",
        "unicast_peer {\n192.0.2.8/24\n}", "mcast_src_ip 192.0.2.9/24", "garp_master_repeat 0", "state MASTER x",
        "advert_int 0.5", "version 3\nadvert_int 50",
        "version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}", "smtp_alert maybe",
    )),
    *((SERVICE, words) for words in (
        "persistence_timeout 0", "alpha 1", "inhibit_on_failure maybe", "weight 65536", "lb_kind DR type ipip",
        "omega 1", "hysteresis 5", "sorry_server 10.0.0.9 80 x",
    )),
    (SERVER, "weight 65536"),
    (GLOBAL, "vrrp_rt_priority 200"),
    ("%s", INSTANCE % "" + OTHER),
    ("%s", "vrrp_sync_group G {\ngroup {\nV\nW\n}\n}\n" + INSTANCE % "" + OTHER),
    ("%s", SERVER % "" + SERVER % ""),
    ("%s", (SERVER % "").replace("80 {\nlb_algo", "80 dev eth0 {\nlb_algo")),
    ("%s", (SERVER % "").replace("10.0.0.1 80", "10.0.0.1/24 80 x").replace("192.0.2.1", "192.0.2.1/64")),
    ("%s", (SERVER % "").replace("192.0.2.1 80", "192.0.2.1")),
    ("%s", (CHECK % "").replace("TCP_CHECK", "TCP_CHECK x")),
    ("%s", "global_defs x {\n}\n" + INSTANCE % ""),
    ("%s", "include none/*.conf\ninclude a b\ninclude none.conf\ninclude .\n" + INSTANCE % ""),
]  # fmt: skip
# neither runs
REFUSED = [
    (INSTANCE, "priority"), (INSTANCE, "interface"), (INSTANCE, "state"), (INSTANCE, "garp_master_delay"),
    (INSTANCE, "mcast_src_ip fe80::1"), (INSTANCE, "mcast_dst_ip ff02::77"),
    (SERVICE, "lb_algo"), (SERVER, "weight"),
    ("%s", (INSTANCE % "").replace("interface eth0\n", "")),
    ("%s", (INSTANCE % "").replace("virtual_router_id 3\n", "")),
    ("%s", (INSTANCE % "").replace("_id 3", "_id 300")),
    ("%s", (INSTANCE % "").replace("192.0.2.3/24", "x").replace("priority 9", "version 3")),
    ("%s", INSTANCE % "" + OTHER.replace("_id 4", "_id 3")),
    ("%s", (SERVER % "").replace("virtual_server 192.0.2.1 80", "virtual_server")),
]  # fmt: skip
# keepalived runs, with something else than its default or than what is written; we do not
OTHERWISE = [
    *((INSTANCE, words) for words in (
        "garp_master_delay x", "garp_master_delay 0.5", "garp_master_repeat 300", "preempt_delay x",
        "unicast_peer {\nx\n}", "virtual_ipaddress_excluded 192.0.2.5",
        "unicast_src_ip 192.0.2.9\nunicast_peer {\n192.0.2.9\n}",
    )),
    (ADDRESS, "192.0.2.4/x"), (ADDRESS, "192.0.2.4/24/24"), (ADDRESS, "192.0.2.4/"), (ADDRESS, "0.0.0.0"),
    (SERVICE, "delay_loop 1.5s"), (SERVICE, "weight x"), (SERVICE, "persistence_granularity 255.0.255.0"),
    (SERVER, "weight 1.5"), (SERVER, "uthreshold 3\nlthreshold 5"), (CHECK, "fwmark x"),
    ("%s", INSTANCE % "" + "}\n"), ("%s", (INSTANCE % "")[:-2]),
]  # fmt: skip


def ours(folder: Path, text: str) -> tuple[bool, int]:
    """(whether a daemon would run it, the exit code of -t)."""
    path = folder / "ours.conf"
    path.write_text(text)
    loaded = conf.load(path)
    return not loaded.refused, exit_code(loaded.findings)


def starts(host: Host, number: int, text: str) -> bool:
    """Whether keepalived runs with it.  Its checker needs IPVS to be seen running: there -t must not have given up."""
    if "virtual_server" in text:
        return keepalived(host, text)[0] in (0, 5, 6)
    file, log = host.folder / f"{number}.conf", host.folder / f"{number}.log"
    file.write_text(text)
    pids = ["-p", str(host.folder / f"{number}.pid"), "-r", str(host.folder / f"{number}-vrrp.pid")]
    process = host.start("keepalived", "-n", "-l", "-P", "-f", str(file), *pids, log=log)
    eventually(lambda: process.poll() is not None or " STATE" in log.read_text(errors="replace"), 10)
    running = process.poll() is None
    if running:
        end(process)
    return running


def unlike(host: Host, cases: list[tuple[str, str]], expected: tuple[bool, bool]) -> list[Any]:
    """The cases in which (keepalived runs it, we run it) is something else."""
    found = []
    for number, (template, words) in enumerate(cases):
        text = template % words
        both = (starts(host, number, text), ours(host.folder, text)[0])
        found += [] if both == expected else [(both, words)]
    return found


@pytest.mark.beside
def test_what_is_reported_by_both_runs_in_both(network: Network) -> None:
    assert unlike(director(network), REPORTED, (True, True)) == []


@pytest.mark.parametrize(("template", "words"), REPORTED)
def test_what_is_reported_is_an_error_of_t(tmp_path: Path, template: str, words: str) -> None:
    assert ours(tmp_path, template % words) == (True, 5)


@pytest.mark.beside
def test_the_exit_codes_are_alike(network: Network) -> None:
    host = director(network)
    assert [words for template, words in REPORTED if keepalived(host, template % words)[0] != 5] == []


@pytest.mark.beside
def test_what_is_only_warned_of_runs_in_both(network: Network) -> None:
    assert unlike(director(network), WARNED, (True, True)) == []


@pytest.mark.beside
def test_what_does_not_run_there_does_not_run_here(network: Network) -> None:
    assert unlike(director(network), REFUSED, (False, False)) == []


@pytest.mark.beside
def test_what_keepalived_reads_as_something_else_does_not_run_here(network: Network) -> None:
    assert unlike(director(network), OTHERWISE, (True, False)) == []
