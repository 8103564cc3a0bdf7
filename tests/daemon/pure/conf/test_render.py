# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical text of a model: the grammar's order, no defaults, kept words last, quotes where they are needed."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.real_server import REAL_SERVER
from lvsd.conf.parser import Quoted
from lvsd.conf.render import as_read, child, plan, render, said, sharing
from lvsd.model import (
    Command,
    Configuration,
    GlobalDefs,
    HttpCheck,
    KeptCheck,
    MiscCheck,
    Notify,
    RealServer,
    SslContext,
    Statement,
    SyncGroup,
    TcpCheck,
    Url,
    VirtualAddress,
    VirtualRouter,
    VirtualServer,
)

V4 = ip_address("192.0.2.1")


def test_an_empty_configuration_is_an_empty_text() -> None:
    assert render(Configuration()) == ""


def test_a_whole_configuration() -> None:
    address = VirtualAddress(address=V4, prefix_length=24)
    configuration = Configuration(
        global_defs=GlobalDefs(router_id="a b", kept=(Statement(("vrrp_strict",)),)),
        routers=(VirtualRouter(name="VI_1", vrid=51, interface="eth0", preempt=False, addresses=(address,)),),
        sync_groups=(SyncGroup(name="G", members=("VI_1",)),),
        ssl=SslContext(ca="/etc/ca.pem"),
        virtual_servers=(
            VirtualServer(
                address=V4,
                port=80,
                protocol="TCP",
                real_servers=(RealServer(address=V4, port=8080, checks=(TcpCheck(),)),),
            ),
        ),
        kept=(Statement(("virtual_server", "group", "G"), ()), Statement(("track_file", "F"), ())),
    )
    assert render(configuration) == (
        "global_defs {\n"
        '    router_id "a b"\n'
        "    vrrp_strict\n"
        "}\n"
        "\n"
        "track_file F {\n"
        "}\n"
        "\n"
        "vrrp_sync_group G {\n"
        "    group {\n"
        "        VI_1\n"
        "    }\n"
        "}\n"
        "\n"
        "vrrp_instance VI_1 {\n"
        "    interface eth0\n"
        "    virtual_router_id 51\n"
        "    nopreempt\n"
        "    virtual_ipaddress {\n"
        "        192.0.2.1/24\n"
        "    }\n"
        "}\n"
        "\n"
        "SSL {\n"
        "    ca /etc/ca.pem\n"
        "}\n"
        "\n"
        "virtual_server 192.0.2.1 80 {\n"
        "    lb_algo wlc\n"
        "    lb_kind NAT\n"
        "    protocol TCP\n"
        "    real_server 192.0.2.1 8080 {\n"
        "        TCP_CHECK {\n"
        "        }\n"
        "    }\n"
        "}\n"
        "\n"
        "virtual_server group G {\n"
        "}\n"
    )


def test_what_is_kept_stands_before_what_may_use_it() -> None:
    router = VirtualRouter(name="V", vrid=1)
    kept = Statement(("track_file", "F"), ())
    assert render(Configuration(routers=(router,), kept=(kept,))).startswith("track_file F {\n}\n\nvrrp_instance V {")


def test_each_check_is_written_by_the_block_that_fits_it() -> None:
    checks = (
        HttpCheck(urls=(Url(path="/a"),)),
        HttpCheck(tls=True, urls=(Url(),)),
        MiscCheck(command=Command(("/bin/x", "a b"), "games")),
        KeptCheck(statement=Statement(("PING_CHECK",), ())),
    )
    text: list[str] = []
    for check in checks:
        child(text, "    ", sharing(REAL_SERVER, "checks"), check)
    assert text == [
        "    HTTP_GET {",
        "        url {",
        "            path /a",
        "        }",
        "    }",
        "    SSL_GET {",
        "        url {",
        "            path /",
        "        }",
        "    }",
        "    MISC_CHECK {",
        '        misc_path "/bin/x \\042a b\\042"',
        "        user games",
        "    }",
        "    PING_CHECK {",
        "    }",
    ]
    with pytest.raises(TypeError, match="no block holds str"):
        child(text, "", sharing(REAL_SERVER, "checks"), "a text")


def test_a_name_that_is_a_keyword_is_quoted_behind_the_words_that_are_needed() -> None:
    router = VirtualRouter(name="V", vrid=1, notify=Notify(any=Command(("/bin/x",), "priority")))
    assert '    notify /bin/x "priority"' in render(Configuration(routers=(router,))).splitlines()


def test_words_that_are_kept_are_written_as_they_were_read() -> None:
    assert as_read(("a", Quoted("b c", "'b c'"), "d;e")) == "a 'b c' d;e"
    assert as_read(("a b", "", "x{")) == '"a b" "" "x{"'


def test_only_what_differs_from_the_default_is_said() -> None:
    assert said(VirtualRouter(name="V", vrid=1)) == {"name", "vrid"}
    assert said(VirtualRouter(name="V", vrid=1, priority=5, kept=())) == {"name", "vrid", "priority"}
    assert [entry.name for entry in plan(ROOT, frozenset({"ssl", "routers"}))] == ["vrrp_instance", "SSL"]


def test_the_same_object_is_rendered_once() -> None:
    configuration = Configuration(global_defs=GlobalDefs(router_id="once"))
    assert render(configuration) is render(configuration)
