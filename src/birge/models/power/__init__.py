"""Water, electricity and exchange between countries that share a river: the year, and the policy by month."""

from __future__ import annotations

from birge.models.power.case import Case, Swap, case, swap_contract
from birge.models.power.dispatch import Dispatch, dispatch
from birge.models.power.model import MODEL, Inputs, Prepared, at, drawn_inputs, draws, prepare, rationing, setup
from birge.models.power.system import System, power_system

__all__ = [
    "MODEL",
    "Case",
    "Dispatch",
    "Inputs",
    "Prepared",
    "Swap",
    "System",
    "at",
    "case",
    "dispatch",
    "drawn_inputs",
    "draws",
    "power_system",
    "prepare",
    "rationing",
    "setup",
    "swap_contract",
]
