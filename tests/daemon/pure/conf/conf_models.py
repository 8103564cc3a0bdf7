# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies for configurations that mean something: none of them needs a correction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st
from lvsd import model as m
from lvsd.conf.grammar.http_check import PCRE_OPTIONS
from lvsd.conf.grammar.root import uses_others
from lvsd.conf.grammar.virtual_server import FLAGS, SCHEDULERS

Strategy = st.SearchStrategy[Any]

WORDS = st.text(min_size=1, max_size=12)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='"'), min_size=1, max_size=12
)
TEXTS = TEXTS.filter(lambda word: not word.endswith("\\") and "${" not in word)  # what a word without escapes can say
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,11}", fullmatch=True)
PORTS = st.integers(1, 65535)
ADDRESSES = {4: st.ip_addresses(v=4), 6: st.ip_addresses(v=6)}
HOSTS = {
    family: found.filter(lambda a: not (a.is_unspecified or a.is_multicast or str(a) == "255.255.255.255"))
    for family, found in ADDRESSES.items()
}


def maybe(strategy: Strategy) -> Strategy:
    return st.none() | strategy


def times(least: float, most: float) -> Strategy:
    """Seconds with a resolution of a microsecond."""
    return st.integers(round(least * 10**6), round(most * 10**6)).map(lambda n: n / 10**6)


def whole_times(least: int, most: int) -> Strategy:
    return st.integers(least, most).map(float)


def some(model: Callable[..., Any], needed: Mapping[str, Strategy] | None = None, /, **optional: Strategy) -> Strategy:
    """An object with all needed and any of the optional fields set."""
    return st.fixed_dictionaries(needed or {}, optional=optional).map(lambda fields: model(**fields))


def unique(strategy: Strategy, key: Callable[[Any], Any], least: int = 0, most: int = 3) -> Strategy:
    return st.lists(strategy, min_size=least, max_size=most, unique_by=key).map(tuple)


def statements(*statements: m.Statement) -> Strategy:
    return st.lists(st.sampled_from(statements), max_size=2).map(tuple)


@st.composite
def commands(draw: st.DrawFn) -> m.Command:
    user = draw(maybe(NAMES))
    words = draw(st.lists(WORDS, min_size=1, max_size=3))
    words[0] = f"/{words[0]}"  # else it is an error
    return m.Command(tuple(words), user, draw(maybe(NAMES)) if user else None)


# --- VRRP ----------------------------------------------------------------------------------------

ANNOUNCEMENTS = some(
    m.Announcements,
    delay=whole_times(0, 86400),
    repeat=st.integers(1, 255),
    refresh=whole_times(0, 86400),
    refresh_repeat=st.integers(1, 255),
    lower_priority_delay=whole_times(0, 86400),
    lower_priority_repeat=st.integers(0, 255),
)
NOTIFY = {name: commands() for name in ("active", "backup", "fault", "stop", "deleted", "any")}
TRACKED = unique(st.builds(m.TrackedInterface, NAMES, st.integers(-253, 253), st.booleans()), lambda t: t.name)
PASSWORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='"$'), min_size=1, max_size=8
).filter(lambda word: len(word.encode()) <= 8 and not word.endswith("\\"))


def virtual_addresses(family: int) -> Strategy:
    return some(
        m.VirtualAddress,
        {"address": HOSTS[family], "prefix_length": st.integers(0, 32 if family == 4 else 128)},
        label=NAMES,
        scope=st.sampled_from(["site", "link", "host", "nowhere", "global", "7"]),
        broadcast=st.sampled_from(["+", "-"]) | HOSTS[4].map(str) if family == 4 else st.none(),
        peer=HOSTS[family].map(str),
        home=st.booleans(),
        nodad=st.booleans(),
        mngtmpaddr=st.booleans(),
        noprefixroute=st.booleans(),
        autojoin=st.booleans(),
        preferred_lft=st.sampled_from(["0", "forever", "600"]),
        use_vmac=st.booleans(),
        no_track=st.booleans(),
        track_group=NAMES,
    )


