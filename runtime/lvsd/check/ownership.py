# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services of the kernel's table are ours: those we made, and no others, may be removed.

Kept in STATE_DIR/services.json, so that a service that left the configuration while the daemon was not running is
removed at the next start.  The boot is part of it: after a reboot the table is empty, and a service of that name
would be somebody else's.

Pure: text in, text out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

VERSION = 1


def parse(text: str, boot: str) -> frozenset[str]:
    """The services (as texts) that were made during the boot `boot`. Raises ValueError for what is no such file."""
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']!r}")
        if document["boot"] != boot:
            return frozenset()
        services = document["services"]
        if not isinstance(services, list) or not all(isinstance(service, str) for service in services):
            raise ValueError("services is no list of texts")
        return frozenset(services)
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"not our services: {error!r}") from error


def render(services: Iterable[str], boot: str) -> str:
    """Return the names of our services, and of this boot, as the text of their file."""
    return json.dumps({"version": VERSION, "boot": boot, "services": sorted(services)}, indent=2) + "\n"
