"""Chart specs: data in, Vega-Lite spec out; the same spec serves page and paper."""

from __future__ import annotations

from birge.charts.palette import SIDES
from birge.charts.specs import contributions, fan, localised, milestones
from birge.charts.strip import dots, odds_strip
from birge.charts.svg import repainted, svg

__all__ = ["SIDES", "contributions", "dots", "fan", "localised", "milestones", "odds_strip", "repainted", "svg"]
