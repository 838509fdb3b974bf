"""Contracts of exchange in the plane of ratio and cap: which are good for both, a panel for each price of water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from birge.charts.apart import lines
from birge.charts.frame import framed
from birge.charts.palette import GRID, INK

__all__ = ["contract_plane"]

BOTH, OPEN = "#5f8f4e", "#c7d9b7"
CELL = 22
"""Height of one contract, and its breadth where there is room, px."""
BESIDE = 64


def contract_plane(
    rows: Sequence[Mapping[str, Any]],
    words: Sequence[str],
    today: Sequence[Mapping[str, Any]],
    ratio: str,
    cap: str,
    width: int,
    lang: str = "en",
) -> dict[str, Any]:
    """Return contracts {ratio, cap, panel, who} as cells coloured by what can be said, today's {ratio, cap} ringed.

    `words` are the values of `who` in the order good for both, cannot be told, not. Panels stand as in `rows`.
    """
    import altair as alt

    ratios = sorted({float(r["ratio"]) for r in rows})
    caps = sorted({float(r["cap"]) for r in rows})
    panels = list(dict.fromkeys(str(r["panel"]) for r in rows))
    titled = lines(ratio, 12, width - BESIDE)
    x = alt.X("ratio:O", title=titled, sort=ratios, axis=alt.Axis(labelAngle=0, format=".1f", labelOverlap=True))
    y = alt.Y("cap:O", title=cap, sort=caps[::-1], axis=alt.Axis(format=",.0f"))
    scale = alt.Scale(domain=list(words), range=[BOTH, OPEN, GRID])
    legend = alt.Legend(title=None, orient="bottom", columns=1)
    made = []
    for panel in panels:
        cells = alt.Chart(alt.InlineData([r for r in rows if r["panel"] == panel]))
        marks = alt.Chart(alt.InlineData(list(today)))
        layer = alt.layer(
            cells.mark_rect(stroke="#fefefe", strokeWidth=1).encode(
                x=x, y=y, color=alt.Color("who:N", scale=scale, legend=legend)
            ),
            marks.mark_point(shape="circle", size=120, strokeWidth=2, fill=None, stroke=INK, opacity=1).encode(
                x=x, y=y
            ),
        )
        title = alt.TitleParams(panel, anchor="start", fontSize=12.5, color=INK)
        made.append(
            layer.properties(width=min(CELL * len(ratios), width - BESIDE), height=CELL * len(caps), title=title)
        )
    return framed(alt.vconcat(*made), lang)
