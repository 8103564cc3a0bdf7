# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""A table of keywords is a module's options, the check of their values and the text they become.

`argument_spec(table)` is what AnsibleModule takes, `checked(table, values, where)` refuses what keepalived would
refuse, and `lines(table, values)` is the body of the block.  A value of None is not written.
"""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils._fragment import Line, Refused, block, line, shown

Values = t.Dict[str, t.Any]


class Keyword(t.NamedTuple):
    """One keyword of the language and one option of a module.

    `kind` says how it is written:
    word    `name value`                          number or text
    switch  `name` or `name off`                  what is inherited can be switched off
    flag    `name` or nothing
    words   `name a b c`                          a list on one line
    names   `name { a b }`                        a list, one per line
    rows    `name { first second N third }`       a list of dictionaries, one line each: the first option is the key
    block   `name { ... }`                        a dictionary
    blocks  `name { ... } name { ... }`           a list of dictionaries
    silent  nothing: the code that renders the block deals with it
    """

    name: str
    kind: str = "word"
    type: str = "str"
    choices: t.Optional[t.Tuple[t.Any, ...]] = None
    low: t.Optional[float] = None
    high: t.Optional[float] = None
    form: t.Optional[t.Callable[[str], str]] = None
    required: bool = False
    default: t.Any = None
    no_log: t.Optional[bool] = None
    written: t.Optional[str] = None  # the keyword, where the option has another name
    body: t.Tuple["Keyword", ...] = ()
    text: str = ""  # what it means, for the documentation
    unit: str = ""
    fallback: str = ""  # what the daemon does without it, in words


Table = t.Tuple[Keyword, ...]

LISTS = {"words": "str", "names": "str", "rows": "dict", "blocks": "dict"}


# --- the three readings of a table --------------------------------------------------------------


def argument_spec(table: Table) -> t.Dict[str, t.Dict[str, t.Any]]:
    """The options of `table` as AnsibleModule takes them."""
    return {keyword.name: _option(keyword) for keyword in table}


def _option(keyword: Keyword) -> t.Dict[str, t.Any]:
    option: t.Dict[str, t.Any] = {"type": _type(keyword)}
    if option["type"] == "list":
        option["elements"] = LISTS.get(keyword.kind, "str")
    if keyword.required:
        option["required"] = True
    if keyword.default is not None:
        option["default"] = keyword.default
    if keyword.choices is not None:
        option["choices"] = list(keyword.choices)
    if keyword.no_log is not None:
        option["no_log"] = keyword.no_log
    if keyword.body:
        option["options"] = argument_spec(keyword.body)
    return option


def _type(keyword: Keyword) -> str:
    if keyword.kind in LISTS:
        return "list"
    return {"switch": "bool", "flag": "bool", "block": "dict"}.get(keyword.kind, keyword.type)


def checked(table: Table, values: Values, where: str = "") -> Values:
    """`values` in canonical form.  Raises `Refused` naming the option that keepalived would not take."""
    return {keyword.name: _checked(keyword, values.get(keyword.name), where + keyword.name) for keyword in table}


def _checked(keyword: Keyword, value: t.Any, where: str) -> t.Any:
    if value is None:
        return None
    if keyword.body and isinstance(value, list):
        return [checked(keyword.body, item, f"{where}[{number}].") for number, item in enumerate(value)]
    if keyword.body:
        return checked(keyword.body, value, where + ".")
    if isinstance(value, list):
        return [_formed(keyword, item, f"{where}[{number}]") for number, item in enumerate(value)]
    if keyword.low is not None and keyword.high is not None and not keyword.low <= value <= keyword.high:
        unit = " seconds" if keyword.type == "float" else ""
        ends = f"{number_text(keyword.low)} to {number_text(keyword.high)}{unit}"
        raise Refused(f"{where}: '{number_text(value)}' is outside {ends}")
    return _formed(keyword, value, where)


def _formed(keyword: Keyword, value: t.Any, where: str) -> t.Any:
    if keyword.form is None:
        return value
    try:
        return keyword.form(str(value))
    except ValueError as error:
        colon = "" if str(error).startswith(("is ", "has ", "runs ")) else ":"
        raise Refused(f"{where}: {shown(str(value))}{colon} {error}") from None


def lines(table: Table, values: Values) -> t.List[Line]:
    """The lines of a block's body, in the table's order."""
    return [found for keyword in table for found in _lines(keyword, values.get(keyword.name))]


def _lines(keyword: Keyword, value: t.Any) -> t.List[Line]:
    if value is None or keyword.kind == "silent" or (keyword.kind in LISTS and not value):
        return []
    name = keyword.written or keyword.name
    if keyword.kind == "switch":
        return [line(name)] if value else [line(name, "off")]
    if keyword.kind == "flag":
        return [line(name)] if value else []
    if keyword.kind == "words":
        return [line(name, *value)]
    if keyword.kind == "names":
        return [block([name], [line("", item) for item in value])]
    if keyword.kind == "rows":
        return [block([name], [line("", *row(keyword.body, item)) for item in value])]
    if keyword.kind == "block":
        return [block([name], lines(keyword.body, value))]
    if keyword.kind == "blocks":
        return [block([name], lines(keyword.body, item)) for item in value]
    return [line(name, number_text(value))]


def row(table: Table, values: Values) -> t.List[str]:
    """The words of one line: the first option's value, then `name value` or the bare name of a flag."""
    words: t.List[str] = []
    for number, keyword in enumerate(table):
        value = values.get(keyword.name)
        if value is None or value is False:
            continue
        name = keyword.written or keyword.name
        words += [number_text(value)] if number == 0 else [name] if value is True else [name, number_text(value)]
    return words


def number_text(value: t.Any) -> str:
    """A number without a needless fraction; text as it is."""
    return format(value, ".6f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
