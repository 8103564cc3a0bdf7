# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a row of the keyword tables is, and the configurations that they are set in.

A row sets one keyword in an otherwise equal configuration, looks at what a worker derives from it, and names what it
sees without the keyword and with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.entry import Block, Keyword, Lines
from lvsd.conf.load import parse
from lvsd.model import Configuration

Look = Callable[[Configuration], Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """`said`: the lines with the keyword; `text`: the configuration, with `@` where they stand."""

    block: str
    keyword: str
    said: str
    text: str
    look: Look
    without: Any
    with_it: Any

    def __str__(self) -> str:
        return f"{self.block} {self.keyword}".strip()

    def seen(self, lines: str) -> Any:
        """What `look` sees where these lines stand.  Raises AssertionError for a configuration with errors."""
        text = self.text.replace("@", lines)
        loaded = parse(text)
        assert not loaded.errors, "\n".join(map(str, loaded.errors)) + f"\n{text}"
        return self.look(loaded.configuration)


def rows(block: str, text: str, *table: tuple[str, str, Look, Any, Any]) -> list[Effect]:
    """Effects in one configuration: keyword, lines with it, where to look, what is seen without it and with it."""
    return [Effect(block, keyword, said, text, look, without, seen) for keyword, said, look, without, seen in table]


def implemented() -> Iterator[tuple[str, str]]:
    """(block, keyword) of everything in the grammar that is not only kept."""
    found = dict.fromkeys(walk("", ROOT))
    yield from found


def walk(name: str, block: Block) -> Iterator[tuple[str, str]]:
    for entry in block.entries:
        if isinstance(entry, Keyword | Lines | Block):
            yield name, entry.name
        if isinstance(entry, Block):
            yield from walk(entry.name, entry)


def fields() -> dict[tuple[str, str], set[str]]:
    """(block, keyword) -> the fields of the model that it sets, as Class.field."""
    found: dict[tuple[str, str], set[str]] = {}
    for name, block in blocks("", ROOT):
        for entry in block.entries:
            for field in entry.fields if isinstance(entry, Keyword) else [getattr(entry, "field", "kept")]:
                group, dot, last = field.partition(".")
                owner = block.groups[group] if dot else block.model
                if isinstance(entry, Keyword | Lines | Block):
                    found.setdefault((name, entry.name), set()).add(f"{owner.__name__}.{last if dot else field}")
    return found


def blocks(name: str, block: Block) -> Iterator[tuple[str, Block]]:
    yield name, block
    for entry in block.entries:
        if isinstance(entry, Block):
            yield from blocks(entry.name, entry)


# --- configurations ------------------------------------------------------------------------------

INSTANCE = """vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        192.0.2.100
    }
    @
}
"""
INSTANCE_WITHOUT_ADDRESSES = "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n @\n}\n"
INSTANCE6 = INSTANCE.replace("192.0.2.100", "fe80::100")


def globally(rest: str = INSTANCE.replace("@", "")) -> str:
    return f"global_defs {{\n@\n}}\n{rest}"


def instance(more: str = "") -> str:
    return INSTANCE.replace("@", f"{more}\n@")


def group(more: str = "") -> str:
    return f"vrrp_sync_group G {{\n group {{\n VI_1\n }}\n{more}\n@\n}}\n" + INSTANCE.replace("@", "")


SERVER = "real_server 10.0.0.11 80 {\n @\n}"


def service(server: str = SERVER.replace("@", ""), more: str = "", address: str = "192.0.2.10 80") -> str:
    return f"virtual_server {address} {{\n protocol TCP\n {more}\n @\n {server}\n}}\n"


def server(more: str = "") -> str:
    return service(SERVER.replace("@", f"{more}\n@"), "").replace("\n @\n real", "\n real")


def check(name: str, more: str = "") -> str:
    return server().replace("@", f"{name} {{\n {more}\n @\n}}")


def page(more: str = "", kind: str = "HTTP_GET") -> str:
    return server().replace("@", f"{kind} {{\n url {{\n {more}\n @\n }}\n}}")
