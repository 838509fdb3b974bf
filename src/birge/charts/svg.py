"""Turn a chart spec into SVG that works without script, for those who see it and for those who have it read."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any

from birge.charts.palette import DARK

__all__ = ["drawing", "repainted", "svg"]


def svg(spec: dict[str, Any], name: str = "chart", title: str = "", description: str = "") -> str:
    """Return the chart as SVG text; `name` makes its ids its own, `title` and `description` are read aloud.

    Where they are left out, the title and subtitle of the spec are.
    """
    own = spec.get("title", {})
    title = title or own.get("text", "")
    description = description or " ".join(own.get("subtitle", []))

    text = str(drawing().vegalite_to_svg(spec))
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", text)
    head = f' role="img" aria-labelledby="{name}-title {name}-desc"'
    told = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    return re.sub(r"<svg([^>]*)>", lambda m: f"<svg{m[1]}{head}>{told}", text, count=1)


@cache
def drawing() -> Any:
    """Return the converter, with Noto Sans of the package, so that texts are measured as they will be shown."""
    import fontpkg_noto_sans
    import vl_convert

    vl_convert.register_font_directory(str(fontpkg_noto_sans.ROOT / "files"))
    return vl_convert


def repainted(selector: str) -> str:
    """Return the style rules that give a chart under `selector` its colours on dark paper."""
    return "\n".join(
        f'{selector} [{kind}="{light}"] {{ {kind}: {dark}; }}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
