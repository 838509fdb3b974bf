"""Read the first data frame of an .rda file (bzip2, XDR, version 2): as much of R's format as the guide's data need."""

from __future__ import annotations

import bz2
import struct
from pathlib import Path

import numpy as np

HEADER = 5 + 2 + 12
NIL, REFERENCE, SYMBOL, PAIRS, CHARS, LOGICAL, INTEGER, REAL, STRINGS, LIST = 254, 255, 1, 2, 9, 10, 13, 14, 16, 19


class Reader:
    """A cursor over the bytes, with the symbols met so far."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.symbols = data, HEADER, []

    def integer(self) -> int:
        self.at += 4
        return struct.unpack(">i", self.data[self.at - 4 : self.at])[0]

    def array(self, kind: str) -> np.ndarray:
        count = self.integer()
        made = np.frombuffer(self.data, kind, count, self.at)
        self.at += made.nbytes
        return made

    def item(self):
        flags = self.integer()
        kind = flags & 0xFF
        if kind == NIL:
            return None
        if kind == REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.item())
            return self.symbols[-1]
        if kind == PAIRS:
            return self.pairs(flags)
        if kind == CHARS:
            count = self.integer()
            self.at += max(count, 0)
            return self.data[self.at - count : self.at].decode() if count >= 0 else None
        if kind in (LOGICAL, INTEGER):
            made = self.array(">i4")
        elif kind == REAL:
            made = self.array(">f8")
        else:
            assert kind in (STRINGS, LIST), kind
            made = [self.item() for _ in range(self.integer())]
        return self.named(made, self.item()) if flags & 0x200 else made

    def pairs(self, flags: int) -> dict:
        made = {}
        while True:
            attributes = self.item() if flags & 0x200 else None
            assert attributes is None
            tag = self.item() if flags & 0x400 else len(made)
            made[tag] = self.item()
            flags = self.integer()
            if flags & 0xFF == NIL:
                return made

    @staticmethod
    def named(made, attributes: dict):
        if "levels" in attributes:
            return [attributes["levels"][k - 1] for k in made]
        return (
            dict(zip(attributes["names"], made, strict=True))
            if isinstance(made, list) and "names" in attributes
            else made
        )


def read(path: Path) -> dict[str, np.ndarray]:
    """Return the columns of the frame."""
    data = bz2.decompress(path.read_bytes())
    assert data[:7] == b"RDX2\nX\n"
    (frame,) = Reader(data).item().values()
    return {name: np.asarray(column) for name, column in frame.items()}
