# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords of the health checks."""

from __future__ import annotations

from ansible_collections.lvs.director.plugins.module_utils._keywords import Table
from ansible_collections.lvs.director.plugins.module_utils._vocabulary import option, options

TIMING = ("delay_loop", "connect_timeout", "retry", "delay_before_retry", "warmup", "alpha")
TARGET = ("connect_ip", "connect_port", "bindto", "bind_port", "bind_if", "fwmark")

URL: Table = options(
    "url",
    option("url", "path", default="/"),
    *("status_code", "digest", "virtualhost", "regex", "regex_no_match", "regex_options"),
)


def _http(kind: str) -> Table:
    return options(
        kind,
        *("http_protocol", "virtualhost"),
        option(kind, "fast_recovery", kind="flag"),
        option(kind, "url", body=URL),
        *(TARGET + TIMING),
    )


MISC: Table = options(
    "MISC_CHECK",
    option("MISC_CHECK", "misc_path", required=True),
    *("misc_timeout", "misc_dynamic", "user"),
    *(name for name in TIMING if name != "connect_timeout"),
)

CHECKS: Table = (
    option("real_server", "TCP_CHECK", body=options("TCP_CHECK", *TARGET, *TIMING)),
    option("real_server", "HTTP_GET", body=_http("HTTP_GET")),
    option("real_server", "SSL_GET", body=(option("SSL_GET", "enable_sni", kind="flag"), *_http("SSL_GET"))),
    option("real_server", "MISC_CHECK", body=MISC),
)
