"""Trade costs to flows: general equilibrium, the response over time, and what each measure adds."""

from __future__ import annotations

from birge.models.trade.drawn import Drawn, draws
from birge.models.trade.effects import MODEL, Steps, moved, prepare, steps, total_cost
from birge.models.trade.electricity import goods
from birge.models.trade.equilibrium import Equilibrium, balanced, solve
from birge.models.trade.inputs import EffectRow, Inputs, Prepared, setup

__all__ = [
    "MODEL",
    "Drawn",
    "EffectRow",
    "Equilibrium",
    "Inputs",
    "Prepared",
    "Steps",
    "balanced",
    "draws",
    "goods",
    "moved",
    "prepare",
    "setup",
    "solve",
    "steps",
    "total_cost",
]
