# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forwarding method: NAT and DR stand alone, TUN has options that have to belong together."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.method import METHOD, TUNNEL
from lvsd.model import Forwarding, Method

from tests.support.language import refused

TUN = Forwarding.TUN


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("NAT", Method(forwarding=Forwarding.NAT)),
        ("DR", Method(forwarding=Forwarding.DR)),
        ("TUN", Method(forwarding=TUN)),
        ("TUN type ipip", Method(forwarding=TUN, tunnel_type="ipip")),
        ("TUN type gre csum", Method(forwarding=TUN, tunnel_type="gre", tunnel_flags="csum")),
        ("TUN type gue port 0", Method(forwarding=TUN, tunnel_type="gue", tunnel_port=0)),
        (
            "TUN type gue port 65535 remcsum",
            Method(forwarding=TUN, tunnel_type="gue", tunnel_port=65535, tunnel_flags="remcsum"),
        ),
    ],
)
def test_a_method_is_read_and_written(line: str, method: Method) -> None:
    assert METHOD.read(tuple(line.split())) == method
    assert " ".join(METHOD.write(method, None) or ()) == line


def test_the_flag_may_stand_anywhere_and_the_last_one_counts() -> None:
    assert METHOD.read(("TUN", "csum", "type", "gre", "nocsum")).tunnel_flags == "nocsum"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("XXX", "ignored: 'XXX' is none of NAT, DR, TUN"),
        ("nat", "ignored: 'nat' is none of NAT, DR, TUN, did you mean NAT?"),
        ("TUN type vxlan", "fatal: type 'vxlan' is none of ipip, gue, gre"),
        ("TUN type gue", "fatal: TUN type gue and port N need each other"),
        ("TUN type gre port 1", "fatal: TUN type gue and port N need each other"),
        ("TUN port 1", "fatal: TUN type gue and port N need each other"),
        ("TUN type gue port 65536", "fatal: port '65536' is outside 0 to 65535"),
        ("TUN type", "fatal: 'type' needs a value"),
        ("TUN sum", "fatal: 'sum' is not known here; known are type, port"),
    ],
)
def test_what_is_refused(line: str, message: str) -> None:
    assert refused(METHOD.read, line) == message


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        ("NAT", None),
        ("TUN type gre", None),
        ("NAT type gre", "NAT takes no options, they belong to TUN: 'type gre' is ignored"),
        ("DR csum", "DR takes no options, they belong to TUN: 'csum' is ignored"),
    ],
)
def test_options_of_nat_and_dr_are_ignored_with_a_warning(line: str, remark: str | None) -> None:
    assert METHOD.remark(tuple(line.split())) == remark
    assert METHOD.read(tuple(line.split())).tunnel_type in (None, "gre")


def test_the_words_of_a_tunnel_are_described() -> None:
    assert [word.name for word in TUNNEL] == ["type", "port", "checksum"]
    assert METHOD.words == TUNNEL
    assert (METHOD.least, METHOD.most, METHOD.choices) == (1, 6, ("NAT", "DR", "TUN"))