@st.composite
def routers(draw: st.DrawFn) -> m.VirtualRouter:
    family = draw(st.sampled_from([4, 6]))
    version = draw(st.sampled_from([2, 3])) if family == 4 else 3
    unit = 1 if version == 2 else 100
    found = draw(unique(virtual_addresses(family), lambda a: a.address, 1, 4))
    split = draw(st.integers(1, len(found)))
    peers = draw(unique(st.builds(m.UnicastPeer, HOSTS[family], *[maybe(st.just(200))] * 2), lambda p: p.address))
    router = draw(
        some(
            m.VirtualRouter,
            {"name": TEXTS, "vrid": st.integers(1, 255), "interface": NAMES, "priority": st.integers(1, 254)},
            initial_state=st.just("MASTER"),
            down_timer_adverts=st.integers(1, 100),
            source=HOSTS[family].filter(lambda a: a not in [peer.address for peer in peers]),
            multicast_group=st.just(IPv4Address("224.0.0.99") if family == 4 else IPv6Address("ff02::99")),
            unicast_ttl=st.integers(0, 255),
            check_unicast_source=st.booleans(),
            checksum_as_v2=st.booleans(),
            skip_check_adv_addr=st.booleans(),
            lower_prio_no_advert=st.booleans(),
            higher_prio_send_advert=st.booleans(),
            dont_track_primary=st.booleans(),
            authentication=st.builds(m.Authentication, st.sampled_from(["PASS", "AH"]), PASSWORDS),
            track_interfaces=TRACKED,
            announcements=ANNOUNCEMENTS,
            notify=some(m.Notify, **NOTIFY, active_rx_lower_priority=commands()),
            kept=statements(
                m.Statement(("use_vmac", "vrrp.1")),
                m.Statement(("virtual_routes",), (m.Statement(("a", "weight", "-2")),)),
            ),
        )
    )
    backup = router.initial_state == "BACKUP"
    preempt = not backup or draw(st.booleans())
    return replace(
        router,
        version=version,
        advertisement_interval=draw(st.integers(1, 255 if version == 2 else 4095)) / unit,
        preempt=preempt,
        preempt_delay=draw(times(0, 1000)) if backup and preempt else 0.0,
        authentication=router.authentication if version == 2 else None,
        unicast_peers=peers,
        addresses=found[:split],
        excluded_addresses=found[split:],
    )


@st.composite
def vrrp(draw: st.DrawFn) -> tuple[tuple[m.VirtualRouter, ...], tuple[m.SyncGroup, ...]]:
    """Instances on an interface each, some of them in groups."""
    found = draw(unique(routers(), lambda r: r.name, 0, 3))
    found = tuple(replace(router, interface=f"eth{index}") for index, router in enumerate(found))
    cut = draw(st.integers(0, len(found)))
    groups = tuple(
        replace(
            draw(
                some(
                    m.SyncGroup,
                    {"name": st.just(f"G{index}")},
                    track_interfaces=TRACKED,
                    notify=some(m.Notify, **NOTIFY),
                )
            ),
            members=tuple(router.name for router in members),
        )
        for index, members in enumerate([found[:cut], found[cut:]])
        if members
    )
    return found, groups


# --- IPVS ----------------------------------------------------------------------------------------

DAY = 86400.0
TIMING = {
    "retry": st.integers(0, 100),
    "delay_before_retry": times(0, DAY),
    "delay_loop": times(0.000001, DAY),
    "warmup": times(0, DAY),
    "alpha": st.booleans(),
}
FULL_TIMING = some(m.CheckTiming, **TIMING, connect_timeout=times(0.000001, DAY))
METHODS = st.sampled_from(
    [
        m.Method(),
        m.Method(forwarding=m.Forwarding.DR),
        m.Method(forwarding=m.Forwarding.TUN),
        m.Method(forwarding=m.Forwarding.TUN, tunnel_type="gue", tunnel_port=6080, tunnel_flags="remcsum"),
        m.Method(forwarding=m.Forwarding.TUN, tunnel_type="gre", tunnel_flags="csum"),
    ]
)
DIGESTS = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)


