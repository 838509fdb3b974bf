"""Corridors: network to routes, mode and crossing choice, time and cost, with waits at crossings fed back."""

from __future__ import annotations

from birge.models.freight.assignment import Assignment, Roads, Trips, assign
from birge.models.freight.choice import Market, Settled, settle
from birge.models.freight.corridor import Indicators, by_mode, indicators, legs, weighted
from birge.models.freight.goods import Costs, Goods, class_of_goods, costs
from birge.models.freight.graph import Graph, graph
from birge.models.freight.measure import Effect, crossing_effect
from birge.models.freight.model import MODEL
from birge.models.freight.routes import Route, alternatives, chosen, routes, waits_today
from birge.models.freight.study import Study, milestones_of, study
from birge.models.freight.yearly import MODEL as YEARLY

__all__ = [
    "MODEL",
    "YEARLY",
    "Assignment",
    "Costs",
    "Effect",
    "Goods",
    "Graph",
    "Indicators",
    "Market",
    "Roads",
    "Route",
    "Settled",
    "Study",
    "Trips",
    "alternatives",
    "assign",
    "by_mode",
    "chosen",
    "class_of_goods",
    "costs",
    "crossing_effect",
    "graph",
    "indicators",
    "legs",
    "milestones_of",
    "routes",
    "settle",
    "study",
    "waits_today",
    "weighted",
]
