"""What all charts of pages and papers have: one font, grey axes, no legend in black, numbers as the reader writes them.

A spec has no paper of its own: a page's colour shows through, and a paper's is white.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from birge.charts.palette import GREY, GRID, HALO, INK

__all__ = ["FONT", "framed", "localised", "through_zero", "topped", "written"]

FONT = "Noto Sans, system-ui, Segoe UI, Roboto, DejaVu Sans, Arial, sans-serif"


def framed(chart: Any, lang: str = "en") -> dict[str, Any]:
    """Return the spec of a chart in the common frame, its numbers in the notation of `lang`."""
    words = {"labelColor": GREY, "titleColor": GREY, "labelFontSize": 12, "titleFontSize": 12}
    made: dict[str, Any] = (
        chart.configure(font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_text(color=INK, fontSize=12)
        .configure_axis(**words, gridColor=GRID, domainColor=GREY, tickColor=GREY, titleFontWeight="normal")
        .configure_legend(
            **words,
            titleFontWeight="normal",
            symbolStrokeColor=GREY,
            gradientStrokeColor=GRID,
            labelLimit=400,
            titleLimit=400,
        )
        .to_dict()
    )
    return localised({**made, "background": None}, lang)


def topped(title: str) -> dict[str, Any]:
    """Return the options of an upright axis whose title stands above it, where a long one has room."""
    place = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleAnchor": "end"}
    return {"title": title, **place, "titleX": 0, "titleY": -8, "titleLimit": 640}


def through_zero(low: float, high: float, count: int = 5) -> tuple[list[float], list[float]]:
    """Return domain and ticks of an axis from `low` to `high` around 0, with a tick on each side that has values."""
    low, high = min(low, 0.0), max(high, 0.0) or (0.0 if low < 0 else 1.0)
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(k * power for k in (1.0, 2.0, 2.5, 5.0, 10.0) if k * power >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = [step * k for k in range(first, last + 1)]
    return [ticks[0], ticks[-1]], ticks


def localised(spec: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return the spec with the numbers of its axes and legends in the language's notation."""
    if lang == "en":
        return spec
    sign = {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", ""]}
    return {**spec, "config": {**spec.get("config", {}), "locale": {"number": sign}}}


def written(
    rows: Sequence[Mapping[str, Any]],
    x: Any,
    y: Any,
    style: Mapping[str, Any],
    color: str,
    field: str = "text",
    *,
    halo: bool = True,
) -> list[Any]:
    """Return a text mark, over a halo of the paper's colour where it may cross a line."""
    import altair as alt

    base = alt.Chart(alt.InlineData(list(rows)))
    style = {"fontSize": 12.5, **style}
    under = base.mark_text(stroke=HALO, strokeWidth=4, fill=HALO, strokeJoin="round", **style)
    over = base.mark_text(fill=color, **style)
    return [m.encode(x=x, y=y, text=f"{field}:N") for m in ((under, over) if halo else (over,))]
