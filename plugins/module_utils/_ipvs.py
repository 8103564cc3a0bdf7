# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords of `virtual_server` and `real_server`, and the files they become.

A service is one file; each of its real servers is a file of its own in the directory beside it, which the service
includes.  So one server can change without the others' text being touched.
"""

from __future__ import annotations

import typing as t
from ipaddress import ip_address

from ansible_collections.lvs.director.plugins.module_utils import _agreement
from ansible_collections.lvs.director.plugins.module_utils._checks import CHECKS, TIMING
from ansible_collections.lvs.director.plugins.module_utils._forms import address
from ansible_collections.lvs.director.plugins.module_utils._fragment import Line, Refused, block, fragment, line
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, Values, checked, lines
from ansible_collections.lvs.director.plugins.module_utils._schema import BLOCKS
from ansible_collections.lvs.director.plugins.module_utils._vocabulary import option, options

FLAGS = tuple(name for name, word in BLOCKS["virtual_server"].items() if word.type == "member")
TUNNEL: Table = options(
    "lb_kind", option("lb_kind", "type", default="ipip"), option("lb_kind", "port", low=1), "checksum"
)
TUNNELLED = Keyword(
    "tunnel", "silent", type="dict", body=TUNNEL, text="The tunnel, where packets reach the real server by V(TUN)."
)

REAL_SERVER: Table = options(
    "real_server",
    "weight",
    option("real_server", "lb_kind", "lvs_method", kind="silent"),
    TUNNELLED,
    *("uthreshold", "lthreshold", "inhibit_on_failure", "virtualhost"),
    *TIMING,
    *("notify_up", "notify_down"),
    *CHECKS,
)


def _port(text: str, low: int = 1) -> Keyword:
    return Keyword("port", type="int", low=low, high=65535, text=text)


REAL_SERVER_KEY: Table = (
    Keyword("address", form=address, required=True, text="IPv4 or IPv6 address of the real server."),
    _port("The port on the real server, where it is not the service's (NAT only)."),
)

SORRY_SERVER: Table = (
    Keyword("address", form=address, required=True, text="IPv4 or IPv6 address."),
    _port("Port."),
    option("virtual_server", "inhibit", "sorry_server_inhibit"),
    option("virtual_server", "lb_kind", "sorry_server_lvs_method"),
)

SERVICE_KEY: Table = (
    Keyword("address", form=address, text="The address of the service; either this or C(fwmark)."),
    _port("The port of the service; V(0) is every port and needs C(persistence_timeout).", low=0),
    Keyword(
        "fwmark",
        type="int",
        low=1,
        high=4294967295,
        text="The service is the packets with this mark of the firewall, instead of an address.",
    ),
    option("virtual_server", "ip_family"),
    option("virtual_server", "protocol", default="TCP"),
)

SERVICE: Table = options(
    "virtual_server",
    option("virtual_server", "lb_algo", default="wlc"),
    Keyword("flags", "silent", type="list", choices=FLAGS, text="Flags of the scheduler."),
    "ops",
    option("virtual_server", "lb_kind", kind="silent", default="NAT"),
    TUNNELLED,
    *("persistence_timeout", "persistence_granularity", "persistence_engine", "weight", "quorum", "hysteresis"),
    *("quorum_up", "quorum_down"),
    option("virtual_server", "sorry_server", kind="silent", type="dict", body=SORRY_SERVER),
    option("virtual_server", "inhibit_on_failure", kind="flag"),
    *("omega", "virtualhost"),
    *TIMING,
)

INLINE_REAL_SERVERS = Keyword(
    "real_servers",
    "blocks",
    body=(*REAL_SERVER_KEY, *REAL_SERVER),
    text=(
        "The real servers, all of them: what is not in the list is removed. Without this option the service includes"
        " whatever M(lvs.director.ipvs_real_server) puts there."
    ),
)


class Service(t.NamedTuple):
    """What identifies a `virtual_server`: an address and a port, or a mark of the firewall."""

    address: t.Optional[str]
    port: int
    fwmark: int
    family: str  # inet | inet6
    protocol: str

    @property
    def key(self) -> str:
        """The daemon's name of it: `192.0.2.10:80/TCP`, `[2001:db8::1]:80/TCP`, `fwmark 7/IPv4`."""
        if self.address is None:
            return f"fwmark {self.fwmark}/{'IPv6' if self.family == 'inet6' else 'IPv4'}"
        return f"{_bracketed(self.address)}:{self.port}/{self.protocol}"

    @property
    def file(self) -> str:
        """The path of the service's file, below the folder of the configuration."""
        return f"conf.d/{self._stem}.conf"

    @property
    def folder(self) -> str:
        """The folder of the files of its real servers."""
        return f"conf.d/{self._stem}.d"

    @property
    def _stem(self) -> str:
        if self.address is None:
            return f"virtual_server-fwmark-{self.fwmark}-{self.family}"
        return f"virtual_server-{self.address}-{self.port}-{self.protocol}"

    @property
    def words(self) -> t.List[object]:
        """The first line of its block, as words."""
        if self.address is None:
            return ["virtual_server", "fwmark", self.fwmark]
        return ["virtual_server", self.address, self.port]

    @property
    def identity(self) -> t.List[Line]:
        """The lines of the block that belong to its identity."""
        return [line("ip_family", self.family)] if self.address is None else [line("protocol", self.protocol)]

    @property
    def include(self) -> str:
        """The pattern by which its block includes the files of its real servers."""
        return f"{self._stem}.d/*.conf"


