# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What an inventory says about directors and real servers, with types.

The variables are described in docs/inventory.md.  Reading them collects every mistake before it gives up.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils import _forms, _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._configuration import GROUP_NAME, NAME
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, Values, argument_spec
from ansible_collections.lvs.director.plugins.plugin_utils._shape import shaped, told

Interface = t.Union[IPv4Interface, IPv6Interface]

HOST = Keyword("host", text="The real server, by its name in the inventory, instead of C(address).")
UNICAST = Keyword("unicast", type="bool", text="Unicast or multicast, whatever C(director_sync_interface) says.")
INSTANCE: Table = (NAME, *_vrrp.INSTANCE, UNICAST)
GROUP: Table = (GROUP_NAME, *_vrrp.GROUP)
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
    "director_alone": {"type": "bool", "default": False},
    "director_vrrp_instances": {"type": "list", "elements": "dict", "options": argument_spec(INSTANCE), "default": []},
    "director_sync_groups": {"type": "list", "elements": "dict", "options": argument_spec(GROUP), "default": []},
    "director_services": {"type": "list", "elements": "dict", "options": argument_spec(SERVICE), "default": []},
}

REAL_SERVER_SPEC: dict[str, dict[str, t.Any]] = {
    "real_server_address": {"type": "str", "default": ""},
    "real_server_address6": {"type": "str", "default": ""},
    "real_server_gateway": {"type": "str", "default": ""},
}


@dataclass
class Findings:
    """What is wrong, and what only looks odd; each names the host and the variable."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Director:
    """A host of the directors' group: what its variables say, with lists and defaults filled in."""

    name: str
    addresses: dict[str, list[Interface]]  # interface -> its addresses
    priority: int
    sync_interface: str
    routed_vips: bool
    globals: Values
    instances: list[Values]
    groups: list[Values]
    services: list[Values]
    alone: bool = False  # there is no other director

    def holds(self, address: str) -> str | None:
        """The interface whose network contains `address`."""
        wanted = ip_address(address)
        for interface, found in self.addresses.items():
            if any(wanted in entry.network for entry in found):
                return interface
        return None


@dataclass(frozen=True)
class RealServer:
    """A host of the real servers' group: what its variables say."""

    name: str
    addresses: tuple[str, ...]  # real_server_address and real_server_address6, those that are given
    gateway: str

    def address_for(self, version: int) -> str:
        """The address of this family, else the one that there is; "" without any."""
        return next(
            (text for text in self.addresses if ip_address(text).version == version), *self.addresses[:1] or [""]
        )


def read_director(name: str, variables: Mapping[str, t.Any], findings: Findings) -> Director | None:
    """One director; None, with the errors in `findings`, where a variable is wrong."""
    before = len(findings.errors)
    values = _shaped(name, DIRECTOR_SPEC, variables, findings)
    addresses = _addresses(f"{name}: director_addresses", values["director_addresses"] or {}, findings)
    if len(findings.errors) > before:
        return None
    return Director(
        name=name,
        addresses=addresses,
        priority=values["director_priority"],
        sync_interface=values["director_sync_interface"],
        routed_vips=values["director_routed_vips"],
        alone=values["director_alone"],
        globals=values["director_globals"],
        instances=values["director_vrrp_instances"],
        groups=values["director_sync_groups"],
        services=values["director_services"],
    )


def read_real_server(name: str, variables: Mapping[str, t.Any], findings: Findings) -> RealServer | None:
    """One real server; None, with the errors in `findings`, where a variable is wrong."""
    before = len(findings.errors)
    values = _shaped(name, REAL_SERVER_SPEC, variables, findings)
    for variable, text in values.items():
        try:
            values[variable] = str(ip_address(text)) if text else ""
        except ValueError:
            findings.errors.append(f"{name}: {variable}: {told(text)} is no IP address")
    addresses = tuple(
        values[variable] for variable in ("real_server_address", "real_server_address6") if values[variable]
    )
    if len(findings.errors) == before and len({ip_address(text).version for text in addresses}) < len(addresses):
        findings.errors.append(f"{name}: real_server_address6: {addresses[1]} is of the family of real_server_address")
    if len(findings.errors) > before:
        return None
    return RealServer(name, addresses, values["real_server_gateway"])


def _shaped(name: str, spec: dict[str, t.Any], variables: Mapping[str, t.Any], findings: Findings) -> Values:
    """The variables of `spec`; a host has others too."""
    asked = {variable: variables[variable] for variable in spec if variable in variables}
    if isinstance(asked.get("director_services"), list):
        asked["director_services"] = [_with_flags(one) for one in asked["director_services"]]
    return shaped(spec, asked, f"{name}: ", findings.errors)


def _with_flags(service: t.Any) -> t.Any:
    """`sh-port: true` and its kin, keepalived's bare words, as elements of `flags`."""
    if not isinstance(service, Mapping) or not any(flag in service for flag in _ipvs.FLAGS):
        return service
    found = {key: value for key, value in service.items() if key not in _ipvs.FLAGS or not isinstance(value, bool)}
    given = [flag for flag in _ipvs.FLAGS if service.get(flag) is True]
    listed = service.get("flags")
    if isinstance(listed, (list, type(None))):
        found["flags"] = list(dict.fromkeys([*(listed or []), *given]))
    return found


def said(value: t.Any) -> t.Any:
    """A copy of `value` that shares nothing with itself or others, without the options that were not given (None)."""
    if isinstance(value, Mapping):
        return {key: said(item) for key, item in value.items() if item is not None}
    return [said(item) for item in value] if isinstance(value, list) else value


def _addresses(where: str, asked: Mapping[t.Any, t.Any], findings: Findings) -> dict[str, list[Interface]]:
    """`{eth0: 192.0.2.1/24}` or `{eth0: [192.0.2.1/24, 2001:db8::1/64], lo: []}`."""
    found: dict[str, list[Interface]] = {}
    for name, value in asked.items():
        if not _is_interface(name):
            findings.errors.append(f"{where}: {told(name)} is no interface")
            continue
        found[name] = []
        texts = value if isinstance(value, list) else [] if value is None else [value]
        for number, text in enumerate(texts):
            place = f"{where}.{name}[{number}]" if isinstance(value, list) else f"{where}.{name}"
            if _is_address(text):
                found[name].append(ip_interface(text))
            else:
                findings.errors.append(f"{place}: {told(text)} is no address with its prefix length")
    return found


def _is_interface(name: t.Any) -> bool:
    try:
        return isinstance(name, str) and bool(_forms.interface(name))
    except ValueError:
        return False


def _is_address(text: t.Any) -> bool:
    """Whether it is one with its prefix length."""
    try:
        return isinstance(text, str) and "/" in text and bool(ip_interface(text))
    except ValueError:
        return False
