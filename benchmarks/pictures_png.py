"""Pixels -> a PNG with a palette, a third of the size of what a browser makes: screens have few colours. A pure function.

https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

MOST = 256
"""Colours of a palette."""
INDEXED = 3
"""The colour type of a PNG whose pixels are numbers of a palette."""


def indexed(rgba: bytes, width: int) -> bytes:
    """A PNG of pixels of four bytes each, row by row; the colours that are rarest become their nearest neighbours."""
    colours, places, counts = np.unique(np.frombuffer(rgba, "<u4"), return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts, kind="stable")[:MOST]]
    palette = kept.astype("<u4").view(np.uint8).reshape(-1, 4)
    rows = _nearest(colours, kept)[places].reshape(-1, width)
    lines = np.pad(rows, ((0, 0), (1, 0)))  # a line begins with its filter: none
    header = struct.pack(">IIBBBBB", width, len(rows), 8, INDEXED, 0, 0, 0)
    parts = [
        (b"IHDR", header),
        (b"PLTE", palette[:, :3].tobytes()),
        (b"tRNS", palette[:, 3].tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _nearest(colours: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """For each colour the number of the nearest one that is kept."""
    some, others = (np.ascontiguousarray(these, "<u4").view(np.uint8).reshape(-1, 4).astype(np.float32) for these in (colours, kept))
    distances = (others**2).sum(axis=1) - 2 * some @ others.T  # squared, but for what is the same for each
    return distances.argmin(axis=1).astype(np.uint8)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
