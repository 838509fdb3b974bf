"""Birge: turns a cooperation plan between two countries into something that can be run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from birge.assess import Assessment, assess
    from birge.errors import BirgeError, InputError, Problem, SolveError
    from birge.factbook import Factbook, Observation, mirror, read_observations
    from birge.plan import Plan
    from birge.plan.compare import compare
    from birge.plan.due import due
    from birge.plan.load import embedded, load
    from birge.plan.scenario import Scenario, load_scenario

__all__ = [
    "Assessment",
    "BirgeError",
    "Factbook",
    "InputError",
    "Observation",
    "Plan",
    "Problem",
    "Scenario",
    "SolveError",
    "assess",
    "compare",
    "due",
    "embedded",
    "load",
    "load_scenario",
    "mirror",
    "read_observations",
]

_HOMES = {
    "Assessment": "birge.assess",
    "BirgeError": "birge.errors",
    "Factbook": "birge.factbook",
    "InputError": "birge.errors",
    "Observation": "birge.factbook",
    "Plan": "birge.plan",
    "Problem": "birge.errors",
    "Scenario": "birge.plan.scenario",
    "SolveError": "birge.errors",
    "assess": "birge.assess.run",
    "compare": "birge.plan.compare",
    "due": "birge.plan.due",
    "embedded": "birge.plan.load",
    "load": "birge.plan.load",
    "load_scenario": "birge.plan.scenario",
    "mirror": "birge.factbook.mirror",
    "read_observations": "birge.factbook",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'birge' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