def targets(family: int) -> Strategy:
    return some(
        m.CheckTarget,
        connect_ip=ADDRESSES[family],
        connect_port=PORTS,
        bindto=ADDRESSES[family],
        bind_port=PORTS,
        bind_if=NAMES,
        fwmark=st.integers(0, 2**32 - 1),
    )


URLS = some(
    m.Url,
    path=TEXTS,
    status_codes=st.lists(st.sampled_from([(200, 200), (200, 299), (404, 404)]), min_size=1, max_size=2).map(tuple),
    digest=DIGESTS,
    virtualhost=TEXTS,
    regex=st.sampled_from([r"a\d+", "it's", '"ok"', "^[a-z]{2,3}$", " # "]),
    regex_no_match=st.booleans(),
    regex_options=st.lists(st.sampled_from(sorted(PCRE_OPTIONS)), min_size=1, max_size=2).map(tuple),
)


@st.composite
def http_checks(draw: st.DrawFn, family: int) -> m.HttpCheck:
    tls = draw(st.booleans())
    return draw(
        some(
            m.HttpCheck,
            {"tls": st.just(tls), "urls": st.lists(URLS, min_size=1, max_size=2).map(tuple)},
            http_protocol=st.sampled_from(["1.0", "1.0C", "1.1"]),
            virtualhost=TEXTS,
            enable_sni=st.just(tls),
            fast_recovery=st.booleans(),
            timing=FULL_TIMING,
            target=targets(family),
        )
    )


WITHOUT_PORT = some(
    m.MiscCheck,
    {"command": commands()},
    timeout=whole_times(1, 86400),
    dynamic=st.booleans(),
    timing=some(m.CheckTiming, **TIMING),
) | st.just(m.KeptCheck(statement=m.Statement(("DNS_CHECK",), (m.Statement(("name", "example.org")),))))


def checks(family: int) -> Strategy:
    tcp = some(m.TcpCheck, timing=FULL_TIMING, target=targets(family))
    return st.one_of(tcp, http_checks(family), WITHOUT_PORT)


def real_servers(family: int, port: int | None, checks: Strategy) -> Strategy:
    return some(
        m.RealServer,
        {"address": ADDRESSES[family], "weight": st.integers(1, 65535), "port": st.just(port)},
        method=METHODS,
        upper_threshold=st.integers(100, 2**32 - 1),
        lower_threshold=st.integers(0, 100),
        inhibit_on_failure=st.booleans(),
        virtualhost=TEXTS,
        timing=FULL_TIMING,
        notify_up=commands(),
        notify_down=commands(),
        checks=st.lists(checks, max_size=2).map(tuple),
        kept=statements(m.Statement(("snmp_name", "a b")), m.Statement(("smtp_alert", "off"))),
    )


