"""Earlier forecasts as ghosts: their medians as thin grey lines under a fan, each with its label at the last year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from birge.charts.palette import GHOST

__all__ = ["with_ghosts"]


def with_ghosts(spec: Mapping[str, Any], ghosts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a layered chart of years and values with `ghosts` {year, value, run, label} drawn first."""
    made = deepcopy(dict(spec))
    if not ghosts:
        return made
    last: dict[str, Mapping[str, Any]] = {}
    for g in sorted(ghosts, key=lambda g: g["year"]):
        last[g["run"]] = g
    place = {"x": {"field": "year", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}}
    line = {
        "data": {"values": [dict(g) for g in ghosts]},
        "mark": {"type": "line", "color": GHOST, "strokeWidth": 1.3, "strokeDash": [2, 2], "clip": True},
        "encoding": {**place, "detail": {"field": "run", "type": "nominal"}},
    }
    label = {
        "data": {"values": [dict(g) for g in last.values()]},
        "mark": {"type": "text", "color": GHOST, "fontSize": 11, "align": "right", "dx": -4, "dy": -6, "clip": True},
        "encoding": {**place, "text": {"field": "label", "type": "nominal"}},
    }
    made["layer"] = [line, label, *made["layer"]]
    return made
