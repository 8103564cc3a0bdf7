# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files that a configuration names this process cannot read, as findings: for a daemon that is not root."""

from __future__ import annotations

import os
from dataclasses import replace

from lvsd.conf import Finding, Loaded, Severity


def with_unreadable(loaded: Loaded) -> Loaded:
    """The same, with a warning for each file of `SSL { }` that the checker, which has no more rights, cannot read."""
    ssl = loaded.configuration.ssl
    names = dict.fromkeys((ssl.ca, ssl.certificate, ssl.key)) if ssl is not None else {}
    found = []
    for name in filter(None, names):
        try:
            os.close(os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))
        except OSError as error:
            text = f"'SSL': cannot read '{name}': {error.strerror}; each SSL_GET fails"
            found.append(Finding(loaded.files[0] if loaded.files else name, 0, Severity.WARNING, text, "SSL"))
    return replace(loaded, findings=(*found, *loaded.findings)) if found else loaded
