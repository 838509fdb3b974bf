"""What is left of a trade-cost effect once the rest of the world has reacted: ρ from the equilibrium.

A crossing measure also cuts the costs of others whose goods pass it (the Russian Federation, Belarus, the European
Union, Türkiye to the Kyrgyz Republic): every such pair gets the shock by its routing share, and ρ is the pair's own
response over θ times its own shock.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from birge.factbook.world import WorldTrade
from birge.models.trade.equilibrium import solve

__all__ = ["GRID", "ROUTED", "ratios"]

Floats = NDArray[np.float64]
GRID = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
"""Routing shares at which the equilibrium is solved; between them ρ is interpolated."""
ROUTED = {
    frozenset({"KAZ", "KGZ"}): (
        "KGZ",
        ("RUS", "BLR", "UKR", "TUR", "DEU", "FRA", "ITA", "NLD", "CHE", "GBR", "EU_OTHER"),
    )
}
"""By pair: the party behind the crossings, and the economies whose goods to and from it pass them."""
SHOCK = 0.99


def ratios(world: WorldTrade, pair: tuple[str, str], theta: float) -> Floats | None:
    """Return ρ [grid, direction] for routing shares `GRID`; None where a party is not in the world matrix."""
    if not set(pair) <= set(world.codes):
        return None
    a, b = (world.codes.index(c) for c in pair)
    behind, others = ROUTED.get(frozenset(pair), (pair[1], ()))
    tau = np.ones((len(GRID), len(world.codes), len(world.codes)))
    tau[:, a, b] = tau[:, b, a] = SHOCK
    for other in others:
        i, j = world.codes.index(other), world.codes.index(behind)
        tau[:, i, j] = tau[:, j, i] = SHOCK**GRID
    made = np.log(solve(world.sales, tau, theta).sales) / (-theta * np.log(SHOCK))
    return np.stack([made[:, a, b], made[:, b, a]], axis=1)
