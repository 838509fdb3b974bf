"""Where trade goes if the past continues, on each side's statistics."""

from __future__ import annotations

from birge.models.outlook.outlook import CENTRAL, MODEL, Inputs, Posterior, paths, posterior, setup, variants, without
from birge.models.outlook.posterior import PRIORS

__all__ = ["CENTRAL", "MODEL", "PRIORS", "Inputs", "Posterior", "paths", "posterior", "setup", "variants", "without"]
