"""Random numbers by name: the same name, block and seed give the same numbers, whatever else runs.

Draws come in blocks of 1,000. Block 3 alone equals block 3 of the whole, and the first 1,000 of 10,000
draws equal a run of 1,000 draws, bit for bit. Counter-based Philox keyed by a hash (Salmon et al. 2011).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

__all__ = ["BLOCK", "Streams", "blocks"]

BLOCK = 1_000


@dataclass(frozen=True)
class Streams:
    """A value that hands out generators by name and block; `draws` is the size of the bound block."""

    seed: int
    block: int = 0
    draws: int = BLOCK

    def at(self, name: str, block: int | None = None) -> np.random.Generator:
        """Return the generator of `name` in `block` (the bound one if None); always fresh."""
        number = self.block if block is None else block
        digest = hashlib.blake2b(f"{self.seed}\x1f{name}\x1f{number}".encode(), digest_size=16).digest()
        return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def blocks(draws: int) -> list[tuple[int, int]]:
    """Split `draws` into (block number, size of that block); all but the last hold 1,000."""
    return [(b, min(BLOCK, draws - b * BLOCK)) for b in range((draws + BLOCK - 1) // BLOCK)]
