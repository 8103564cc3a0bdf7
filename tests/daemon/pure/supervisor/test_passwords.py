# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No password of a configuration is left where it is shown, and nothing else is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lvsd import conf
from lvsd.model import Configuration
from lvsd.model.vrrp import Authentication
from lvsd.supervisor.passwords import without_secrets

ROUTER = """vrrp_instance %s {
    interface eth0
    virtual_router_id %d
    version 2
    authentication {
        auth_type PASS
        auth_pass hunter%d
    }
}
"""
OPEN = "vrrp_instance OPEN {\n    interface eth0\n    virtual_router_id 53\n}\n"
TLS = "SSL {\n    password hunter3\n    ca /etc/ca.pem\n}\n"
WHOLE = ROUTER % ("A", 51, 1) + ROUTER % ("B", 52, 2) + OPEN + TLS


def parsed(text: str) -> Configuration:
    return conf.parse(text, "lvsd.conf").configuration


def test_every_password_becomes_asterisks() -> None:
    shown = conf.render(without_secrets(parsed(WHOLE)))
    assert conf.render(parsed(WHOLE)).count("hunter") == 3
    assert "hunter" not in shown
    assert shown.count("********") == 3


def test_all_else_stays() -> None:
    whole = parsed(WHOLE)
    shown = without_secrets(whole)
    hidden = Authentication(kind="PASS", password="********")
    a, b, open_one = whole.routers
    assert shown.routers == (replace(a, authentication=hidden), replace(b, authentication=hidden), open_one)
    assert whole.ssl is not None
    assert shown.ssl == replace(whole.ssl, password="********")
    assert replace(shown, routers=whole.routers, ssl=whole.ssl) == whole


@pytest.mark.parametrize("text", ["", OPEN, "SSL {\n    ca /etc/ca.pem\n}\n"])
def test_a_configuration_without_passwords_is_shown_as_it_is(text: str) -> None:
    assert without_secrets(parsed(text)) == parsed(text)
