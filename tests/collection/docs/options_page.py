# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`docs/options.md`: every option of every module and role, from what `ansible-doc` reads.

`python -m ansible_collections.lvs.director.tests.collection.docs.options_page` writes the page anew.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ansible_collections.lvs.director.tests.collection.docs.pages import ROOT

PAGE = ROOT / "docs" / "options.md"
COLLECTION = "lvs.director."
Options = Mapping[str, Mapping[str, Any]]

HEAD = """<!--
SPDX-FileCopyrightText: 2026 The lvs.director authors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# Options of modules and roles

Made from the modules' documentation and the roles' argument specifications by
`python -m ansible_collections.lvs.director.tests.collection.docs.options_page`; do not edit.

`ansible-doc lvs.director.MODULE` and `ansible-doc -t role lvs.director.ROLE` show the same, with examples and return
values.  Options that are keywords of the configuration mean what [keywords.md](keywords.md) says.  Options that are the
same in several places stand at the first of them.
"""


@cache
def documentation() -> dict[str, Any]:
    """What `ansible-doc` knows of the collection: plugin type -> name -> documentation."""
    collections = next(path for path in sys.path if (ROOT / "galaxy.yml").samefile(_galaxy(path)))
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "ansible-doc"), "--metadata-dump", "lvs.director"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections},
    )
    found: dict[str, Any] = json.loads(done.stdout)["all"]
    return found


def _galaxy(path: str) -> str:
    found = os.path.join(path, "ansible_collections", "lvs", "director", "galaxy.yml")
    return found if os.path.exists(found) else os.devnull


def page(known: Mapping[str, Any]) -> str:
    """The whole page."""
    modules = {
        name.removeprefix(COLLECTION): known["module"][name]["doc"] for name in sorted(known["module"], key=place)
    }
    roles = {
        name.removeprefix(COLLECTION): entry["entry_points"]["main"] for name, entry in sorted(known["role"].items())
    }
    written: dict[str, str] = {}
    sections = [section("module", name, entry, written) for name, entry in modules.items()]
    sections += [section("role", name, entry, written) for name, entry in roles.items()]
    return HEAD + contents(modules, roles) + "".join(sections)


def place(name: str) -> tuple[bool, str]:
    """Blocks of the configuration first, then what is for the whole host and repeats them."""
    return ".director_" in name, name


def contents(modules: Mapping[str, Any], roles: Mapping[str, Any]) -> str:
    rows = [("module", name, entry) for name, entry in modules.items()] + [
        ("role", name, e) for name, e in roles.items()
    ]
    lines = [f"| {kind} | [`{name}`](#{kind}-{name}) | {entry['short_description']} |" for kind, name, entry in rows]
    return "\n| | | |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def section(kind: str, name: str, entry: Mapping[str, Any], written: dict[str, str]) -> str:
    parts = [f"\n## {kind} `{name}`\n\n", "\n".join(plain(line) for line in entry["description"]), "\n"]
    parts += [f"\n**{one}**: {support(entry['attributes'][one])}  " for one in sorted(entry.get("attributes") or {})]
    return "".join(parts).rstrip() + "\n\n" + tables(f"{kind} `{name}`", entry.get("options") or {}, written)


def support(attribute: Mapping[str, Any]) -> str:
    details = attribute.get("details") or []
    more = " ".join([details] if isinstance(details, str) else details)
    return plain(f"{attribute['support']}. {more}".strip().rstrip(".") + ".")


def tables(title: str, options: Options, written: dict[str, str]) -> str:
    """The table of `options`, then one for each option that has options inside and stands nowhere yet."""
    blocks = {f"{title} → `{name}`": inside for name, option in sorted(options.items()) if (inside := nested(option))}
    new = {place: inside for place, inside in blocks.items() if written.setdefault(fingerprint(inside), place) == place}
    text = table(options, written)
    return text + "".join(f"\n### {place}\n\n{tables(place, inside, written)}" for place, inside in new.items())


def table(options: Options, written: Mapping[str, str]) -> str:
    rows = "".join(row(name, option, written) for name, option in sorted(options.items()))
    return f"| Option | Type | Default | Meaning |\n|---|---|---|---|\n{rows}"


def row(name: str, option: Mapping[str, Any], written: Mapping[str, str]) -> str:
    meaning = " ".join(described(option))
    if inside := nested(option):
        where = written[fingerprint(inside)]
        meaning += f" See [{where.replace('`', '')}](#{anchor(where)})."
    return f"| `{name}` | {kind_of(option)} | {default_of(option)} | {meaning} |\n"


def described(option: Mapping[str, Any]) -> Iterator[str]:
    lines = option["description"]
    yield from (plain(line).replace("|", "\\|") for line in ([lines] if isinstance(lines, str) else lines))
    if option.get("choices"):
        yield "One of " + ", ".join(f"`{choice}`" for choice in option["choices"]) + "."


def kind_of(option: Mapping[str, Any]) -> str:
    kind = option.get("type", "str")
    return f"list of {option['elements']}" if kind == "list" and option.get("elements") else str(kind)


def default_of(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    default = option.get("default")
    if default is None:
        return ""
    return f"`{default}`" if isinstance(default, str) and default else f"`{json.dumps(default)}`"


def nested(option: Mapping[str, Any]) -> Options:
    return option.get("suboptions") or option.get("options") or {}


def fingerprint(options: Options) -> str:
    """Equal for options that say the same; `suboptions` of modules and `options` of roles are one."""
    return json.dumps(options, sort_keys=True).replace('"suboptions"', '"options"')


def anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def plain(text: str) -> str:
    """Ansible's markup as Markdown's."""
    text = re.sub(r"(?:O|M|RV)\(([^)]*)\)", lambda m: f"`{m[1].rpartition(':')[2]}`", text)
    return re.sub(r"[CV]\(([^)]*)\)", r"`\1`", text)


if __name__ == "__main__":
    PAGE.write_text(page(documentation()))
