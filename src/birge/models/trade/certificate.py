"""How far the cheap response is from the equilibrium: full solves, draw by draw and year by year.

At a horizon where σ of a cost change has come, the equilibrium is asked with the cost that moves trade as much in the
long run, σ Δ log τ / θ, of all measures together: others whose goods pass the crossings get theirs by routing. What
`steps` adds up measure by measure, at ρ from a shock of 1 %, is here one solve with every interaction in it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.trade.costs import draw
from birge.models.trade.diversion import Ratios
from birge.models.trade.effects import COSTS, Prepared, steps
from birge.models.trade.equilibrium import solve
from birge.rng import BLOCK, Streams

__all__ = ["cheap_response", "full_response"]

Floats = NDArray[np.float64]


def cheap_response(prepared: Prepared, finish: Floats, streams: Streams, freight: Floats | None = None) -> Floats:
    """Return what all cost measures add to the log flow by `steps` [draw, year, direction]."""
    return sum((_part(prepared, d, finish, streams, freight) for d in COSTS), np.zeros(()))


def full_response(prepared: Prepared, finish: Floats, streams: Streams, freight: Floats | None = None) -> Floats:
    """Return the same by full solves [draw, year, direction]; memory grows with draws × economies².

    Raises InputError where the pair is not in the world matrix.
    """
    i = prepared.inputs
    if prepared.ratio is None:
        raise InputError([Problem("trade", "no-world", f"{i.parties}", "both parties must be in the world matrix")])
    whole = replace(prepared, ratio=Ratios.unit())
    theta = draw(i.parameters["theta"], streams.at("trade/theta"))[: streams.draws]
    place = streams.at("trade/routing").uniform(0, 1, BLOCK)[: streams.draws]
    parts = {d: _part(whole, d, finish, streams, freight) for d in COSTS}
    border = -sum(parts[d] for d in COSTS if d != "trade.cost") / theta[:, None, None]
    own = border - parts["trade.cost"] / theta[:, None, None]
    index = {c: k for k, c in enumerate(i.world.codes)}
    a, b = (index[c] for c in i.parties)
    log_tau = np.zeros((*own.shape[:2], len(index), len(index)))
    log_tau[:, :, a, b], log_tau[:, :, b, a] = own[:, :, 0], own[:, :, 1]
    for r in i.routing:
        share = (r.low + (r.high - r.low) * place)[:, None]
        into = 0 if r.behind == i.parties[1] else 1
        log_tau[:, :, index[r.economy], index[r.behind]] = share * border[:, :, into]
        log_tau[:, :, index[r.behind], index[r.economy]] = share * border[:, :, 1 - into]
    n = len(index)
    made = solve(i.world.sales, np.exp(log_tau).reshape(-1, n, n), np.repeat(theta, own.shape[1])).sales
    return np.log(np.stack([made[:, a, b], made[:, b, a]], axis=1)).reshape(own.shape)


def _part(prepared: Prepared, driver: str, finish: Floats, streams: Streams, freight: Floats | None) -> Floats:
    """Return the sum over measures [draw, year, direction] of the effects on one driver."""
    rows = tuple(r for r in prepared.inputs.effects if r.driver == driver and r.measure >= 0)
    part = replace(prepared, inputs=replace(prepared.inputs, effects=rows))
    return np.asarray(steps(part, finish, streams, freight=freight).log.sum(axis=1))
