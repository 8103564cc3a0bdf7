# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of trackers in instances and groups: each must be defined, in whatever file."""

from __future__ import annotations

from lvsd.model import Configuration

from ..draft import Located
from ..findings import Findings

DEFINED_BY = {
    "track_script": "vrrp_script",
    "track_process": "vrrp_track_process",
    "track_file": "track_file",
    "track_bfd": "bfd_instance",
}
ALSO = {"vrrp_track_file": "track_file"}  # an older word


def check_trackers(located: Located[Configuration], findings: Findings) -> None:
    """Report what instances and groups track and nothing defines; keepalived leaves it out."""
    defined: dict[str, set[str]] = {word: set() for word in DEFINED_BY.values()}
    for statement in located.value.kept:
        word = ALSO.get(statement.words[0], statement.words[0])
        if word in defined and len(statement.words) > 1:
            defined[word].add(statement.words[1])
    for owner in (*located.children.get("routers", []), *located.children.get("sync_groups", [])):
        for statement in owner.value.kept:
            kind = DEFINED_BY.get(statement.words[0])
            for line in statement.body or ():
                if kind and line.words and line.words[0] not in defined[kind]:
                    findings.error(
                        owner.at(statement.words[0]),
                        f"{owner.label}: {statement.words[0]}: there is no {kind} '{line.words[0]}'",
                        statement.words[0],
                        fatal=False,
                    )
