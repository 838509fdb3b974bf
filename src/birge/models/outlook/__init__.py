"""Where trade goes if the past continues, on each side's statistics."""

from __future__ import annotations

from birge.models.outlook.outlook import (
    CENTRAL,
    MODEL,
    Inputs,
    Posterior,
    meaning,
    paths,
    posterior,
    prices,
    setup,
    variants,
    without,
)
from birge.models.outlook.posterior import PRIORS

__all__ = [
    "CENTRAL",
    "MODEL",
    "PRIORS",
    "Inputs",
    "Posterior",
    "meaning",
    "paths",
    "posterior",
    "prices",
    "setup",
    "variants",
    "without",
]
