"""Trade costs to flows: general equilibrium, the response over time, and what each measure adds."""

from __future__ import annotations

from birge.models.trade.effects import MODEL, EffectRow, Inputs, Prepared, Steps, prepare, setup, steps, total_cost
from birge.models.trade.electricity import goods
from birge.models.trade.equilibrium import Equilibrium, balanced, solve

__all__ = [
    "MODEL",
    "EffectRow",
    "Equilibrium",
    "Inputs",
    "Prepared",
    "Steps",
    "balanced",
    "goods",
    "prepare",
    "setup",
    "solve",
    "steps",
    "total_cost",
]
