# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's apt sources -> the sources of the machine image. Pure, but for `host_sources` that reads the files.

The image is always Debian 12; the host may be any Debian or a relative. So only the *addresses* of the host's
official Debian mirrors are taken over, and other vendors' sources are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
OFFICIAL = re.compile(r"(bullseye|bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable)(-updates|-security)?$")


@dataclass(frozen=True, slots=True)
class Source:
    """One repository and suite: `deb URI SUITE COMPONENTS`."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""

    @property
    def official(self) -> bool:
        """Debian's own: a suite name of Debian, component main, a mirror's path, and no vendor's key."""
        return (
            bool(OFFICIAL.fullmatch(self.suite))
            and "main" in self.components
            and self.uri.rstrip("/").endswith(("/debian", "/debian-security"))
            and (not self.signed_by or "debian-archive" in self.signed_by)
        )


def read_one_line(text: str) -> Iterator[Source]:
    """The format of sources.list."""
    for row in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", row)
        if match:
            options, uri, suite, components = match.groups()
            signed = re.search(r"signed-by=(\S+)", options or "", re.IGNORECASE)
            yield Source(uri, suite, tuple(components.split()), signed[1] if signed else "")


def read_deb822(text: str) -> Iterator[Source]:
    """The format of *.sources."""
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        fields = {key.lower(): value for key, value in re.findall(r"(?m)^([\w-]+):\s*((?:.*)(?:\n[ \t].*)*)", stanza)}
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").strip() == "no":
            continue
        components = tuple(fields.get("components", "").split())
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, components, fields.get("signed-by", "").strip())


def host_sources(apt: Path = Path("/etc/apt")) -> list[Source]:
    """Everything that the host's apt reads."""
    found: list[Source] = []
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if path.suffix in (".list", ".sources") and path.is_file():
            reader = read_deb822 if path.suffix == ".sources" else read_one_line
            found.extend(reader(path.read_text(errors="replace")))
    return found


def image_sources(sources: Iterable[Source]) -> str:
    """sources.list of the image: the host's Debian mirrors, or Debian's own where the host has none."""
    official = [source for source in sources if source.official]
    main = [source.uri for source in official if not source.suite.endswith("-security")]
    security = [source.uri for source in official if source.suite.endswith("-security")]
    signed = f"[signed-by={KEYRING}]"
    return "".join(
        f"deb {signed} {uri} {suite} main\n"
        for uri, suite in (
            (first(main, MIRROR), SUITE),
            (first(main, MIRROR), f"{SUITE}-updates"),
            (first(security, SECURITY), f"{SUITE}-security"),
        )
    )


def mirror_source(sources: Iterable[Source], suite: str) -> str:
    """sources.list of another suite of Debian, from the same mirror."""
    main = [source.uri for source in sources if source.official and not source.suite.endswith("-security")]
    return f"deb [signed-by={KEYRING}] {first(main, MIRROR)} {suite} main\n"


def first(uris: list[str], default: str) -> str:
    return next((uri for uri in uris if uri.startswith(("http://", "https://"))), default)
