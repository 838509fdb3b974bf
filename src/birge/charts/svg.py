"""Turn a chart spec into SVG that works without script."""

from __future__ import annotations

from typing import Any

__all__ = ["svg"]


def svg(spec: dict[str, Any]) -> str:
    """Return the chart as SVG text, with its title for those who cannot see it."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))
