"""Chart specs: data in, Vega-Lite spec out; the same spec serves page and paper."""

from __future__ import annotations

from birge.charts.specs import contributions, fan, milestones
from birge.charts.svg import svg

__all__ = ["contributions", "fan", "milestones", "svg"]
