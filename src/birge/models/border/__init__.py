"""Trucks and capacity to waiting, dwell, throughput, cost and emissions at a crossing or a complex.

design (YAML, or a default from the factbook) ─▶ network ─▶ event kernel ─▶ Simulation
asked service ─▶ size: analytic start, paired search, selection ─▶ Sizing
arrivals × capacity × regime ─▶ hourly recursion ─▶ wait table ─▶ the assessment
"""

from __future__ import annotations

from birge.models.border.defaults import default_design, default_names, template
from birge.models.border.design import Design, parse_design, read_design
from birge.models.border.model import MODEL
from birge.models.border.simulate import Simulation, simulate
from birge.models.border.size import size
from birge.models.border.sizing import Sizing
from birge.models.border.tried import Asked

__all__ = [
    "MODEL",
    "Asked",
    "Design",
    "Simulation",
    "Sizing",
    "default_design",
    "default_names",
    "parse_design",
    "read_design",
    "simulate",
    "size",
    "template",
]
