# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs: plain noise, and valid things with something wrong in them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

EDGES = (0, 1, 2, 4, 7, 8, 15, 16, 0x7F, 0x80, 0xFE, 0xFF)
MOST_CHANGES = 4


def noise(draw: Random, longest: int) -> bytes:
    """Short ones are as likely as long ones."""
    return draw.randbytes(draw.randint(0, 2 ** draw.randint(0, longest.bit_length() - 1)))


def mutated(draw: Random, samples: Sequence[bytes]) -> bytes:
    """One of `samples` with up to MOST_CHANGES changes; sometimes two of them grown together."""
    data = bytearray(draw.choice(samples))
    for _ in range(draw.randint(1, MOST_CHANGES)):
        change(draw, data, samples)
    return bytes(data)


def change(draw: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = draw.randint(0, len(data))
    width = draw.choice((1, 1, 2, 4, 8, draw.randint(0, 64)))
    match draw.randrange(9):
        case 0 if at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        case 1 if at < len(data):
            data[at] = draw.choice(EDGES)
        case 2:
            data[at : at + width] = draw.randbytes(width)
        case 3:
            data[at : at + width] = bytes([draw.choice(EDGES)]) * width
        case 4:
            del data[at:]
        case 5:
            del data[at : at + width]
        case 6:
            data[at:at] = data[at : at + width] * draw.choice((1, 2, 50))
        case 7:
            other = draw.choice(samples)
            data[at:] = other[draw.randint(0, len(other)) :]
        case _:
            data[at:at] = draw.randbytes(width)


def either(draw: Random, samples: Sequence[bytes], longest: int = 4096) -> bytes:
    return noise(draw, longest) if draw.random() < 0.2 else mutated(draw, samples)
