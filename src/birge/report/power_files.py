"""Files of pictures of water and power: each picture with its title, what was asked, and its source written on it.

On a page these stand beside the picture; a file that is passed on has to carry them itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from birge.charts.apart import lines
from birge.charts.palette import GREY, INK
from birge.charts.svg import svg
from birge.report.paper_charts import drawn_png
from birge.report.power import WIDE, Drawing, inflow_names, regime_names
from birge.texts import Translator

__all__ = ["about", "files_of", "picture", "titled"]

HEAD, SMALL = 14, 11
"""Type sizes of the title and of the lines under it."""


def about(
    t: Translator, year: int, hydrology: str, regime: str = "", growth: str = "", more: Sequence[str] = ()
) -> str:
    """Return what a picture was computed for, as one line."""
    growths = {
        "low": t("low growth of demand"),
        "mode": t("usual growth of demand"),
        "high": t("high growth of demand"),
    }
    parts = [str(year), t("inflow: {inflow}", inflow=inflow_names(t)[hydrology])]
    parts += [regime_names(t)[regime]] if regime else []
    parts += [growths[growth]] if growth else []
    return "; ".join([*parts, *more, t("illustrative")]) + "."


def titled(d: Drawing, told: str) -> dict[str, Any]:
    """Return the spec of a drawing with its title, what was asked (`told`) and its source above it."""
    under = [*lines(told, SMALL, WIDE - 20), *lines(d.source, SMALL, WIDE - 20)]
    head = {
        "text": lines(d.title, HEAD, WIDE - 20, bold=True),
        "subtitle": under,
        "anchor": "start",
        "frame": "bounds",
        "fontSize": HEAD,
        "color": INK,
        "subtitleFontSize": SMALL,
        "subtitleColor": GREY,
        "offset": 16,
    }
    return {**d.spec(WIDE), "title": head}


def picture(d: Drawing, kind: str, told: str) -> str | bytes:
    """Return a drawing as `svg` text or `png`, titled."""
    spec = titled(d, told)
    return drawn_png(spec) if kind == "png" else svg(spec, d.name, d.title, f"{d.told} {told} {d.source}")


def files_of(drawings: Sequence[Drawing], told: str) -> dict[str, bytes]:
    """Return each drawing as SVG, PNG and CSV by the name of its file."""
    made: dict[str, bytes] = {}
    for d in drawings:
        made[f"{d.name}.svg"] = str(picture(d, "svg", told)).encode()
        made[f"{d.name}.png"] = bytes(picture(d, "png", told))  # type: ignore[arg-type]
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows([d.head, *d.rows])
        made[f"{d.name}.csv"] = stream.getvalue().encode()
    return made
