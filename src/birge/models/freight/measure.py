"""What a measure at a crossing does to trade costs: one number per section and direction.

    Δτ[section, direction] = Δ expected generalised cost of a tonne / value of a tonne

`held` takes the hours as given: goods choose again, but the queue does not answer; `settled` lets the queue
answer as well. The vehicle's time is money and the goods' time counts once: trade adds no term of hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from birge.errors import InputError
from birge.models.freight.choice import Market, Settled, cost_shares, settle, taste

__all__ = ["Effect", "Row", "crossing_effect"]


@dataclass(frozen=True)
class Row:
    """One section in one direction: Δ cost in USD a tonne and over value, held and settled."""

    flow: str
    section: str
    value: float
    held: float
    settled: float

    @property
    def held_share(self) -> float:
        """Return Δτ if the queue does not answer."""
        return self.held / self.value

    @property
    def settled_share(self) -> float:
        """Return Δτ once waits and choices have settled."""
        return self.settled / self.value


@dataclass(frozen=True)
class Effect:
    """Rows, the value-weighted Δτ by flow (held, settled), waits and trucks before and after, and the residuals."""

    rows: tuple[Row, ...]
    total: dict[str, tuple[float, float]]
    before: Settled
    after: Settled


def crossing_effect(made: Market, flows: tuple[str, str], crossing: str, hours: float) -> Effect:
    """Return the effect of `hours` more (less if negative) at `crossing`, in both directions.

    Raises InputError if it is no crossing of the network.
    """
    from birge.kernels.traffic_assignment_choice import respond

    if crossing not in made.crossings:
        remedy = f"name one of {', '.join(made.crossings)}"
        raise InputError.at("crossing", "crossing-unknown", f"{crossing!r} is no crossing", remedy)
    shift = np.zeros((len(made.crossings), 2))
    shift[made.crossings.index(crossing)] = hours
    before, after = settle(made), settle(made, shift)
    w = np.maximum(before.waits + shift, 0.0)
    t, d = taste(made.costs), made.demand
    held = tuple(
        respond(made.options[k], t, d.hour(k), w[:, k].copy(), made.cv, made.constants, made.rail[k])[2] for k in (0, 1)
    )
    fixed = cost_shares(before, replace(before, cost=(held[0], held[1])), d)
    moved = cost_shares(before, after, d)
    rows, total = [], {}
    for k in (0, 1):
        for n, g in enumerate(d.goods[k]):
            rows.append(Row(flows[k], g.name, g.value, float(fixed[k][n]) * g.value, float(moved[k][n]) * g.value))
        total[flows[k]] = (float(d.shares[k] @ fixed[k]), float(d.shares[k] @ moved[k]))
    return Effect(tuple(rows), total, before, after)
