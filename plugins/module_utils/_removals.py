# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What a new configuration takes away from the one of before, and whether that looks like a mistake.

An inventory that lost its group_vars gives an empty configuration without any error.  So the last of a kind, half of
the instances, and half of the services or addresses where that are at least two, go only where the operator allows it
by name.  One instance of two is often the gateway of all real servers.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._place import Change

ALL = "all"
MOST_TOLD = 10
AT_LEAST = 2  # fewer than that is a change as every day has it, unless it is the last one

INSTANCE = re.compile(r"vrrp_instance-(.+)\.conf")
SERVICE = re.compile(r"(virtual_server-.+)\.conf")
SERVER = re.compile(r"(virtual_server-.+)\.d/real_server-(.+)-(\d+)\.conf")
ADDRESSES = re.compile(r"^ *virtual_ipaddress(?:_excluded)? \{\n(.*?)^ *\}", re.MULTILINE | re.DOTALL)

Names = t.List[str]
Texts = t.Mapping[str, t.Optional[str]]  # path below conf.d -> text


class Content(t.NamedTuple):
    """What a configuration does, by the names that an operator knows."""

    instances: t.Dict[str, t.FrozenSet[str]]  # name -> its virtual addresses
    services: t.Dict[str, t.FrozenSet[str]]  # key -> its real servers

    @property
    def addresses(self) -> t.Set[str]:
        """The virtual addresses of all instances, each once."""
        return {address for found in self.instances.values() for address in found}


class Removal(t.NamedTuple):
    """One thing that goes; `alarming` says why that may be a mistake, and is "" for a change of every day."""

    name: str
    what: str
    alarming: str = ""

    def __str__(self) -> str:
        return f"{self.what} {self.name}"


def content(texts: Texts) -> Content:
    """What the files below conf.d do; files of other names than ours are not ours to remove."""
    instances = {}
    services: t.Dict[str, t.Set[str]] = {}
    for path, text in texts.items():
        if text is None:
            continue
        if found := INSTANCE.fullmatch(path):
            instances[found[1]] = frozenset(_addresses(text))
        elif found := SERVER.fullmatch(path):
            services.setdefault(_key(found[1]), set()).add(f"{_bracketed(found[2])}:{found[3]}")
        elif found := SERVICE.fullmatch(path):
            services.setdefault(_key(found[1]), set())
    return Content(instances, {key: frozenset(servers) for key, servers in services.items()})


def removals(before: Content, after: Content) -> t.List[Removal]:
    """Everything that `before` has and `after` has not; a service that goes stands for its real servers."""
    renamed = {name for name, held in before.instances.items() if held and held <= after.addresses}
    instances = [name for name in before.instances if name not in after.instances and name not in renamed]
    services = [key for key in before.services if key not in after.services]
    lost = sorted(before.addresses - after.addresses)
    found = _kind("vrrp_instance", instances, before.instances, after.instances, 1)
    found += _kind("virtual_server", services, before.services, after.services)
    found += _kind("virtual address", lost, before.addresses, after.addresses)
    for key in sorted(set(before.services) & set(after.services)):
        alarm = f"the last real server of {key}" if not after.services[key] else ""
        gone = sorted(before.services[key] - after.services[key])
        found += [Removal(name, f"{key}: real_server", alarm) for name in gone]
    return found


def _kind(
    what: str, gone: t.Iterable[str], before: t.Collection[str], after: t.Collection[str], least: int = AT_LEAST
) -> t.List[Removal]:
    names = sorted(gone)
    many = len(names) >= least and 2 * len(names) >= len(before)
    alarm = f"the last {what}" if not after else f"{len(names)} of {len(before)}" if many else ""
    return [Removal(name, what, alarm) for name in names]


def unexpected(found: t.Iterable[Removal], allowed: t.Collection[str]) -> t.List[Removal]:
    """What must not go without a word: `allowed` has the names that may, or `all`."""
    if ALL in allowed:
        return []
    return [removal for removal in found if removal.alarming and removal.name not in allowed]


def refusal(found: t.Sequence[Removal]) -> str:
    """What to say of removals that are `unexpected`."""
    told = [f"{removal} ({removal.alarming})" for removal in found[:MOST_TOLD]]
    rest = [f"and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
    return (
        f"This would remove {', '.join(told + rest)}; nothing has changed. An inventory without its group_vars, or a"
        " slip in the name of a variable, looks like this. Where it is meant, allow it for this run:"
        f" -e director_allow_removal={ALL}, or a list of the names; allow_removal is the module's option"
    )


def of_changes(texts: Texts, changes: t.Iterable[Change], below: str) -> t.List[Removal]:
    """What the changes take away; `texts` are the managed files of before, `below` the folder conf.d."""
    after = dict(texts)
    for change in changes:
        if change.path.startswith(below):
            after[change.path.removeprefix(below)] = change.after
    return removals(content(texts), content(after))


def _addresses(text: str) -> Names:
    rows = [row.split() for body in ADDRESSES.findall(text) for row in body.splitlines()]
    return [row[0].partition("/")[0] for row in rows if row]


def _key(stem: str) -> str:
    """The daemon's name of a service, from the name of its file."""
    if mark := re.fullmatch(r"virtual_server-fwmark-(\d+)-(inet6?)", stem):
        return f"fwmark {mark[1]}/{'IPv6' if mark[2] == 'inet6' else 'IPv4'}"
    if found := re.fullmatch(r"virtual_server-(.+)-(\d+)-(\w+)", stem):
        return f"{_bracketed(found[1])}:{found[2]}/{found[3]}"
    return stem


def _bracketed(text: str) -> str:
    return f"[{text}]" if ":" in text else text
