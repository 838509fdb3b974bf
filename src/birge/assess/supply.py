"""What the power model says of a run, year by year: short winters, the reservoir, flows, electricity in turnover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from birge.assess.ensemble import Ensemble
from birge.assess.odds import interval
from birge.models.power.paths import Coming
from birge.models.power.system import observed

__all__ = ["PowerAnswer", "PowerSide", "PowerYear", "supply"]

TOUCH = 0.05
"""km3 above the level at which plants stop that still count as being there: less than the table's own error."""


@dataclass(frozen=True)
class PowerSide:
    """A side's year. `short_odds`: from October to March more power is missing than rationing covers (5 % of demand).

    `short_median_gwh` is what is missing or rationed then; `clean_share` and `emissions_mt` are means over the draws.
    """

    party: str
    short_odds: float
    short_median_gwh: float
    clean_share: float
    emissions_mt: float


@dataclass(frozen=True)
class PowerYear:
    """A year of both sides. `below` is the odds that the reservoir's least volume lies under each level, km3.

    `flow_gwh` is the median by direction, `traded_musd` and `traded80_musd` electricity in turnover by reporter.
    `emissions_change_mt` is what the plan changes against stopping, with its sign, both sides together: mean.
    """

    year: int
    sides: tuple[PowerSide, ...]
    volume_median_km3: float
    volume80_km3: tuple[float, float]
    below: dict[str, float]
    flow_gwh: dict[str, float]
    traded_musd: dict[str, float]
    traded80_musd: dict[str, tuple[float, float]]
    imports_gwh: float
    emissions_change_mt: float


@dataclass(frozen=True)
class PowerAnswer:
    """What is said of power; `reason` where there is no model of the pair's.

    `home` is the side that holds the `reservoir`. `observed_gwh` is all power between the two in the newest year for
    which both directions are published, `observed_musd` its worth at the usual contract price: the ceiling. `error` is
    the root mean square error of the table of cases against direct solves, by output; `table` the hash of its inputs.
    """

    reason: str | None
    home: str | None = None
    reservoir: str | None = None
    years: tuple[PowerYear, ...] = ()
    price_usd_mwh: tuple[float, float, float] | None = None
    observed_year: int | None = None
    observed_gwh: float | None = None
    observed_musd: float | None = None
    records_swap: dict[str, float] | None = None
    error: dict[str, float] | None = None
    table: str | None = None


def supply(made: Ensemble) -> PowerAnswer:
    """Return the answer of a run; `made` holds draws with an answer only."""
    pair = made.request.pair
    of = made.supply.coming
    if of is None:
        return PowerAnswer(f"there is no power model of {'-'.join(pair)}: no power system of both in the tables")
    known = dict(made.supply.inputs.parameters)
    price = known["contract-price"]
    home = of.table.system.home().economy
    seen = _observed(next(p for p in pair if p != home), price.mode)
    return PowerAnswer(
        None,
        home,
        of.table.system.lowest().id,
        tuple(_year(made, of, y) for y in range(len(of.years))),
        (price.low, price.mode, price.high),
        *seen,
        records_swap={p: known[f"records-swap-{p}"].mode for p in pair if f"records-swap-{p}" in known},
        error={name: size for name, (_, size) in of.table.error.items()},
        table=of.table.key,
    )


def _year(made: Ensemble, of: Coming, y: int) -> PowerYear:
    told, pair = made.power, made.request.pair
    lowest = of.table.system.lowest()
    sides = tuple(
        PowerSide(
            party,
            float(told["over"][:, y, k].mean()),
            float(np.median(told["short"][:, y, k])),
            float(told["clean"][:, y, k].mean()),
            float(told["emissions"][:, y, k].mean()),
        )
        for k, party in enumerate(pair)
    )
    volume = told["volume"][:, y]
    levels = {f"{lowest.stop_km3:g}": lowest.stop_km3 + TOUCH, f"{lowest.stop_high_km3:g}": lowest.stop_high_km3}
    worth = {p: made.electricity["with"][:, y, k] for k, p in enumerate(pair)}
    return PowerYear(
        of.years[y],
        sides,
        float(np.median(volume)),
        interval(volume, 0.8),
        {name: float((volume < level).mean()) for name, level in levels.items()},
        {d: float(np.median(told["flow"][:, y, k])) for k, d in enumerate(made.joint.directions)},
        {p: float(np.median(x)) for p, x in worth.items()},
        {p: interval(x, 0.8) for p, x in worth.items()},
        float(np.median(told["imports"][:, y])),
        float(told["changed"][:, y].mean()),
    )


def _observed(partner: str, price: float) -> tuple[int | None, float | None, float | None]:
    """Return the newest year with both directions published, GWh both ways, and mn USD at the contract price."""
    found = observed()
    sold = f"sold-{partner.lower()}-"
    years = [int(n.removeprefix(sold)) for n in found if n.startswith(sold) and f"swap-{n.removeprefix(sold)}" in found]
    if not years:
        return None, None, None
    year = max(years)
    total = found[f"{sold}{year}"][0] + found[f"swap-{year}"][0]
    return year, total, total * price / 1_000