@st.composite
def services(draw: st.DrawFn) -> m.VirtualServer:
    family = draw(st.sampled_from([4, 6]))
    port = draw(PORTS)
    key = draw(
        st.fixed_dictionaries(
            {"address": ADDRESSES[family], "port": st.just(port), "protocol": st.sampled_from(["TCP", "UDP", "SCTP"])}
        )
        | st.fixed_dictionaries(
            {"fwmark": st.integers(1, 2**32 - 1), "ip_family": st.just("inet" if family == 4 else "inet6")},
            optional={"protocol": st.just("TCP")},
        )
    )
    marked = "fwmark" in key
    servers = real_servers(family, None if marked else port, WITHOUT_PORT if marked else checks(family))
    service = draw(
        some(
            m.VirtualServer,
            {name: st.just(value) for name, value in key.items()},
            scheduler=st.sampled_from(SCHEDULERS),
            scheduler_flags=st.sets(st.sampled_from(FLAGS)).map(lambda found: tuple(f for f in FLAGS if f in found)),
            one_packet=st.just(key.get("protocol", "UDP") == "UDP"),
            method=METHODS,
            persistence_timeout=st.integers(1, 2678400),
            persistence_netmask=st.integers(1, 32 if family == 4 else 128),
            persistence_engine=st.just("sip"),
            weight=st.integers(0, 65535),
            quorum_up=commands(),
            quorum_down=commands(),
            sorry_server=some(
                m.SorryServer, {"address": ADDRESSES[family]}, port=PORTS, method=METHODS, inhibit=st.booleans()
            ),
            inhibit_on_failure=st.booleans(),
            omega=st.booleans(),
            virtualhost=TEXTS,
            timing=FULL_TIMING,
            real_servers=unique(servers, lambda r: r.address, 1, 3),
            kept=statements(m.Statement(("ha_suspend",))),
        ).filter(lambda service: service.real_servers)
    )
    quorum = draw(st.integers(1, sum(server.weight or 0 for server in service.real_servers)))
    return replace(service, quorum=quorum, hysteresis=draw(st.integers(0, quorum - 1)))


# --- the whole -----------------------------------------------------------------------------------

GLOBAL_DEFS = some(
    m.GlobalDefs,
    router_id=TEXTS,
    vrrp_version=st.sampled_from([2, 3]),
    vrrp_mcast_group4=st.just(IPv4Address("224.1.111.1")),
    vrrp_mcast_group6=st.just(IPv6Address("ff02::99")),
    default_interface=NAMES,
    vrrp_down_timer_adverts=st.integers(1, 100),
    vrrp_check_unicast_src=st.booleans(),
    vrrp_skip_check_adv_addr=st.booleans(),
    vrrp_lower_prio_no_advert=st.booleans(),
    vrrp_higher_prio_send_advert=st.booleans(),
    v3_checksum_as_v2=st.booleans(),
    vrrp_min_garp=st.booleans(),
    vrrp_garp_interval=times(0, 3600),
    vrrp_gna_interval=times(0, 3600),
    announcements=ANNOUNCEMENTS,
    script_user=NAMES,
    enable_script_security=st.booleans(),
    vrrp_rt_priority=st.integers(1, 99),
    vrrp_no_swap=st.booleans(),
    lvs_flush=st.booleans(),
    lvs_flush_on_stop=st.sampled_from(["", "VS"]),
    kept=statements(
        m.Statement(("notification_email",), (m.Statement(("a@example.org",)),)), m.Statement(("vrrp_strict",))
    ),
).map(lambda defs: replace(defs, script_group="adm") if defs.script_user else defs)


@st.composite
def configurations(draw: st.DrawFn) -> m.Configuration:
    found, groups = draw(vrrp())
    return m.Configuration(
        global_defs=draw(GLOBAL_DEFS),
        routers=found,
        sync_groups=groups,
        ssl=draw(maybe(some(m.SslContext, ca=TEXTS, certificate=TEXTS, key=TEXTS, password=TEXTS))),
        virtual_servers=draw(unique(services(), lambda s: (s.address, s.port, s.fwmark), 0, 2)),
        kept=draw(
            statements(
                m.Statement(("static_ipaddress",), (m.Statement(("192.0.2.1/24", "dev", "eth0")),)),
                m.Statement(("instance", "one")),
                m.Statement(
                    ("virtual_server", "group", "G"),
                    (m.Statement(("real_server", "192.0.2.9", "80"), (m.Statement(("weight", "1")),)),),
                ),
            ).map(lambda kept: tuple(sorted(kept, key=uses_others)))  # as they are read
        ),
    )
