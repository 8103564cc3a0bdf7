# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of instances, groups and services, as the tests of the validation vary them."""

from __future__ import annotations

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


def group(*members: str, name: str = "G") -> str:
    """A sync group; its members begin on line 3."""
    return f"vrrp_sync_group {name} {{\ngroup {{\n" + "\n".join(members) + "\n}\n}\n"


def service(*words: str, servers: str = "real_server 192.0.2.9 80 {\n}", key: str = "192.0.2.1 80") -> str:
    """A service; `words` begin on line 3, and without any the servers on line 4."""
    body = "\n".join(words)
    return f"virtual_server {key} {{\nprotocol TCP\n{body}\n{servers}\n}}\n"


def check(body: str, kind: str = "HTTP_GET", key: str = "192.0.2.9 80") -> str:
    """A real server with one check."""
    return f"real_server {key} {{\n{kind} {{\n{body}\n}}\n}}"
