"""A bar chart as a PNG file, drawn with nothing but the standard library."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEIGHT, _BAR, _GAP = 100, 14, 6
_WHITE, _BLUE = b"\xff\xff\xff", b"\x1f\x77\xb4"


def bar_chart(values: Sequence[float]) -> bytes:
    """The picture: a bar for each value, from zero up or down to it."""
    highest, lowest = max(0.0, *values), min(0.0, *values)
    scale = (_HEIGHT - 1) / ((highest - lowest) or 1.0)
    zero = round(highest * scale)
    tops = [round((highest - value) * scale) for value in values]
    rows = (_row(line, zero, tops) for line in range(_HEIGHT))
    width = _GAP + len(values) * (_BAR + _GAP)
    header = struct.pack(">IIBBBBB", width, _HEIGHT, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows))
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(line: int, zero: int, tops: Sequence[int]) -> bytes:
    bars = (
        (_BLUE if min(zero, top) <= line <= max(zero, top) else _WHITE) * _BAR + _WHITE * _GAP
        for top in tops
    )
    # Each row begins with its filter: none.
    return b"\x00" + _WHITE * _GAP + b"".join(bars)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
