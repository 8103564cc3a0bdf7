# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effect of every keyword of services and checks that a worker's derived values show; see live_effects.py."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5
from ipaddress import ip_address
from operator import attrgetter
from typing import Any

import pytest
from effects import SERVER, Effect, Look, check, globally, page, rows, server, service
from lvsd.check.planned_check import PlannedCheck
from lvsd.check.pool import Pool, Standing, destinations, needed, pools
from lvsd.check.probe.http_response import Answer, Question
from lvsd.check.probe.regex_child import FOUND, JOB, search
from lvsd.check.probe.regex_search import job
from lvsd.check.probe_spec import HttpProbe, Page
from lvsd.model import Configuration

BODY = b"The quick brown fox\n"
DIGEST = md5(BODY, usedforsecurity=False).hexdigest()


def pool(configuration: Configuration) -> Pool:
    return next(iter(pools(configuration).values()))


def asked(name: str) -> Look:
    """A field of the service that the kernel shall hold."""
    return lambda configuration: attrgetter(name)(pool(configuration).service)


def key(name: str) -> Look:
    return lambda configuration: attrgetter(name)(pool(configuration).key)


def pooled(name: str) -> Look:
    return lambda configuration: attrgetter(name)(pool(configuration))


def member(name: str) -> Look:
    """A field of the first real server."""
    return lambda configuration: attrgetter(name)(next(iter(pool(configuration).members.values())))


def held(*, up: bool) -> Look:
    """What the kernel holds while every server is up, or down: server -> weight."""

    def look(configuration: Configuration) -> dict[str, int]:
        found = pool(configuration)
        standings = dict.fromkeys(found.members, Standing(up=up))
        return {key.endpoint: held.weight for key, held in destinations(found, standings, up).items()}

    return look


def sorry(name: str) -> Look:
    def look(configuration: Configuration) -> Any:
        found = pool(configuration).sorry
        return None if found is None else attrgetter(name)(found)

    return look


def to_keep(configuration: Configuration) -> int:
    """The weight that a service needs to keep its quorum."""
    return needed(pool(configuration), True)


def plan(configuration: Configuration) -> PlannedCheck:
    found: PlannedCheck = member("plans")(configuration)[0]
    return found


def pages(configuration: Configuration) -> tuple[Page, ...]:
    probe = plan(configuration).probe
    assert isinstance(probe, HttpProbe)
    return probe.pages


def timed(name: str) -> Look:
    return lambda configuration: attrgetter(name)(plan(configuration).schedule)


def probed(name: str) -> Look:
    return lambda configuration: attrgetter(name)(plan(configuration).probe)


def kinds(configuration: Configuration) -> list[str]:
    return [plan.kind for plan in member("plans")(configuration)]


def request(configuration: Configuration) -> bytes:
    return pages(configuration)[0].request


def answered(status: int) -> Look:
    """Whether a check passes that gets this status and BODY."""

    def look(configuration: Configuration) -> bool:
        page = pages(configuration)[0]
        answer = Answer(page)
        head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
        verdict = answer.feed(head + BODY) or answer.end()
        if isinstance(verdict, Question):
            _seconds, flags, regex, _body = JOB.unpack_from(asked := job(page, verdict.body))
            verdict = verdict.judge(search(asked[JOB.size :][:regex], flags, verdict.body) == FOUND)
        return verdict.passed

    return look


TIMING = (
    ("connect_timeout", "connect_timeout 2", timed("connect_timeout"), 5.0, 2.0),
    ("retry", "retry 4", timed("retry"), 1, 4),
    ("delay_before_retry", "delay_before_retry 7", timed("delay_before_retry"), 1.0, 7.0),
    ("delay_loop", "delay_loop 9", timed("delay_loop"), 60.0, 9.0),
    ("warmup", "warmup 8", timed("warmup"), 60.0, 8.0),
    ("alpha", "alpha", timed("alpha"), False, True),
)
OTHER_DEFAULTS: dict[str, dict[str, object]] = {
    "HTTP_GET": {"delay_before_retry": 3.0},
    "SSL_GET": {"delay_before_retry": 3.0},
    "MISC_CHECK": {"retry": 0},
}
TARGET = (
    ("connect_ip", "connect_ip 10.0.0.99", probed("target.host"), "10.0.0.11", "10.0.0.99"),
    ("connect_port", "connect_port 8080", probed("target.port"), 80, 8080),
    ("bindto", "bindto 10.0.0.1", probed("target.bindto"), None, ip_address("10.0.0.1")),
    ("bind_port", "bind_port 1024", probed("target.bind_port"), None, 1024),
    ("bind_if", "bind_if eth0", probed("target.bind_if"), None, "eth0"),
    ("fwmark", "fwmark 5", probed("target.fwmark"), None, 5),
)
NEEDED = {"TCP_CHECK": "", "HTTP_GET": "url {\n path /\n }", "SSL_GET": "url {\n path /\n }"}
NEEDED["MISC_CHECK"] = "misc_path /bin/true"
TCP = SERVER.replace("@", "TCP_CHECK {\n }")


