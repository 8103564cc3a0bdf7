# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration as the daemon shows and logs it: without its passwords."""

from __future__ import annotations

from dataclasses import replace

from lvsd.model import Configuration


def without_secrets(configuration: Configuration) -> Configuration:
    """The same with every password replaced by asterisks."""
    routers = tuple(
        replace(router, authentication=replace(router.authentication, password="********"))
        if router.authentication
        else router
        for router in configuration.routers
    )
    ssl = configuration.ssl
    if ssl and ssl.password:
        ssl = replace(ssl, password="********")
    return replace(configuration, routers=routers, ssl=ssl)