def _bracketed(text: str) -> str:
    return f"[{text}]" if ":" in text else text


def service_of(values: Values) -> Service:
    """The identity in `values`.  Raises `Refused` unless there is an address or a mark, and not both."""
    known = checked(SERVICE_KEY, values)
    if (known["address"] is None) == (known["fwmark"] is None):
        raise Refused("give either address (with port) or fwmark")
    if known["fwmark"] is not None:
        return Service(None, 0, known["fwmark"], known["ip_family"] or "inet", "")
    family = "inet6" if ":" in known["address"] else "inet"
    if known["ip_family"] not in (None, family):
        raise Refused(f"ip_family: {known['ip_family']} does not fit the address {known['address']}")
    return Service(known["address"], known["port"] or 0, 0, family, known["protocol"] or "TCP")


def server_key(service: Service, values: Values) -> str:
    """The daemon's name of a real server: `10.0.0.11:80`, without a port the service's."""
    return f"{_bracketed(str(ip_address(values['address'])))}:{values.get('port') or service.port}"


def server_file(service: Service, values: Values) -> str:
    """The path of a real server's file below the configuration's directory."""
    known = checked(REAL_SERVER_KEY, values, "real_server.")
    return f"{service.folder}/real_server-{known['address']}-{known['port'] or service.port}.conf"


def service_text(service: Service, values: Values) -> str:
    """The file of one service.  Raises `Refused` for a value, or a combination, that IPVS would not take."""
    return fragment([block(service.words, [*_service_body(service, values), line("include", service.include)])])


def service_candidate(service: Service, values: Values) -> str:
    """The service with its real servers in one block, for a check by the daemon."""
    servers = [server_block(service, server, values.get("lb_kind")) for server in values.get("real_servers") or []]
    return fragment([block(service.words, _service_body(service, values) + servers)])


def _service_body(service: Service, values: Values) -> t.List[Line]:
    known = checked(SERVICE, values, f"{service.key}: ")
    _check_service(service, known)
    return service.identity + _split_lines(known)


def _split_lines(known: Values) -> t.List[Line]:
    """The body with the keywords that share a line: the method of forwarding and the sorry server."""
    body = lines(SERVICE, known)
    method = _method_line("lb_kind", known["lb_kind"], known["tunnel"])
    flags = [line(flag) for flag in known["flags"] or []]
    return body[:1] + flags + method + body[1:] + _sorry_lines(known["sorry_server"])


def _check_service(service: Service, known: Values) -> None:
    if service.address is not None and service.port == 0 and not known["persistence_timeout"]:
        raise Refused(f"{service.key}: port 0 (all ports) needs persistence_timeout")
    if known["ops"] and service.protocol not in ("UDP", ""):
        raise Refused(f"{service.key}: ops (one-packet scheduling) works for UDP only")
    if known["hysteresis"] is not None and known["hysteresis"] >= (known["quorum"] or 1) > 0 and known["hysteresis"]:
        raise Refused(f"{service.key}: hysteresis has to be smaller than quorum")
    _agreement.service(service.key, service.family, known)
    if known["tunnel"] and known["lb_kind"] != "TUN":
        raise Refused(f"{service.key}: tunnel needs lb_kind TUN")


