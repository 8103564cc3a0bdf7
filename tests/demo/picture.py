# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failover as an SVG: a lane per director with its states, a lane with every request of the client."""

from __future__ import annotations

from html import escape

from tests.lab.traffic import summarize

from .timeline import Failover, Span

WIDTH, LEFT, RIGHT = 960, 130, 20
TOP, LANE, BAND = 74, 54, 26
COLOURS = {"Active": "#2e7d32", "Backup": "#90a4ae", "Initialize": "#cfd8dc", "off": "#263238"}
SERVERS = ("#1565c0", "#ef6c00", "#6a1b9a", "#00838f")
FAILED = "#c62828"


class Scale:
    """Seconds around the cut to a column of the picture."""

    def __init__(self, first: float, last: float) -> None:
        self.first, self.last = first, last

    def x(self, seconds: float) -> float:
        inside = min(max(seconds, self.first), self.last)
        return LEFT + (inside - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)


def draw(failover: Failover, first: float, last: float) -> str:
    """The SVG text of the window from `first` to `last`, in seconds around the cut."""
    scale = Scale(first, last)
    lanes = sorted({span.who for span in failover.spans})
    height = TOP + LANE * (len(lanes) + 1) + 96
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *title(failover),
    ]
    for row, who in enumerate(lanes):
        parts += lane(who, [s for s in failover.spans if s.who == who], row, scale, failover.cut)
    parts += client(failover, len(lanes), scale)
    parts += floor(failover, len(lanes), scale)
    parts += axis(scale, TOP + LANE * (len(lanes) + 1) + 30)
    parts += legend(failover, height - 14)
    return "\n".join([*parts, "</svg>", ""])


def text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def title(failover: Failover) -> list[str]:
    client = summarize(failover.requests)
    saw = f"{client.requests} requests, {client.failures} failed, gap {client.gap:.0f} ms"
    return [
        text(LEFT, 24, "The active director loses power", 'font-size="16" font-weight="600"'),
        text(LEFT, 44, f"client: {saw}; Active_Down_Interval of these timers: {failover.floor * 1000:.0f} ms"),
    ]


def lane(who: str, spans: list[Span], row: int, scale: Scale, cut: float) -> list[str]:
    y = TOP + row * LANE
    parts = [text(8, y + BAND - 8, who, 'font-weight="600"')]
    for span in spans:
        left, right = scale.x(span.start - cut), scale.x(span.end - cut)
        if right <= left:
            continue
        colour = COLOURS.get(span.state, "#cfd8dc")
        parts.append(
            f'<rect x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="{BAND}" rx="3" fill="{colour}"/>'
        )
        if right - left > 52:
            parts.append(text(left + 8, y + BAND - 8, span.state, 'fill="#ffffff"'))
    return parts


def client(failover: Failover, row: int, scale: Scale) -> list[str]:
    y = TOP + row * LANE
    names = sorted({r.server for r in failover.requests if r.good})
    parts = [text(8, y + BAND - 8, "client", 'font-weight="600"')]
    for request in failover.requests:
        seconds = request.time - failover.cut
        if scale.first <= seconds <= scale.last:
            colour = SERVERS[names.index(request.server) % len(SERVERS)] if request.good else FAILED
            x = scale.x(seconds)
            parts.append(f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + BAND}" stroke="{colour}"/>')
    return parts


def floor(failover: Failover, lanes: int, scale: Scale) -> list[str]:
    """The cut, and how long the protocol makes the peer wait after the last advertisement."""
    cut, bottom = scale.x(0), TOP + LANE * (lanes + 1) - 14
    heard = failover.last_heard - failover.cut
    start, due = scale.x(heard), scale.x(heard + failover.floor)
    return [
        f'<line x1="{cut:.1f}" y1="{TOP - 14}" x2="{cut:.1f}" y2="{bottom}" stroke="{FAILED}" stroke-width="2"/>',
        text(cut + 5, TOP - 6, "power off", f'fill="{FAILED}"'),
        f'<rect x="{start:.1f}" y="{bottom - 4}" width="{due - start:.1f}" height="5" fill="#fbc02d"/>',
        text(due + 5, bottom + 2, "Active_Down_Interval since the last advertisement", 'fill="#8d6e00" font-size="11"'),
    ]


def axis(scale: Scale, y: float) -> list[str]:
    left, right = LEFT, WIDTH - RIGHT
    parts = [f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#607d8b"/>']
    for second in range(round(scale.first), round(scale.last) + 1):
        x = scale.x(second)
        parts.append(f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 5}" stroke="#607d8b"/>')
        parts.append(text(x, y + 19, f"{second:+d} s" if second else "0", 'text-anchor="middle" font-size="11"'))
    return parts


def legend(failover: Failover, y: float) -> list[str]:
    names = sorted({r.server for r in failover.requests if r.good})
    keys = [(f"answered by {name}", SERVERS[n % len(SERVERS)]) for n, name in enumerate(names)] + [("failed", FAILED)]
    parts, x = [], float(LEFT)
    for words, colour in keys:
        parts.append(f'<rect x="{x:.1f}" y="{y - 10}" width="10" height="10" fill="{colour}"/>')
        parts.append(text(x + 15, y, words, 'font-size="12"'))
        x += 40 + 7 * len(words)
    return parts
