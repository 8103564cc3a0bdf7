# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords of the health checks."""

from __future__ import annotations

from ansible_collections.lvs.director.plugins.module_utils._forms import (
    address,
    command,
    interface,
    md5,
    regex_option,
    status_code,
    word,
)
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table

DAY = 86400
LEAST = 0.000001  # seconds: the resolution of the daemon's times

TIMING: Table = (
    Keyword("delay_loop", type="float", low=LEAST, high=31 * DAY),
    Keyword("connect_timeout", type="float", low=LEAST, high=DAY),
    Keyword("retry", type="int", low=0, high=2**31 - 1),
    Keyword("delay_before_retry", type="float", low=0, high=DAY),
    Keyword("warmup", type="float", low=0, high=31 * DAY),
    Keyword("alpha", "switch"),
)

TARGET: Table = (
    Keyword("connect_ip", form=address),
    Keyword("connect_port", type="int", low=1, high=65535),
    Keyword("bindto", form=address),
    Keyword("bind_port", type="int", low=1, high=65535),
    Keyword("bind_if", form=interface),
    Keyword("fwmark", type="int", low=0, high=4294967295),
)

URL: Table = (
    Keyword("path", form=word, default="/"),
    Keyword("status_code", "words", form=status_code),
    Keyword("digest", form=md5),
    Keyword("virtualhost", form=word),
    Keyword("regex", form=word),
    Keyword("regex_no_match", "flag"),
    Keyword("regex_options", "words", form=regex_option),
)

HTTP: Table = (
    Keyword("http_protocol", choices=("1.0", "1.0C", "1.1")),
    Keyword("virtualhost", form=word),
    Keyword("fast_recovery", "flag"),
    Keyword("url", "blocks", body=URL),
    *TARGET,
    *TIMING,
)

TLS: Table = (Keyword("enable_sni", "flag"), *HTTP)

MISC: Table = (
    Keyword("misc_path", form=command, required=True),
    Keyword("misc_timeout", type="int", low=1, high=31 * DAY),
    Keyword("misc_dynamic", "flag"),
    Keyword("user", "words"),
    *(keyword for keyword in TIMING if keyword.name != "connect_timeout"),
)

CHECKS: Table = (
    Keyword("TCP_CHECK", "blocks", body=(*TARGET, *TIMING)),
    Keyword("HTTP_GET", "blocks", body=HTTP),
    Keyword("SSL_GET", "blocks", body=TLS),
    Keyword("MISC_CHECK", "blocks", body=MISC),
)
