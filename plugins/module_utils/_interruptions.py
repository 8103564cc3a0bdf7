# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Changes for which a virtual router gives its addresses up, though it is still the same block.

For the daemon, as for keepalived, an instance is the same one after a reload while its number, interface, family,
source and group are (runtime/lvsd/vrrp/parameters.py, Identity).  Otherwise it begins again as a Backup router.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._place import Change

INSTANCE = re.compile(r"vrrp_instance-(.+)\.conf")
WORDS = ("interface", "virtual_router_id", "unicast_src_ip", "mcast_src_ip", "mcast_dst_ip")

Identity = t.Dict[str, str]


def interruptions(changes: t.Iterable[Change]) -> t.List[str]:
    """A sentence for each instance that begins again; the changes are those of its files."""
    found = []
    for change in changes:
        named = INSTANCE.fullmatch(os.path.basename(change.path))
        if not named or change.before is None or change.after is None:
            continue
        before, after = identity(change.before), identity(change.after)
        differing = [f"{word} {before[word]} becomes {after[word]}" for word in before if before[word] != after[word]]
        if differing:
            found.append(
                f"vrrp_instance {named[1]}: {', '.join(differing)}: for VRRP that is another router. It gives its"
                " addresses up at the reload and takes them when it is MASTER again, after about three advertisement"
                " intervals; while directors change one after the other, both may be MASTER"
            )
    return found


def identity(text: str) -> Identity:
    """What makes the instance in a file of ours the one that it is."""
    found = {word: _value(word, text) for word in WORDS}
    found["advertisements"] = "unicast" if re.search(r"^ *unicast_peer \{", text, re.MULTILINE) else "multicast"
    addresses = re.search(r"^ *virtual_ipaddress \{\n *(\S+)", text, re.MULTILINE)
    found["family"] = "IPv6" if addresses and ":" in addresses[1] else "IPv4"
    return found


def _value(word: str, text: str) -> str:
    match = re.search(rf"^ *{word} (\S+)$", text, re.MULTILINE)
    return match[1] if match else "not given"
