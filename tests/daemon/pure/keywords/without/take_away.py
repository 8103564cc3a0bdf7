# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the effect of one field of the model away, in this process."""

from collections.abc import Callable
from dataclasses import MISSING, fields

NEUTRAL = {  # of fields that have no default
    "VirtualRouter.vrid": 1,
    "Authentication.kind": "PASS",
    "Authentication.password": "another",
    "Command.words": ("/bin/false",),
    "MiscCheck.command": None,
    "SorryServer.address": None,
}


def take_away(name: str) -> Callable[[], None]:
    """Every new object keeps the default of `Class.field`, whatever it is given, until the answer is called."""
    import lvsd.model

    owner, field = name.split(".")
    cls = getattr(lvsd.model, owner)
    found = next(one for one in fields(cls) if one.name == field)
    factory = None if found.default_factory is MISSING else found.default_factory
    original = cls.__init__

    def __init__(self: object, *args: object, **given: object) -> None:
        original(self, *args, **given)
        default = factory() if factory else NEUTRAL[name] if found.default is MISSING else found.default
        object.__setattr__(self, field, default)

    def give_back() -> None:
        cls.__init__ = original

    cls.__init__ = __init__
    return give_back
