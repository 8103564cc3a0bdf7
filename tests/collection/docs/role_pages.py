# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last section of each role's README, its variables, from the role's argument specification.

`python -m ansible_collections.lvs.director.tests.collection.docs.role_pages` writes the sections anew.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.lvs.director.tests.collection.docs.options_page import Options, default_of, described
from ansible_collections.lvs.director.tests.collection.docs.pages import ROLES

HEADING = "## Variables\n"


def specification(page: Path) -> Options:
    """The options of the role that `page` is the README of."""
    found: Options = yaml.safe_load((page.parent / "meta" / "argument_specs.yml").read_text())["argument_specs"][
        "main"
    ]["options"]
    return found


def section(page: Path) -> str:
    rows = "".join(
        f"| `{name}` | {default_of(option)} | {' '.join(described(option))} |\n"
        for name, option in specification(page).items()
    )
    return f"""{HEADING}
`ansible-doc -t role lvs.director.{page.parent.name}` shows every option of every block, and so does
[docs/options.md](../../docs/options.md#role-{page.parent.name}).

| Variable | Default | Meaning |
|---|---|---|
{rows}"""


def renewed(page: Path) -> str:
    """The text of `page` with its section made anew."""
    return page.read_text().partition(HEADING)[0] + section(page)


if __name__ == "__main__":
    for role in ROLES:
        role.write_text(renewed(role))
