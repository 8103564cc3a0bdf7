# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we render, `keepalived -t` takes; what it refuses for a slip, we refuse too."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.conf.findings import exit_code
from lvsd.vrrp import packet
from lvsd.vrrp.parameters import password
from network import Host, Network, end, eventually

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "conf").glob("*.conf"))
SAMPLES = Path("/usr/share/doc/keepalived/samples")
INTERFACES = dict.fromkeys(("eth0", "eth1", "eth2", "ens33", "ens37"), "lan")

# every keyword that is implemented and that keepalived 2.2.7 knows, each with a value of its own
EVERYTHING = """
global_defs {
    router_id "director one"
    default_interface eth0
    vrrp_version 3
    vrrp_mcast_group4 224.1.111.1
    vrrp_mcast_group6 ff02::99
    vrrp_garp_master_delay 2
    vrrp_garp_master_repeat 3
    vrrp_garp_master_refresh 60
    vrrp_garp_master_refresh_repeat 2
    vrrp_garp_lower_prio_delay 4
    vrrp_garp_lower_prio_repeat 2
    vrrp_garp_interval 0.001
    vrrp_gna_interval 0.000001
    vrrp_min_garp
    vrrp_down_timer_adverts 4
    vrrp_lower_prio_no_advert
    vrrp_higher_prio_send_advert
    vrrp_check_unicast_src
    vrrp_skip_check_adv_addr
    script_user root root
    enable_script_security
    vrrp_rt_priority 50
    vrrp_no_swap
    lvs_flush
    lvs_flush_on_stop VS
}

vrrp_sync_group G {
    group {
        VI_1
        VI_2
    }
    track_interface {
        eth2
    }
    notify_master "/bin/true 'an argument' more"
    notify /bin/true
}

vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    version 2
    advert_int 2
    nopreempt
    down_timer_adverts 5
    unicast_src_ip 192.0.2.9
    unicast_peer {
        192.0.2.8 min_ttl 250 max_ttl 255
        192.0.2.7
    }
    unicast_ttl 254
    check_unicast_src
    skip_check_adv_addr
    lower_prio_no_advert off
    higher_prio_send_advert off
    authentication {
        auth_type PASS
        auth_pass "k@l!ve #"
    }
    virtual_ipaddress {
        192.0.2.1/24 dev eth0 label eth0:1 scope link brd +
        192.0.2.2 no_track
    }
    virtual_ipaddress_excluded {
        2001:db8::1/64 dev eth1 -nodad preferred_lft 600
    }
    track_interface {
        eth1
    }
    garp_master_delay 1
    garp_master_repeat 1
    garp_master_refresh 30
    garp_master_refresh_repeat 1
    garp_lower_prio_delay 1
    garp_lower_prio_repeat 1
    notify_master /bin/true root root
    notify_backup /bin/true
    notify_fault /bin/true
    notify_stop /bin/true
    notify_deleted /bin/true
    notify_master_rx_lower_pri /bin/true
    notify "/bin/true with words"
}

vrrp_instance VI_2 {
    interface eth1
    virtual_router_id 51
    priority 100
    version 3
    advert_int 0.25
    preempt_delay 2.5
    mcast_src_ip fe80::5
    mcast_dst_ip ff02::77
    dont_track_primary
    virtual_ipaddress {
        fe80::100/64
        2001:db8:1::1/64
    }
}

SSL {
    ca /etc/ssl/certs/ca-certificates.crt
}

virtual_server 192.0.2.1 80 {
    protocol TCP
    lb_algo mh
    mh-port
    mh-fallback
    lb_kind NAT
    delay_loop 2.5
    connect_timeout 1.5
    retry 2
    delay_before_retry 0.5
    warmup 0
    alpha
    omega
    persistence_timeout 300
    persistence_granularity 255.255.255.0
    weight 2
    quorum 2
    hysteresis 1
    quorum_up "/bin/true up"
    quorum_down "/bin/true down"
    virtualhost www.example.org
    sorry_server 127.0.0.1 8080
    sorry_server_lvs_method NAT
    sorry_server_inhibit
    inhibit_on_failure
    real_server 10.0.0.1 8080 {
        weight 3
        uthreshold 1000
        lthreshold 900
        inhibit_on_failure off
        virtualhost a.example.org
        notify_up /bin/true
        notify_down /bin/true
        HTTP_GET {
            url {
                path "/a path?x={1}"
                status_code 200-204 301
                digest 640205b7b0fc66c1ea91c463fac6334d
                virtualhost b.example.org
                regex "it's \\\\d+ \\"ok\\" {2,3} # !"
                regex_options caseless multiline
            }
            http_protocol 1.1
            virtualhost c.example.org
            fast_recovery
            connect_ip 10.0.0.5
            connect_port 81
            bindto 10.0.0.9
            bind_port 1234
            bind_if eth0
            fwmark 5
            connect_timeout 2.25
            retry 0
            delay_loop 1
            warmup 0.5
            alpha off
        }
        SSL_GET {
            url {
                path /
            }
            enable_sni
        }
        TCP_CHECK {
        }
        MISC_CHECK {
            misc_path "/bin/true 'one two' three"
            user root root
            misc_timeout 5
            misc_dynamic
        }
    }
}

virtual_server 192.0.2.1 53 {
    protocol UDP
    lb_algo sh
    sh-port
    lb_kind DR
    ops
    real_server 10.0.0.1 53 {
    }
}

virtual_server fwmark 7 {
    ip_family inet6
    lb_algo wrr
    lb_kind TUN type gue port 6080 csum
    persistence_timeout 60
    persistence_granularity 64
    real_server 2001:db8::9 {
        lvs_method TUN type gre nocsum
    }
}

vrrp_instance VI_3 {
    interface eth2
    virtual_router_id 53
    priority 100
    virtual_ipaddress {
        10.0.0.1/24
    }
    track_interface {
        eth1 weight -20
        eth0 weight 10 reverse
    }
}
"""


