# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller takes, the daemon takes: each option of each table with values in and out of its range.

What the controller refuses, the daemon has to find something in, so that nothing is refused that would work.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils import _ipvs, _vrrp
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused, block, line, render
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, argument_spec, lines
from ansible_collections.lvs.director.plugins.plugin_utils._shape import shaped

sys.path.append(str(Path(__file__).parents[3] / "runtime"))

from lvsd import conf

NUMBERS: tuple[Any, ...] = (
    *(-254, -253, -1, 0, 0.0000001, 0.0004, 0.001, 0.009, 0.01, 0.5, 1, 1.5, 2, 3, 5, 99, 100, 101, 253, 254, 255, 256),
    *(1000, 1000.5, 3600, 3601, 65535, 65536, 86400, 86400.5, 86401, 2678400, 2678401, 2**31 - 1, 2**31, 2**32 - 1),
    2**32,
)
TEXTS: tuple[str, ...] = (
    *("", " ", "x", "a" * 15, "a" * 16, "é" * 7, "é" * 8, "lo", "lo:1", "a/b", "eth0 ", ".", "-", "+", "on", "forever"),
    *("192.0.2.9", "192.0.2.9/24", "192.0.2.9/33", "192.0.2", "2001:db8::9", "2001:db8::9/64", "fe80::9%lo", "::"),
    *("0.0.0.0", "224.0.0.99", "ff02::99", "255.255.255.255", "127.0.0.1", "1", "0", "255", "256", "-1", "4294967296"),
    *("global", "everywhere", "soon", "200", "99", "200-299", "299-200", "200-", "((", "[[:alpha:]]", "\\p", "a++"),
    *("/bin/true", "/bin/echo 'x", "true", "255.255.255.0", "255.0.255.0", "64", "129", "caseless", "nonsense"),
    *("d41d8cd98f00b204e9800998ecf8427e", "$x", "much too long a password", "seven b", "ünder8b", 'a"b', "a b"),
)
INSTANCE = {"name": "V", "interface": "lo", "virtual_router_id": 9, "virtual_ipaddress": [{"address": "192.0.2.1/24"}]}
SERVER = {"address": "10.0.0.9", "port": 80}
SERVICE = {"address": "192.0.2.1", "port": 80, "protocol": "TCP", "real_servers": [SERVER]}
FIRST = {"track_interface": {"name": "lo"}, "virtual_ipaddress": {"address": "192.0.2.1/24"}}

# Where the collection is stricter on purpose: keepalived cuts or repairs the value, and the daemon says so.
STRICTER = {"auth_pass"}

Options = dict[str, Any]


def probes(keyword: Keyword) -> Iterator[Any]:
    if keyword.body or keyword.kind in ("switch", "flag") or keyword.type == "bool":
        return
    for value in keyword.choices or (TEXTS if keyword.type == "str" else NUMBERS):
        if keyword.type == "int" and value != int(value):
            continue
        yield [value] if keyword.kind in ("words", "names") or keyword.type == "list" else value


def rows() -> Iterator[tuple[str, str, Any]]:
    """Table, option and value."""
    for name, table in TABLES.items():
        for keyword in table:
            for value in probes(keyword):
                yield name, keyword.name, value


def check(kind: str) -> Table:
    return next(keyword.body for keyword in _ipvs.REAL_SERVER if keyword.name == kind)


TABLES: dict[str, Table] = {
    "globals": _vrrp.GLOBALS,
    "instance": _vrrp.INSTANCE,
    "authentication": _vrrp.AUTHENTICATION,
    "peer": _vrrp.UNICAST_PEER,
    "address": _vrrp.VIRTUAL_ADDRESS,
    "track": _vrrp.TRACK_INTERFACE.body,
    "service": (*_ipvs.SERVICE_KEY, *_ipvs.SERVICE),
    "sorry": _ipvs.SORRY_SERVER,
    "server": (*_ipvs.REAL_SERVER_KEY, *_ipvs.REAL_SERVER),
    "TCP_CHECK": check("TCP_CHECK"),
    "HTTP_GET": check("HTTP_GET"),
    "MISC_CHECK": check("MISC_CHECK"),
    "url": next(keyword.body for keyword in check("HTTP_GET") if keyword.name == "url"),
}


def configuration(table: str, option: str, value: Any) -> dict[str, Any]:
    """The options of director_configuration with one more value somewhere."""
    given = {option: value}
    instance, server, service = dict(INSTANCE), dict(SERVER), dict(SERVICE)
    if table == "globals":
        return {"globals": given}
    if table in ("instance", "authentication", "peer", "address", "track"):
        nested: dict[str, Options] = {
            "instance": given,
            "authentication": {"authentication": {"auth_pass": "secret", **given}},
            "peer": {"unicast_peer": [{"address": "192.0.2.7", **given}]},
            "address": {"virtual_ipaddress": [{"address": "192.0.2.1/24", **given}]},
            "track": {"track_interface": [{"name": "lo", **given}]},
        }
        return {"vrrp_instances": [{**instance, **nested[table]}]}
    if table == "service":
        service |= given
        if option == "fwmark":
            service |= {"address": None, "port": None}
    elif table == "sorry":
        service["sorry_server"] = {"address": "10.0.0.8", **given}
    elif table == "server":
        server |= given
    elif table == "url":
        server["HTTP_GET"] = [{"url": [{"path": "/", **given}]}]
    else:
        least: dict[str, Options] = {
            "HTTP_GET": {"url": [{"path": "/"}]},
            "MISC_CHECK": {"misc_path": "/bin/true"},
        }
        server[table] = [{**least.get(table, {}), **given}]
    return {"ipvs_services": [{**service, "real_servers": [server]}]}


