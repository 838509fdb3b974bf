"""The boundaries of maps: a file of the installation's own, else the one that comes with the islands, else none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["boundaries"]

SHIPPED = Path(__file__).with_name("static") / "islands" / "boundaries.json"


@lru_cache(maxsize=4)
def boundaries(own: Path | None) -> tuple[Mapping[str, Any], ...]:
    """Return the points of all lines {lat, lon, part, order}; nothing in a tree where the islands are not built.

    Raises InputError for a file of one's own that cannot be read.
    """
    from birge.report.freight_map import read_boundaries

    path = own or SHIPPED
    if own is None and not path.is_file():
        return ()
    return tuple(read_boundaries(path))