# words of an instance, a virtual address
REFUSED = [
    ("", "192.0.2.3/24 brd ::1"),
    ("", "192.0.2.3/24 peer fe80::1"),
    ("", "fe80::5/64 peer 192.0.2.3"),
    ("", "fe80::5/64 brd 192.0.2.255"),
    ("", "fe80::5/64 brd +"),
    ("", "192.0.2.3/33"),
    ("", "192.0.2.3 scope 300"),
    ("", "192.0.2.3 label eth1:0123456789a"),
    ("", "192.0.2.3 dev averyveryverylong"),
    ("", "192.0.2.3 preferred_lft 4294967296"),
    ("mcast_src_ip fe80::1", "192.0.2.3"),
    ("mcast_dst_ip ff02::77", "192.0.2.3"),
    ("mcast_dst_ip 192.0.2.77", "192.0.2.3"),
    ("unicast_peer {\nfe80::5\n}", "192.0.2.3"),
    ("advert_int 0.004", "192.0.2.3"),
    ("advert_int 300", "192.0.2.3"),
    ('authentication {\nauth_type PASS\nauth_pass "a\\"b"\n}', "192.0.2.3"),
    ("$N = 7", "192.0.2.3"),
]
OVERLAPPING = "".join(
    f"vrrp_instance VI_{n} {{\ninterface eth0\nvirtual_router_id 9\npriority 1\n"
    f"unicast_peer {{\n192.0.2.8\n192.0.2.{n}\n}}\nvirtual_ipaddress {{\n192.0.2.{n}\n}}\n}}\n"
    for n in (3, 4)
)  # on two interfaces, or with sources of their own, keepalived tells them apart; we do not

# as they are written; `"` belongs to nobody's password, and a lone `}` ends keepalived's block
PASSWORDS = [
    "secret12", r"a\\b", r'"a\tb"', r'"\xff"', "'a b'", "'ab'", r"pa\#s\\s", 'a"b"c', '"a""b"', r"a\ b", '"a#b!"',
    r'"a\#b"', "it's", "a$b", '"a$b c"', "é", "1234567é", "a\\", "a!b", '"{"',
]  # fmt: skip