def _method_line(keyword: str, kind: t.Optional[str], tunnel: t.Optional[Values]) -> t.List[Line]:
    if kind is None:
        return []
    words: t.List[object] = [keyword, kind]
    if kind == "TUN" and tunnel:
        if (tunnel["type"] == "gue") != (tunnel["port"] is not None):
            raise Refused("tunnel: a port belongs to type gue, and to no other")
        words += ["type", tunnel["type"]]
        words += ["port", tunnel["port"]] if tunnel["port"] is not None else []
        words += [tunnel["checksum"]] if tunnel["checksum"] else []
    return [line(*words)]


def _sorry_lines(sorry: t.Optional[Values]) -> t.List[Line]:
    if not sorry:
        return []
    port = [] if sorry["port"] is None else [sorry["port"]]
    found = [line("sorry_server", sorry["address"], *port)]
    found += [line("sorry_server_inhibit")] if sorry["inhibit"] else []
    return found + _method_line("sorry_server_lvs_method", sorry["lb_kind"], None)


def server_text(service: Service, values: Values, inherited: t.Optional[str] = None) -> str:
    """The file of one real server.  Raises `Refused` for a value that keepalived would not take."""
    return fragment([server_block(service, values, inherited)])


def server_block(service: Service, values: Values, inherited: t.Optional[str] = None) -> Line:
    """`real_server ADDR PORT { ... }`; without a port it has the service's.  2.2.7 knows only `lvs_method` in here.

    `inherited` is the service's `lb_kind`, None where it is not known.
    """
    key = checked(REAL_SERVER_KEY, values, "real_server.")
    known = checked(REAL_SERVER, values, "real_server.")
    port = key["port"] or service.port
    if known["lthreshold"] and known["uthreshold"] and known["lthreshold"] > known["uthreshold"]:
        raise Refused(f"real_server {key['address']}: lthreshold is above uthreshold")
    _agreement.checks(f"real_server {key['address']}: ", key["address"], port or 0, known)
    words = ["real_server", key["address"]] + ([port] if port else [])
    return block(words, _server_method(key["address"], known, inherited) + lines(REAL_SERVER, known))


def _server_method(server: str, known: Values, inherited: t.Optional[str]) -> t.List[Line]:
    """A tunnel of its own needs the method on its line, also where that is the service's."""
    kind = known["lb_kind"] or (inherited if known["tunnel"] else None)
    if known["tunnel"] and kind != "TUN":
        raise Refused(f"real_server {server}: tunnel needs lb_kind TUN, and lb_kind is {kind or 'not given'}")
    return _method_line("lvs_method", kind, known["tunnel"])


def bare_service(service: Service) -> str:
    """The file of a service with its identity alone."""
    return fragment([block(service.words, service.identity)])


def service_files(values: Values) -> t.Dict[str, str]:
    """Every file of a service with inline real servers: path below the configuration's directory -> text."""
    service = service_of(values)
    files = {service.file: service_text(service, values)}
    for number, server in enumerate(values.get("real_servers") or []):
        path = server_file(service, server)
        if path in files:
            raise Refused(f"{service.key}: real_servers[{number}] is there twice")
        _check_server(service, values, server)
        files[path] = server_text(service, server, values.get("lb_kind"))
    return files


def _check_server(service: Service, values: Values, server: Values) -> None:
    kind = server.get("lb_kind") or values.get("lb_kind") or "NAT"
    family = "inet6" if ":" in str(server["address"]) else "inet"
    if kind != "TUN" and family != service.family:
        raise Refused(f"{service.key}: real server {server['address']} is of another address family, which needs TUN")
    if kind != "NAT" and server.get("port") not in (None, service.port) and service.address is not None:
        raise Refused(
            f"{service.key}: {kind} cannot change the port, real server {server['address']} has {server['port']}"
        )
