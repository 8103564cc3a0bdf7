# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frozen dataclasses that exist at once.

`dataclass` writes and compiles six methods for each class, which for the model alone took a quarter of the start of
every process, and a worker that has crashed is missed for as long as it starts.  A record has the same fields and the
same behaviour (`replace`, `fields`, pickling, `==`, `hash`, `repr`, keyword-only fields), with methods that all records
share.  Making one takes about twice as long, so what is made for every packet stays a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool, kw_only: bool = False):
        """The decorator: `@record(frozen=True, slots=True)`, as one would write `dataclass`."""
        del frozen, slots  # a record always is and has them; saying so keeps the line true for a type checker

        def make(cls: type) -> type:
            cls.__doc__ = cls.__doc__ or cls.__name__  # or dataclass would compose one, slowly
            made = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
            equip(made)
            return made

        return make


def equip(cls: Any) -> None:
    """Give a class of dataclass fields the methods of a record."""
    every = fields(cls)
    asked = tuple(field.name for field in every if field.init)
    positional = tuple(field.name for field in every if field.init and not field.kw_only)
    shown = tuple(field.name for field in every if field.repr)
    everything = getter([field.name for field in every])
    compared = getter([field.name for field in every if field.compare])
    defaults = {field.name: field.default for field in every if field.default is not MISSING}
    factories = {field.name: field.default_factory for field in every if field.default_factory is not MISSING}
    known, store, finish = frozenset(asked), object.__setattr__, getattr(cls, "__post_init__", None)

    def __init__(self: Any, *args: Any, **given: Any) -> None:
        if args:
            given = arguments(cls, positional, args, given)
        for name in asked:
            if name in given:
                store(self, name, given[name])
            elif name in defaults:
                store(self, name, defaults[name])
            elif name in factories:
                store(self, name, factories[name]())
            else:
                raise TypeError(f"{cls.__name__}() needs {name!r}")
        if unknown := given.keys() - known:
            raise TypeError(f"{cls.__name__}() has no {sorted(unknown)[0]!r}")
        if finish is not None:
            finish(self)

    def __eq__(self: Any, other: object) -> Any:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __repr__(self: Any) -> str:
        return f"{cls.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    if asked or finish is not None:  # object's own is faster
        cls.__init__ = __init__
    cls.__eq__, cls.__repr__ = __eq__, __repr__
    cls.__hash__ = lambda self: hash(compared(self))
    cls.__reduce__ = lambda self: (restored, (cls, everything(self)))
    cls.__setattr__, cls.__delattr__ = refuse_to_set, refuse_to_delete


def getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of these attributes, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda self: (getattr(self, names[0]),)) if names else (lambda self: ())


def arguments(cls: type, positional: tuple[str, ...], args: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
    """Everything by name.  Raises TypeError."""
    if len(args) > len(positional):
        raise TypeError(f"{cls.__name__}() takes {len(positional)} arguments without a name, not {len(args)}")
    placed = dict(zip(positional, args, strict=False))
    if twice := placed.keys() & given.keys():
        raise TypeError(f"{cls.__name__}() got {sorted(twice)[0]!r} twice")
    return placed | given


def restored(cls: Any, values: tuple[Any, ...]) -> Any:
    """From a pickle, or a copy."""
    new = object.__new__(cls)
    for field, value in zip(fields(cls), values, strict=True):
        object.__setattr__(new, field.name, value)
    return new


def refuse_to_set(self: object, name: str, value: object) -> None:
    """Raise FrozenInstanceError, as a frozen dataclass does."""
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def refuse_to_delete(self: object, name: str) -> None:
    """Raise FrozenInstanceError, as a frozen dataclass does."""
    raise FrozenInstanceError(f"cannot delete field {name!r}")
