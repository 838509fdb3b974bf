"""Boundaries on a map: the runs of points that lie in its frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["nearby"]


def nearby(boundaries: Sequence[Mapping[str, Any]], box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """Return the runs of points within three degrees of a box (south, west, north, east), each as a part."""
    south, west, north, east = box
    kept: list[dict[str, Any]] = []
    part, last = 0, (-1, -1)
    for p in boundaries:
        if not (west - 3 <= p["lon"] <= east + 3 and south - 3 <= p["lat"] <= north + 3):
            continue
        if (p["part"], p["order"] - 1) != last:
            part += 1
        last = (p["part"], p["order"])
        kept.append({**p, "part": part})
    return kept
