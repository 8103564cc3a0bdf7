# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What an inventory says about directors and real servers, with types.

The variables are described in docs/inventory.md.  Reading them collects every mistake before it gives up.
"""

from __future__ import annotations

import copy
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._configuration import NAME
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, Values, argument_spec

Interface = IPv4Interface | IPv6Interface

HOST = Keyword("host")
INSTANCE: Table = (NAME, *_vrrp.INSTANCE, Keyword("unicast", type="bool"))
GROUP: Table = (NAME, *_vrrp.GROUP)
SERVER: Table = (HOST, *(key._replace(required=False) for key in _ipvs.REAL_SERVER_KEY), *_ipvs.REAL_SERVER)
SERVICE: Table = (
    *_ipvs.SERVICE_KEY,
    *_ipvs.SERVICE,
    _ipvs.INLINE_REAL_SERVERS._replace(body=SERVER),
)

DIRECTOR_SPEC: dict[str, dict[str, t.Any]] = {
    "director_globals": {"type": "dict", "options": argument_spec(_vrrp.GLOBALS), "default": {}},
    "director_addresses": {"type": "dict", "default": {}},
    "director_priority": {"type": "int", "default": 100},
    "director_sync_interface": {"type": "str", "default": ""},
    "director_routed_vips": {"type": "bool", "default": False},
    "director_vrrp_instances": {"type": "list", "elements": "dict", "options": argument_spec(INSTANCE), "default": []},
    "director_sync_groups": {"type": "list", "elements": "dict", "options": argument_spec(GROUP), "default": []},
    "director_services": {"type": "list", "elements": "dict", "options": argument_spec(SERVICE), "default": []},
}

REAL_SERVER_SPEC: dict[str, dict[str, t.Any]] = {
    "real_server_address": {"type": "str", "default": ""},
    "real_server_gateway": {"type": "str", "default": ""},
}


@dataclass
class Findings:
    """What is wrong, and what only looks odd; each names the host and the variable."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Director:
    name: str
    addresses: dict[str, list[Interface]]  # interface -> its addresses
    priority: int
    sync_interface: str
    routed_vips: bool
    globals: Values
    instances: list[Values]
    groups: list[Values]
    services: list[Values]

    def holds(self, address: str) -> str | None:
        """The interface whose network contains `address`."""
        wanted = ip_address(address)
        for interface, found in self.addresses.items():
            if any(wanted in entry.network for entry in found):
                return interface
        return None


@dataclass(frozen=True)
class RealServer:
    name: str
    address: str
    gateway: str


def read_director(name: str, variables: Mapping[str, t.Any], findings: Findings) -> Director | None:
    """One director; None, with the errors in `findings`, where a variable is wrong."""
    before = len(findings.errors)
    values = _validated(name, DIRECTOR_SPEC, variables, findings)
    addresses = _addresses(name, values.get("director_addresses") or {}, findings)
    if len(findings.errors) > before:
        return None
    return Director(
        name=name,
        addresses=addresses,
        priority=values["director_priority"],
        sync_interface=values["director_sync_interface"],
        routed_vips=values["director_routed_vips"],
        globals=values["director_globals"],
        instances=values["director_vrrp_instances"],
        groups=values["director_sync_groups"],
        services=values["director_services"],
    )


def read_real_server(name: str, variables: Mapping[str, t.Any], findings: Findings) -> RealServer | None:
    """One real server; None, with the errors in `findings`, where a variable is wrong."""
    before = len(findings.errors)
    values = _validated(name, REAL_SERVER_SPEC, variables, findings)
    for variable in REAL_SERVER_SPEC:
        text = values.get(variable) or ""
        if text and _is_wrong(ip_address, text):
            findings.errors.append(f"{name}: {variable}: {text!r} is no IP address")
    if len(findings.errors) > before:
        return None
    return RealServer(name, values["real_server_address"], values["real_server_gateway"])


def _validated(name: str, spec: dict[str, t.Any], variables: Mapping[str, t.Any], findings: Findings) -> Values:
    asked = {variable: said(variables[variable]) for variable in spec if variable in variables}
    result = ArgumentSpecValidator(copy.deepcopy(spec)).validate(asked)  # it writes into the defaults
    findings.errors.extend(f"{name}: {message}" for message in result.error_messages)
    return result.validated_parameters


def said(value: t.Any) -> t.Any:
    """A copy of `value` that shares nothing with itself or others, without what nobody said: options that are None."""
    if isinstance(value, Mapping):
        return {key: said(item) for key, item in value.items() if item is not None}
    return [said(item) for item in value] if isinstance(value, list) else value


def _addresses(name: str, asked: Mapping[str, t.Any], findings: Findings) -> dict[str, list[Interface]]:
    """`{eth0: 192.0.2.1/24}` or `{eth0: [192.0.2.1/24, 2001:db8::1/64]}`."""
    found: dict[str, list[Interface]] = {}
    for interface, value in asked.items():
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if "/" not in str(text) or _is_wrong(ip_interface, str(text)):
                findings.errors.append(
                    f"{name}: director_addresses.{interface}: {str(text)!r} is no address with its prefix length"
                )
            else:
                found.setdefault(str(interface), []).append(ip_interface(str(text)))
    return found


def _is_wrong(form: t.Callable[[str], t.Any], text: str) -> bool:
    try:
        form(text)
    except ValueError:
        return True
    return False