def keepalived(host: Host, text: str) -> tuple[int, str]:
    """(exit code, what it says) of keepalived -t."""
    path = host.folder / "keepalived.conf"
    path.write_text(text)
    words = ["ip", "netns", "exec", host.namespace, "keepalived", "-t", "-f", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def director(network: Network) -> Host:
    host = network.host("director", **INTERFACES)
    host.ip("addr add 192.0.2.9/24 dev eth0", "addr add 10.0.0.9/24 dev eth2")
    return host


def bare(value: Any) -> Any:
    """The same without the words that are only kept: keepalived has its own opinion of some of them."""
    if isinstance(value, tuple):
        return tuple(map(bare, value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes = {f.name: bare(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if "kept" in changes:
        changes["kept"] = ()
    return dataclasses.replace(value, **changes)


def test_everything_that_is_implemented(network: Network) -> None:
    loaded = conf.parse(EVERYTHING)
    assert not loaded.findings
    text = conf.render(loaded.configuration)
    assert conf.parse(text).configuration == loaded.configuration
    assert keepalived(director(network), text) == (0, "")


def test_the_topologies_that_users_arrive_with(network: Network) -> None:
    host = director(network)
    for path in FIXTURES:
        configuration = bare(conf.load(path).configuration)
        groups = tuple(group for group in configuration.sync_groups if len(group.members) > 1)
        text = conf.render(dataclasses.replace(configuration, sync_groups=groups))
        assert (path.name, *keepalived(host, text)) == (path.name, 0, "")


def test_the_samples_that_come_with_keepalived() -> None:
    """All of them are read; one holds a slip, which keepalived reports too."""
    samples = sorted(SAMPLES.glob("keepalived.conf.*"))
    assert len(samples) >= 25
    refused = {path.name for path in samples if conf.load(path, config_id="high").errors}  # as one of them wants it
    assert refused == {"keepalived.conf.vrrp.lvs_syncd"}  # members of a sync group without `group { }`
    for path in samples:
        configuration = conf.load(path, config_id="high").configuration
        assert conf.parse(conf.render(configuration)).configuration == configuration


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ("nonsense", 5),
        ("vrrip_instance VI_2 {\n}", 5),
        ("}", 5),
        ("vrrp_instance VI_1 {\nvirtual_router_id 9\n}", 5),
        ("vrrp_instance VI_2 {\ninterface eth1\nvirtual_router_id 300\nvirtual_ipaddress {\n192.0.2.3\n}\n}", 5),
        ("virtual_server 192.0.2.1 80 {\nlb_algo RR\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}", 5),
        ("virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind nat\nprotocol TCP\nreal_server 10.0.0.1 80 {\n}\n}", 5),
        ("virtual_server 192.0.2.1 80 {\nprotocol TCP\nreal_server 2001:db8::9 80 {\n}\n}", 5),
        *((f"vrrp_instance VI_2 {{\ninterface eth1\nvirtual_router_id 9\npriority 1\n{words}\n"
           f"virtual_ipaddress {{\n{address}\n}}\n}}", 5) for words, address in REFUSED),
        (OVERLAPPING, 5),
        ("$N = 7", 5),
        ("global_defs {\nscript_user root\n}\nvrrp_instance VI_2 {\ninterface eth1\nvirtual_router_id 9\npriority 1\n"
         "notify /bin/true\nvirtual_ipaddress {\n192.0.2.3\n}\n}", 6),
    ],
)  # fmt: skip
def test_what_keepalived_refuses_we_refuse(network: Network, slip: str, code: int) -> None:
    good = (
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 8\npriority 9\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n"
    )
    host = director(network)
    assert keepalived(host, good) == (0, "")
    assert keepalived(host, good + slip)[0] == code
    assert exit_code(conf.parse(good + slip).findings) == code


def instances(passwords: list[str]) -> str:
    return "".join(
        f"vrrp_instance VI_{n} {{\ninterface eth0\nvirtual_router_id {n}\npriority 9\n"
        f"authentication {{\nauth_type PASS\nauth_pass {password}\n}}\nvirtual_ipaddress {{\n10.1.0.{n}\n}}\n}}\n"
        for n, password in enumerate(passwords, 1)
    )


def dumped_passwords(host: Host, text: str, count: int) -> list[bytes]:
    """What a keepalived that runs `text` has read (-d)."""
    file, log = host.folder / "dump.conf", host.folder / "dump.log"
    file.write_text(text)
    log.unlink(missing_ok=True)
    pids = ["-p", str(host.folder / "dump.pid"), "-r", str(host.folder / "dump-vrrp.pid")]
    process = host.start("keepalived", "-n", "-l", "-d", "-P", "-f", str(file), *pids, log=log)

    def found() -> list[bytes]:
        rows = log.read_bytes().split(b"\n") if log.exists() else []
        return [row.partition(b"Password = ")[2] for row in rows if b"Password = " in row]

    eventually(lambda: len(found()) == count, 10)
    end(process)
    return found()


def test_a_password_is_the_same_bytes(network: Network) -> None:
    """As somebody wrote it, and as we render it."""
    host, text = director(network), instances(PASSWORDS)
    loaded = conf.parse(text)
    assert not loaded.errors
    ours = [password(router, loaded.configuration.global_defs) for router in loaded.configuration.routers]
    for one in (text, conf.render(loaded.configuration)):
        assert [packet.padded(found) for found in dumped_passwords(host, one, len(PASSWORDS))] == ours
