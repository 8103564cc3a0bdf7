# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Values of one block that have to agree with each other.  Each is right by itself; the messages are the daemon's.

Their counterparts in `runtime/lvsd/conf/` are `validate/instance.py`, `validate/virtual_server.py` and
`validate/real_server.py`, and `grammar/address.py`.
"""

from __future__ import annotations

import re
import sys
import typing as t
from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._checks import CHECKS
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused, shown

Values = t.Dict[str, t.Any]

LONGEST = 40.95  # seconds of advert_int in version 3: twelve bits of hundredths (RFC 9568 §5.2.7)
LATEST_REGEX = (3, 11)  # the oldest Python of the daemon; an older one knows fewer patterns
POSIX_CLASS = re.compile(r"\[[:.=]\^?\w+[:.=]\]")
REGEX_FLAGS = {"caseless": re.I, "multiline": re.M, "dotall": re.S, "extended": re.X}


def version_of(text: str) -> int:
    """4 or 6, of an address with or without its prefix length."""
    return ip_interface(text).version


# --- vrrp_instance ------------------------------------------------------------------------------


def instance(name: str, known: Values) -> None:
    """Raises `Refused` for addresses that the family of the instance, or their own, does not allow."""
    where = f"vrrp_instance {name}"
    advertised = known["virtual_ipaddress"] or []
    for option in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
        for number, entry in enumerate(known[option] or []):
            _virtual_address(f"{where}: {option}[{number}]", entry)
    family = _family(known)
    for number, entry in enumerate(advertised):
        if version_of(entry["address"]) != family:
            raise Refused(
                f"{where}: virtual_ipaddress[{number}]: {entry['address']} is not IPv{family} as the first address: put"
                " it into virtual_ipaddress_excluded or into an instance of its own"
            )
    _transport(where, family, known)
    if known["version"] == 3 or family == 6:
        version_3(where, known)


def version_3(where: str, known: t.Mapping[str, t.Any]) -> None:
    """What version 3 does not do.  Raises `Refused`."""
    if not known.get("virtual_ipaddress"):
        raise Refused(f"{where}: it has no virtual_ipaddress: version 3 needs one")
    if (known.get("advert_int") or 1) > LONGEST:
        raise Refused(f"{where}: advert_int {known['advert_int']} is above {LONGEST} seconds, the longest of version 3")


def _family(known: Values) -> int:
    """Of the first address, else of the first peer or of what the instance sends with; 4 without any."""
    listed = [
        entry["address"] for entry in [*(known["virtual_ipaddress"] or [])[:1], *(known["unicast_peer"] or [])[:1]]
    ]
    listed += [known[option] for option in ("unicast_src_ip", "mcast_src_ip", "mcast_dst_ip")]
    return next((version_of(text) for text in listed if text), 4)


def _transport(where: str, family: int, known: Values) -> None:
    peers = [entry["address"] for entry in known["unicast_peer"] or []]
    named = [("unicast_peer", text) for text in peers]
    named += [(option, known[option]) for option in ("unicast_src_ip", "mcast_src_ip") if known[option]]
    for option, text in named:
        if version_of(text) != family:
            raise Refused(f"{where}: {option} {text} is not IPv{family} as the instance")
    group = known["mcast_dst_ip"]
    if group and (version_of(group) != family or not ip_address(group).is_multicast):
        raise Refused(f"{where}: mcast_dst_ip {group} is not an IPv{family} multicast address")
    if known["interface"] is None and any(ip_address(text).is_link_local for text in peers):
        raise Refused(f"{where}: interface is required: a peer has a link-local address")
    for number, peer in enumerate(known["unicast_peer"] or []):
        if peer["min_ttl"] is not None and peer["max_ttl"] is not None and peer["min_ttl"] > peer["max_ttl"]:
            low, high = peer["min_ttl"], peer["max_ttl"]
            raise Refused(f"{where}: unicast_peer[{number}]: min_ttl {low} is above max_ttl {high}")


def _virtual_address(where: str, entry: Values) -> None:
    address = ip_interface(entry["address"])
    if address.version == 6 and address.ip.is_multicast and not entry["autojoin"]:
        raise Refused(f"{where}.address: {address}: no interface can have this address without 'autojoin'")
    if entry["brd"] is not None and address.version == 6:
        raise Refused(f"{where}.brd: {entry['brd']}: an IPv6 address has no broadcast address; leave 'brd' out")
    if entry["peer"] is not None and version_of(entry["peer"]) != address.version:
        raise Refused(f"{where}.peer: {entry['peer']} is not IPv{address.version} as the address")


# --- virtual_server and real_server -------------------------------------------------------------


def service(key: str, family: str, known: Values) -> None:
    """Raises `Refused` for what does not go with a service of this family, `inet` or `inet6`."""
    granularity = known["persistence_granularity"]
    if granularity and granularity.isdigit() and int(granularity) > 32 and family == "inet":
        raise Refused(f"{key}: persistence_granularity {granularity} is longer than an IPv4 address")
    sorry = known["sorry_server"]
    kind = sorry and (sorry["lb_kind"] or known["lb_kind"])
    if sorry and kind != "TUN" and ("inet6" if ":" in sorry["address"] else "inet") != family:
        number = 6 if family == "inet6" else 4
        raise Refused(f"{key}: sorry_server {sorry['address']} is not IPv{number} as the service; TUN can cross")


def checks(where: str, address: str, port: int, known: Values) -> None:
    """Raises `Refused` for checks that could not be carried out on a real server."""
    for kind in CHECKS:
        for number, check in enumerate(known[kind.name] or []):
            place = f"{where}{kind.name}[{number}]"
            if "connect_port" in check:
                _connection(place, address, port, check)
            if "url" in check:
                _pages(place, check["url"])


def _connection(where: str, address: str, port: int, check: Values) -> None:
    if not check["connect_port"] and not port:
        raise Refused(f"{where}: it needs a connect_port: the real server has no port")
    target = check["connect_ip"] or address
    if check["bindto"] and version_of(check["bindto"]) != version_of(target):
        raise Refused(f"{where}: bindto {check['bindto']} cannot reach {target}: another family")


def _pages(where: str, urls: t.Optional[t.List[Values]]) -> None:
    if not urls:
        raise Refused(f"{where}: it has no url: give url: [{{path: /}}]")
    for number, url in enumerate(urls):
        if url["regex"] is not None:
            _regex(f"{where}.url[{number}].regex", url["regex"], url["regex_options"] or [])


def _regex(where: str, pattern: str, options: t.Iterable[str]) -> None:
    """The daemon matches bytes with Python's own expressions."""
    if posix := POSIX_CLASS.search(pattern):
        raise Refused(f"{where}: {shown(pattern)} cannot be used: {posix[0]} is unknown here")
    if sys.version_info < LATEST_REGEX:
        return
    flags = re.RegexFlag(0)
    for option in options:
        flags |= REGEX_FLAGS.get(option, re.RegexFlag(0))
    try:
        re.compile(pattern.encode("utf-8", "surrogatepass"), flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise Refused(f"{where}: {shown(pattern)} cannot be compiled: {error}") from None