SPEC = {
    "globals": {"type": "dict", "options": argument_spec(_vrrp.GLOBALS)},
    "vrrp_instances": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str"}, **argument_spec(_vrrp.INSTANCE)},
    },
    "ipvs_services": {
        "type": "list",
        "elements": "dict",
        "options": argument_spec((*_ipvs.SERVICE_KEY, *_ipvs.SERVICE, _ipvs.INLINE_REAL_SERVERS)),
    },
}


def controller(table: str, option: str, value: Any) -> tuple[str, str]:
    """What the collection says against it, and the text that it would write."""
    wrong: list[str] = []
    known = shaped(SPEC, configuration(table, option, value), "", wrong)
    if wrong:
        return wrong[0], ""
    try:
        files(known)
        return "", written(known)
    except Refused as refused:
        return str(refused), ""


def written(known: Options) -> str:
    """All of it in one file, as the daemon reads it after its includes."""
    if known["globals"]:
        return _vrrp.globals_text(known["globals"]).replace("include", "# include")
    for instance in known["vrrp_instances"] or []:
        return _vrrp.instance_text(instance["name"], instance)
    (service,) = known["ipvs_services"]
    return _ipvs.service_candidate(_ipvs.service_of(service), service)


def findings(text: str, tmp_path: Path, *severities: str) -> list[str]:
    path = tmp_path / "lvsd.conf"
    path.write_text(text, errors="surrogatepass")
    return [str(one) for one in conf.load(path).findings if one.severity.value in severities]


@pytest.mark.parametrize("table", TABLES)
def test_what_the_controller_takes_the_daemon_takes(table: str, tmp_path: Path) -> None:
    wrong = []
    for name, option, value in rows():
        if name == table:
            refusal, text = controller(name, option, value)
            if not refusal and (found := findings(text, tmp_path, "error")):
                wrong.append((option, value, found[0].partition(": ")[2]))
    assert wrong == []


@pytest.mark.parametrize("table", TABLES)
def test_what_the_controller_refuses_the_daemon_finds_something_in(table: str, tmp_path: Path) -> None:
    wrong = []
    for name, option, value in rows():
        if name == table and option not in STRICTER:
            refusal, _text = controller(name, option, value)
            text = unchecked(name, option, value) if refusal else ""
            if text and not findings(text, tmp_path, "error", "warning"):
                wrong.append((option, value, refusal))
    assert wrong == []


def unchecked(table: str, option: str, value: Any) -> str:
    """The option's line in a configuration, whatever the collection thinks of it; "" where it has no such line."""
    keyword = next(one for one in TABLES[table] if one.name == option)
    key = table in ("service", "server") and option in ("address", "port", "fwmark", "ip_family", "protocol")
    if table in ("peer", "track", "sorry") or keyword.kind == "silent" or key:
        return ""
    try:
        found = lines((keyword,), {option: value})
        return render([PLACES[table](found, keyword.written or option, value)])
    except ValueError:  # no word can carry it
        return ""


def instance_block(found: list[Any], option: str = "", _value: Any = None) -> Any:
    address = block(["virtual_ipaddress"], [line("", "192.0.2.1")])
    base = [line("interface", "lo"), line("virtual_router_id", 9), address]
    return block(["vrrp_instance", "V"], [one for one in base if one[0][0] != option] + found)


def service_block(found: list[Any], server: list[Any]) -> Any:
    inner = [line("protocol", "TCP"), *found, block(["real_server", "10.0.0.9", "80"], server)]
    return block(["virtual_server", "192.0.2.1", "80"], inner)


def checked_by(kind: str, found: list[Any], option: str, *needed: tuple[str, Any]) -> Any:
    more = [one if isinstance(one, tuple) else line(name, one) for name, one in needed if name != option]
    return service_block([], [block([kind], [*more, *found])])


def address_line(_found: list[Any], option: str, value: Any) -> Any:
    words = (value,) if option == "address" else ("192.0.2.1/24", option, value)
    return instance_block([block(["virtual_ipaddress"], [line("", *words)])], "virtual_ipaddress")


ROOT_PATH = block(["url"], [line("path", "/")])
PLACES: dict[str, Any] = {
    "globals": lambda found, *_: block(["global_defs"], found),
    "instance": instance_block,
    "authentication": lambda found, option, _: instance_block(
        [block(["authentication"], [*([line("auth_type", "PASS")] if option != "auth_type" else []), *found])]
    ),
    "address": address_line,
    "service": lambda found, *_: service_block(found, []),
    "server": lambda found, *_: service_block([], found),
    "TCP_CHECK": lambda found, option, _: checked_by("TCP_CHECK", found, option),
    "HTTP_GET": lambda found, option, _: checked_by("HTTP_GET", found, option, ("url", ROOT_PATH)),
    "MISC_CHECK": lambda found, option, _: checked_by("MISC_CHECK", found, option, ("misc_path", "/bin/true")),
    "url": lambda found, option, _: checked_by(
        "HTTP_GET", [block(["url"], [*([line("path", "/")] if option != "path" else []), *found])], ""
    ),
}
