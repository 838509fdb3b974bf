"""The colours of all charts and pages, on light and on dark paper.

The two sides have a blue and an ochre of equal weight that stand on neither flag. Charts are drawn in the light
colours; a page repaints them by attribute (`fill="#1c2127"`), so that one drawing serves both.
"""

from __future__ import annotations

__all__ = ["DARK", "GHOST", "GREY", "GRID", "HALO", "INK", "RAIL", "ROAD", "SIDES", "TARGET"]

INK = "#1c2127"
GREY = "#57606a"
GRID = "#e2e5e9"
HALO = "#fefefe"
GHOST = "#8a939d"
TARGET = "#a4262c"
ROAD, RAIL = "#8a6d3b", "#4b5a8a"
SIDES = ("#1b6ca8", "#a35a12")
"""Colours of the first and the second side; both readable on white (contrast over 4.5)."""

DARK = {
    INK: "#eceff2",
    GREY: "#a7b0ba",
    GRID: "#343b43",
    HALO: "#14181d",
    GHOST: "#7d8791",
    TARGET: "#ff8a80",
    ROAD: "#c9a86a",
    RAIL: "#93a4e0",
    SIDES[0]: "#6cb6ee",
    SIDES[1]: "#e7a35c",
}
"""The same colours on dark paper."""
