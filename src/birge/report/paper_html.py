"""A paper as one self-contained page: no network, no script; readable on a phone, on dark paper and in print."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from birge.charts import repainted
from birge.report.paper_charts import drawn_svg
from birge.report.paper_parts import Document, Figure, Heading, Prose, Table, cell_text
from birge.texts import translator

__all__ = ["as_html"]


def as_html(paper: Document) -> bytes:
    """Return the paper as HTML in UTF-8."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    t, number = translator(paper.lang), count()

    def drawn(figure: Figure) -> Markup:
        # The drawing comes from our own spec, its texts escaped by the drawer.
        name = f"chart-{next(number)}"
        svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', drawn_svg(figure.spec))
        return Markup(re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg))

    def cell(value: Any, column: Any) -> str:
        return cell_text(value, column, t, paper.blank)

    loader = Environment(loader=PackageLoader("birge.report"), autoescape=True, undefined=StrictUndefined)
    text = loader.get_template("paper.html").render(
        paper=paper,
        kinds=[(_kind(p), p) for p in paper.parts],
        drawn=drawn,
        cell=cell,
        repainted=Markup(repainted(".chart")),
    )
    return text.encode("utf-8")


def _kind(part: Any) -> str:
    return {Heading: "heading", Prose: "prose", Figure: "figure", Table: "table"}[type(part)]
