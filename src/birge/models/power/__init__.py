"""Water, electricity and exchange between countries that share a river: the year, and the policy by month."""

from __future__ import annotations

from birge.models.power.case import Case, Swap, case, swap_contract
from birge.models.power.dispatch import Dispatch, dispatch
from birge.models.power.model import MODEL
from birge.models.power.system import System, power_system

__all__ = ["MODEL", "Case", "Dispatch", "Swap", "System", "case", "dispatch", "power_system", "swap_contract"]
