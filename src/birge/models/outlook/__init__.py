"""Where trade goes if the past continues, on each side's statistics."""

from __future__ import annotations

from birge.models.outlook.outlook import CENTRAL, MODEL, Inputs, Posterior, paths, posterior, setup, variants, without

__all__ = ["CENTRAL", "MODEL", "Inputs", "Posterior", "paths", "posterior", "setup", "variants", "without"]
