"""Which nodes hang together, whatever the direction of links."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["pieces"]


def pieces(nodes: int, tail: NDArray[np.int64], head: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the piece that each node lies in."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(tail.size), (tail, head)), shape=(nodes, nodes))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
