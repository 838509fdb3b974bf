"""What the central outlook drew, by name: the state in the last year of evidence, and its parameters.

The first numbers of the stream `outlook/paths` say which particle a draw is and where in its spread; a test holds this
module to `paths`.
"""

from __future__ import annotations

import numpy as np

from birge.models.outlook.outlook import Posterior
from birge.models.outlook.posterior import STATES, B, G, W, Y
from birge.rng import BLOCK, Streams
from birge.spec import Draw

__all__ = ["drawn"]

PARAMETERS = {
    "drift": ("yearly growth to which the drift returns", "log points/year", True),
    "damping": ("share of the drift's distance that is left after a year, φ", "1", True),
    "sigma": ("spread of a year's growth at 1,000 mn USD, σ", "log points", True),
    "noise": ("spread of a year's own noise at 1,000 mn USD, τ", "log points", True),
    "drift_sigma": ("spread of a year's change of the drift", "log points/year", True),
    "gap_mean": ("mean difference of the two sides' statistics", "log points", True),
    "gap_damping": ("share of that difference that is left after a year", "1", True),
    "gap_sigma": ("spread of a year's change of that difference", "log points", True),
    "elasticity": ("growth of trade with growth of GDP", "1", True),
}


def drawn(made: Posterior, streams: Streams) -> tuple[Draw, ...]:
    """Return the inputs of the bound block."""
    start = made.central
    rng = streams.at("outlook/paths")
    pick = rng.integers(len(start.mean), size=BLOCK)[: streams.draws]
    normal = rng.standard_normal((BLOCK, STATES))[: streams.draws]
    value, vector = np.linalg.eigh(start.cov[pick])
    root = vector * np.sqrt(np.maximum(value, 0.0))[:, None, :]
    state = start.mean[pick] + np.einsum("nij,nj->ni", root, normal)
    year = start.year
    found = [
        Draw("outlook/level", f"turnover of {year} on the first side's statistics", "log mn USD", False,
             state[:, Y] + state[:, W]),
        Draw("outlook/growth", f"drift of turnover in {year}", "log points/year", False, state[:, B]),
        Draw("outlook/gap", f"difference of the two sides' statistics in {year}", "log points", False, state[:, G]),
    ]  # fmt: skip
    parameters = start.parameters.take(pick)
    for name, (meaning, unit, assumed) in PARAMETERS.items():
        if isinstance(values := getattr(parameters, name, None), np.ndarray):
            found.append(Draw(f"outlook/{name}", meaning, unit, assumed, values))
    return tuple(found)
