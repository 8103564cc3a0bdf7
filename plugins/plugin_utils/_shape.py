# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Values in the shape that an argument_spec asks for; every place with another shape is told, once.

Ansible's own validator names no place inside a list, tells one mistake several times, and shows passwords with what is
around them.  What it turns into another type (`port: "80"`, `status_code: 200`) is turned here too, except a boolean:
`dev: yes` was meant otherwise.  None is what was not given.
"""

from __future__ import annotations

import copy
import math
import re
import typing as t
from collections.abc import Callable, Mapping
from decimal import Decimal

from ansible.module_utils.common.validation import check_type_bool, check_type_dict
from ansible_collections.lvs.director.plugins.module_utils._fragment import shown
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.plugin_utils import _hints

Option = Mapping[str, t.Any]
SURROGATE = re.compile("[\ud800-\udfff]")
LARGEST = 2**63  # no keyword takes as much; printing more digits costs time, or is refused by Python


def shaped(spec: Mapping[str, Option], values: Mapping[t.Any, t.Any], where: str, wrong: list[str]) -> Values:
    """The options of `spec` with their types and defaults; what is wrong in `values` is added to `wrong`."""
    for name in values:
        if name not in spec:
            wrong.append(f"{where}{shorter(str(name))}: there is no such option{_hints.instead(str(name), spec)}")
    return {name: _shaped(option, values.get(name), f"{where}{name}", wrong) for name, option in spec.items()}


def _shaped(option: Option, value: t.Any, place: str, wrong: list[str]) -> t.Any:
    if value is None:
        if option.get("required"):
            wrong.append(f"{place}: a value is missing")
        return copy.deepcopy(option.get("default"))
    kind = option["type"]
    try:
        found = READERS[kind](value, option)
    except (TypeError, ValueError, ArithmeticError):
        hint = "" if _hides(option) else _hints.shape(_name(place), option, value)
        wrong.append(f"{place}: {told(value, _hides(option))} is no {NOUNS[kind]}{hint}")
        return None
    if kind == "str" and option.get("no_log") and not isinstance(value, str):
        wrong.append(f"{place}: put it in quotes: YAML takes it for a number, and reads 0123 as another one")
        return None
    if kind == "str" and (surrogate := SURROGATE.search(found)):
        wrong.append(f"{place}: no Unicode text, character {surrogate.start() + 1} is a lone surrogate")
        return None
    if kind == "list":
        element = {**option, "type": option["elements"], "default": None, "required": True}
        return [_shaped(element, item, f"{place}[{number}]", wrong) for number, item in enumerate(found)]
    if kind == "dict":
        return shaped(option["options"], found, f"{place}.", wrong) if "options" in option else found
    if "choices" in option and found not in option["choices"]:
        known = f"{', '.join(map(str, option['choices']))}{_hints.choice(found, option['choices'])}"
        wrong.append(f"{place}: {told(found)} is none of {known}")
    return found


def _name(place: str) -> str:
    """The option at the end of a place: `HTTP_GET` of `x: y[0].HTTP_GET[1]`."""
    return place.rpartition(": ")[2].rpartition(".")[2].partition("[")[0]


# --- the types: TypeError, ValueError or ArithmeticError for what it is not ---------------------


def _dictionary(value: t.Any, option: Option) -> dict[t.Any, t.Any]:
    return dict(value) if isinstance(value, Mapping) else check_type_dict(value)


def _list(value: t.Any, option: Option) -> list[t.Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if option["elements"] == "dict":
        raise TypeError
    text = _text(value, option)
    return text.split(",") if isinstance(value, str) else [text]


def _text(value: t.Any, option: Option) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    return value if isinstance(value, str) else str(value)


def _whole(value: t.Any, option: Option) -> int:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    number = value if isinstance(value, int) else Decimal(value)
    if not -LARGEST < number < LARGEST or number != int(number):
        raise ValueError
    return int(number)


def _number(value: t.Any, option: Option) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not math.isfinite(float(value)):
        raise TypeError
    return float(value)


def _truth(value: t.Any, option: Option) -> bool:
    return bool(check_type_bool(value))


READERS: dict[str, Callable[[t.Any, Option], t.Any]] = {
    "dict": _dictionary,
    "list": _list,
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _truth,
}
NOUNS = {"dict": "dictionary", "list": "list", "str": "text", "int": "integer", "float": "number", "bool": "boolean"}

KINDS = {bool: "a boolean", str: "a text", int: "a number", float: "a number"}  # a boolean is an int, too


# --- values in messages -------------------------------------------------------------------------


def told(value: t.Any, hidden: bool = False) -> str:
    """`value` for a message; of what has others inside, and of secrets, only what it is."""
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        return "a dictionary" if isinstance(value, Mapping) else "a list"
    if value is None:
        return "nothing"
    if isinstance(value, int) and not -LARGEST < value < LARGEST:
        return f"a number of {value.bit_length()} bits"
    kind = next((words for kind, words in KINDS.items() if isinstance(value, kind)), "")
    if hidden or not kind:
        return kind or f"a value of the type {type(value).__name__.removeprefix('_AnsibleTagged').lower()}"
    return shown(value) if isinstance(value, str) else str(value)


def shorter(name: str) -> str:
    """The name of an option, or what was taken for one: as it is while it looks like one."""
    return name if name.isidentifier() and len(name) <= 60 else shown(name)


def _hides(option: Option) -> bool:
    return bool(option.get("no_log")) or any(map(_hides, option.get("options", {}).values()))
