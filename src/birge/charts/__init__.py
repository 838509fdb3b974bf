"""Chart specs: data in, Vega-Lite spec out; the same spec serves page and paper."""

from __future__ import annotations

from birge.charts.fan import fan
from birge.charts.frame import localised
from birge.charts.palette import SIDES
from birge.charts.strip import dots, odds_strip
from birge.charts.svg import repainted, svg
from birge.charts.whiskers import contributions, milestones

__all__ = ["SIDES", "contributions", "dots", "fan", "localised", "milestones", "odds_strip", "repainted", "svg"]
