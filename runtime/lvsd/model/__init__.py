# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asked for: one frozen dataclass per block of the configuration.

`None` means "not said here": the value comes from the enclosing block, from `global_defs`, or from the
built-in default, and the worker that uses it expands it (`vrrp/parameters.py`, `check/planned_check.py`).  Times are
seconds.  Keywords that are known but not implemented stay in `kept`, as the words they came in, so that
nothing an operator wrote is lost between reading and rendering.

It imports nothing of ours but `record`.  Every other package takes the names from here.
"""

from .checks import Check, CheckTarget, CheckTiming, ConnectingCheck, HttpCheck, KeptCheck, MiscCheck, TcpCheck, Url
from .configuration import Configuration, GlobalDefs, SslContext
from .ipvs import Forwarding, Method, RealServer, SorryServer, VirtualServer
from .statement import Address, Command, Kept, Statement
from .vrrp import (
    Announcements,
    Authentication,
    Notify,
    SyncGroup,
    TrackedInterface,
    UnicastPeer,
    VirtualAddress,
    VirtualRouter,
)

__all__ = [
    "Address",
    "Announcements",
    "Authentication",
    "Check",
    "CheckTarget",
    "CheckTiming",
    "Command",
    "Configuration",
    "ConnectingCheck",
    "Forwarding",
    "GlobalDefs",
    "HttpCheck",
    "Kept",
    "KeptCheck",
    "Method",
    "MiscCheck",
    "Notify",
    "RealServer",
    "SorryServer",
    "SslContext",
    "Statement",
    "SyncGroup",
    "TcpCheck",
    "TrackedInterface",
    "UnicastPeer",
    "Url",
    "VirtualAddress",
    "VirtualRouter",
    "VirtualServer",
]
