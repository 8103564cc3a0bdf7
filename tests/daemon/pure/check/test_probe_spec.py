# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an HTTP probe asks for: the words of the request, the host, the name for SNI."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.check.probe_spec import HttpProbe, http_probe
from lvsd.model import HttpCheck, RealServer, Url, VirtualServer

VS = VirtualServer(address=ip_address("192.0.2.10"), port=80, protocol="TCP")
RS = RealServer(address=ip_address("10.0.0.11"))
HTTP = HttpCheck(urls=(Url(path="/health"),))


def probed(check: HttpCheck, virtual: VirtualServer = VS, real: RealServer = RS) -> HttpProbe:
    probe = http_probe(check, None, virtual, real)
    assert isinstance(probe, HttpProbe)
    return probe


REQUESTS = [
    (HTTP, b"GET /health HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 10.0.0.11:80\r\n\r\n"),
    (replace(HTTP, virtualhost="www"), b"GET /health HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: www\r\n\r\n"),
    (
        replace(HTTP, http_protocol="1.1"),
        b"GET /health HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: 10.0.0.11:80\r\n\r\n",
    ),
    (
        replace(HTTP, http_protocol="1.0C"),
        b"GET /health HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: 10.0.0.11:80\r\n\r\n",
    ),
]


@pytest.mark.parametrize(("check", "request_"), REQUESTS)
def test_the_request_is_worded_as_keepalived_does(check: HttpCheck, request_: bytes) -> None:
    assert probed(check).pages[0].request == request_


def test_an_ipv6_server_is_named_in_brackets() -> None:
    probe = probed(HTTP, real=RealServer(address=ip_address("2001:db8::11"), port=81))
    assert b"Host: [2001:db8::11]:81\r\n" in probe.pages[0].request


def test_the_nearest_virtualhost_is_used() -> None:
    virtual, real = replace(VS, virtualhost="vs"), replace(RS, virtualhost="rs")
    check = HttpCheck(tls=True, enable_sni=True, urls=(Url(virtualhost="url"), Url()))
    probe = probed(check, virtual, real)
    assert [page.request.split(b"Host: ")[1] for page in probe.pages] == [b"url\r\n\r\n", b"rs\r\n\r\n"]
    assert [page.server_name for page in probe.pages] == ["url", "rs"]
    silent = probed(replace(check, enable_sni=False), virtual, real)
    assert [page.server_name for page in silent.pages] == [None, None]