def generic(name: str) -> Iterable[Effect]:
    """The keywords that several checks share."""
    own = [(*row[:3], OTHER_DEFAULTS.get(name, {}).get(row[0], row[3]), row[4]) for row in TIMING]
    if name == "MISC_CHECK":
        return rows(name, check(name, NEEDED[name]), *own[1:])
    return rows(name, check(name, NEEDED[name]), *own, *TARGET)


HTTP = (
    (
        "http_protocol",
        "http_protocol 1.1",
        lambda c: request(c).split(b"\r\n")[0],
        b"GET / HTTP/1.0",
        b"GET / HTTP/1.1",
    ),
    ("virtualhost", "virtualhost www", lambda c: b"Host: www\r\n" in request(c), False, True),
    ("fast_recovery", "fast_recovery", probed("fast_recovery"), False, True),
    ("url", "url {\n path /b\n }", lambda c: len(pages(c)), 1, 2),
)
TWO = SERVER.replace("@", "") + "\n" + SERVER.replace("11", "12").replace("@", "")
SORRY = "sorry_server 10.0.0.99 8080"

EFFECTS = [
    *rows(
        "global_defs",
        globally(server().replace("@", "MISC_CHECK {\n misc_path /bin/true\n }")),
        ("script_user", "script_user daemon bin", probed("command.user"), None, "daemon"),
        ("script_user", "script_user daemon bin", probed("command.group"), None, "bin"),
    ),
    *rows(
        "",
        service().replace("@", "") + "@",
        ("virtual_server", service(address="192.0.2.11 80").replace("@", ""), lambda c: len(pools(c)), 1, 2),
    ),
    *rows(
        "virtual_server",
        service(),
        ("lb_algo", "lb_algo sh", asked("scheduler"), "wlc", "sh"),
        ("lb_kind", "lb_kind DR", member("destination.forwarding.name"), "MASQUERADE", "DIRECT"),
        ("persistence_timeout", "persistence_timeout 50", asked("persistence_timeout"), 0, 50),
        ("protocol", "protocol SCTP", key("protocol"), "TCP", "SCTP"),
        ("weight", "weight 7", member("destination.weight"), 1, 7),
        ("quorum_up", 'quorum_up "/bin/up"', lambda c: pooled("quorum_up")(c) is not None, False, True),
        ("quorum_down", 'quorum_down "/bin/down"', lambda c: pooled("quorum_down")(c) is not None, False, True),
        ("omega", "omega", pooled("omega"), False, True),
        ("inhibit_on_failure", "inhibit_on_failure", held(up=False), {}, {"10.0.0.11:80": 0}),
        ("sorry_server", "sorry_server 10.0.0.99 8080", held(up=False), {}, {"10.0.0.99:8080": 1}),
    ),
    *rows(
        "virtual_server",
        service(more="persistence_timeout 50"),
        ("persistence_granularity", "persistence_granularity 255.255.255.0", asked("persistence_netmask"), None, 24),
        ("persistence_engine", "persistence_engine sip", asked("persistence_engine"), "", "sip"),
    ),
    *rows(
        "virtual_server",
        service(more="protocol UDP"),
        ("ops", "ops", asked("one_packet"), False, True),
    ),
    *rows(
        "virtual_server",
        service(more="lb_algo sh"),
        ("flag-1", "flag-1", asked("flag_1"), False, True),
        ("flag-2", "flag-2", asked("flag_2"), False, True),
        ("flag-3", "flag-3", asked("flag_3"), False, True),
        ("sh-fallback", "sh-fallback", asked("flag_1"), False, True),
        ("sh-port", "sh-port", asked("flag_2"), False, True),
    ),
    *rows(
        "virtual_server",
        service(more="lb_algo mh"),
        ("mh-fallback", "mh-fallback", asked("flag_1"), False, True),
        ("mh-port", "mh-port", asked("flag_2"), False, True),
    ),
    *rows(
        "virtual_server",
        service(TWO),
        ("quorum", "quorum 2", pooled("quorum"), 1, 2),
        ("real_server", SERVER.replace("11", "13").replace("@", ""), lambda c: len(pool(c).members), 2, 3),
    ),
    *rows("virtual_server", service(TWO, "quorum 2"), ("hysteresis", "hysteresis 1", to_keep, 2, 1)),
    *rows(
        "virtual_server",
        service(more=SORRY),
        (
            "sorry_server_lvs_method",
            "sorry_server_lvs_method DR",
            sorry("destination.forwarding.name"),
            "MASQUERADE",
            "DIRECT",
        ),
        (
            "sorry_server_inhibit",
            "sorry_server_inhibit",
            held(up=True),
            {"10.0.0.11:80": 1},
            {"10.0.0.11:80": 1, "10.0.0.99:8080": 0},
        ),
    ),
    *rows(
        "virtual_server",
        service("real_server 10.0.0.11 {\n }", address="fwmark 5")
        .replace("10.0.0.11", "2001:db8::1")
        .replace("protocol TCP", "lb_kind TUN"),
        ("ip_family", "ip_family inet", key("family"), 6, 4),
    ),
    *rows("virtual_server", service(TCP), *TIMING),
    *rows(
        "virtual_server",
        service(SERVER.replace("@", "HTTP_GET {\n url {\n path /\n }\n }")),
        ("virtualhost", "virtualhost www", lambda c: b"Host: www\r\n" in request(c), False, True),
    ),
    *rows("real_server", server("TCP_CHECK {\n }"), *TIMING),
    *rows(
        "real_server",
        server("HTTP_GET {\n url {\n path /\n }\n }"),
        ("virtualhost", "virtualhost www", lambda c: b"Host: www\r\n" in request(c), False, True),
    ),
    *rows(
        "real_server",
        server(),
        ("weight", "weight 7", member("destination.weight"), 1, 7),
        ("lvs_method", "lvs_method DR", member("destination.forwarding.name"), "MASQUERADE", "DIRECT"),
        ("uthreshold", "uthreshold 100", member("destination.upper_threshold"), 0, 100),
        ("lthreshold", "lthreshold 50", member("destination.lower_threshold"), 0, 50),
        ("inhibit_on_failure", "inhibit_on_failure", held(up=False), {}, {"10.0.0.11:80": 0}),
        ("notify_up", 'notify_up "/bin/up"', lambda c: member("notify_up")(c) is not None, False, True),
        ("notify_down", 'notify_down "/bin/down"', lambda c: member("notify_down")(c) is not None, False, True),
        *((name, f"{name} {{\n {NEEDED[name]}\n }}", kinds, [], [name]) for name in NEEDED),
    ),
    *(effect for name in NEEDED for effect in generic(name)),
    *rows("HTTP_GET", check("HTTP_GET", NEEDED["HTTP_GET"]), *HTTP),
    *rows("SSL_GET", check("SSL_GET", NEEDED["SSL_GET"]), *HTTP),
    *rows(
        "SSL_GET",
        check("SSL_GET", NEEDED["SSL_GET"] + "\n virtualhost www"),
        ("enable_sni", "enable_sni", lambda c: pages(c)[0].server_name, None, "www"),
    ),
    *rows(
        "MISC_CHECK",
        check("MISC_CHECK", "misc_path /bin/true"),
        ("misc_path", 'misc_path "/bin/other x"', probed("command.words"), ("/bin/true",), ("/bin/other", "x")),
        ("user", "user daemon bin", probed("command.user"), None, "daemon"),
        ("user", "user daemon bin", probed("command.group"), None, "bin"),
        ("misc_timeout", "misc_timeout 3", timed("connect_timeout"), 60.0, 3.0),
        ("misc_dynamic", "misc_dynamic", probed("dynamic"), False, True),
    ),
    *rows(
        "url",
        page(),
        ("path", "path /health", lambda c: request(c).split(b" ")[1], b"/", b"/health"),
        ("status_code", "status_code 301", answered(301), False, True),
        ("virtualhost", "virtualhost www", lambda c: b"Host: www\r\n" in request(c), False, True),
        ("digest", "digest 00000000000000000000000000000000", answered(200), True, False),
        ("digest", f"digest {DIGEST}", lambda c: pages(c)[0].digest, None, DIGEST),
        ("regex", 'regex "lazy"', answered(200), True, False),
    ),
    *rows("url", page('regex "quick"'), ("regex_no_match", "regex_no_match", answered(200), True, False)),
    *rows("url", page('regex "QUICK"'), ("regex_options", "regex_options caseless", answered(200), False, True)),
]


TUNNEL = service(more="lb_kind TUN @").replace("TUN @\n @", "TUN @")
WORDS = [
    *rows(
        "lb_kind",
        TUNNEL,
        ("type", "type gre", member("destination.tunnel_type.name"), "IPIP", "GRE"),
        ("port", "type gue port 6080", member("destination.tunnel_port"), 0, 6080),
    ),
    *rows(
        "lb_kind",
        TUNNEL.replace("TUN @", "TUN type gue port 6080 @"),
        ("csum", "csum", member("destination.tunnel_flags.name"), "NOCSUM", "CSUM"),
        ("remcsum", "remcsum", member("destination.tunnel_flags.name"), "NOCSUM", "REMCSUM"),
    ),
]


@pytest.mark.parametrize("effect", [*EFFECTS, *WORDS], ids=str)
def test_a_keyword_has_its_effect(effect: Effect) -> None:
    assert effect.seen("") == effect.without
    assert effect.seen(effect.said) == effect.with_it
    assert effect.without != effect.with_it
