"""An address as a QR picture, so that a printed page leads back to what it was printed from.

`qr_spec` is a chart spec that every writer of papers draws like any other figure; `qr_svg` is for pages. Four white
modules stand around the picture, as ISO/IEC 18004 asks, and it stays black on white on dark pages: readers need that.
Nothing is kept: the address of an authenticator holds its secret.
"""

from __future__ import annotations

from typing import Any

__all__ = ["modules", "qr_spec", "qr_svg"]

QUIET = 4
MODULE = 4
"""Points a module is wide on paper."""


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the dark modules of `text` by row, with the quiet zone; errors up to 15 % are mended (level M)."""
    import segno

    rows = segno.make(text, error="m", micro=False).matrix
    side = tuple(False for _ in range(QUIET))
    inner = [side + tuple(bool(x) for x in row) + side for row in rows]
    blank = tuple(False for _ in inner[0])
    return (*(blank,) * QUIET, *inner, *(blank,) * QUIET)


def qr_spec(text: str, width: int = 640) -> dict[str, Any]:
    """Return the picture as a Vega-Lite spec, at the left of a figure of `width` points."""
    rows = modules(text)
    size = len(rows) * MODULE
    dark = [
        {"x": x * MODULE, "y": y * MODULE, "x2": (x + 1) * MODULE, "y2": (y + 1) * MODULE}
        for y, row in enumerate(rows)
        for x, on in enumerate(row)
        if on
    ]

    def square(values: list[dict[str, int]], color: str) -> dict[str, Any]:
        places: dict[str, dict[str, Any]] = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
        for name, end in (("x", width), ("y", size)):
            scale = {"domain": [0, end], "nice": False, "reverse": name == "y"}
            places[name] = {"field": name, "type": "quantitative", "scale": scale, "axis": None}
        return {"data": {"values": values}, "mark": {"type": "rect", "color": color}, "encoding": places}

    whole = [{"x": 0, "y": 0, "x2": size, "y2": size}]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": size,
        "view": {"stroke": None},
        "layer": [square(whole, "#ffffff"), square(dark, "#000000")],
    }


def qr_svg(text: str) -> str:
    """Return the picture as SVG without any style, to stand in a page."""
    rows = modules(text)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on)
    n = len(rows)
    return (
        f'<svg class="qr" viewBox="0 0 {n} {n}" shape-rendering="crispEdges" aria-hidden="true">'
        f'<rect width="{n}" height="{n}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
