"""What is drawn for the power of a pair: the river by year, demand of both sides, the exchange, price, and statistics.

The river is one draw for both sides: monthly anomalies of layer A (`inflow.py`) run on from year to year, and a year's
inflow is their sum over what is usual. What a party's statistics do with a swap is drawn once for a party.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from birge.models.power.inflow import step
from birge.models.power.system import Range, System
from birge.rng import BLOCK, Streams
from birge.spec import Draw

__all__ = ["Futures", "drawn", "futures", "records"]

Floats = NDArray[np.float64]
UNKNOWN = 0.5
"""Chance that statistics record both legs of a swap where the tables do not say: assumed."""


@dataclass(frozen=True)
class Futures:
    """Draws of the bound block: inflow (share of the mean), demand of the home side (TWh) and the partner's over that
    of the tables' year [draw, year]; cap (GWh), price (USD/MWh) [draw]; whether swaps are recorded [draw, party]."""

    inflow: Floats
    demand: Floats
    scale: Floats
    growth: Floats
    cap: Floats
    price: Floats
    recorded: Floats

    def of(self, rows: NDArray[np.int64]) -> Futures:
        """Return some of the draws."""
        return Futures(*(getattr(self, f.name)[rows] for f in fields(self)))


def futures(system: System, parameters: dict[str, Range], pair: tuple[str, str], years: tuple[int, ...],
            streams: Streams) -> Futures:  # fmt: skip
    """Return what is drawn for `years` of a pair's system; `parameters` are those of the tables."""
    n, home = streams.draws, system.home()
    here = [x for x in system.nodes if x.economy == home.economy]
    there = [x for x in system.nodes if x.economy != home.economy]
    growth = np.stack(
        [
            _range(Range(x.growth_low, x.growth_mode, x.growth_high), streams, f"power/growth/{x.economy}")
            for x in (here[0], there[0])
        ],
        axis=1,
    )
    usual = np.array([x[0].growth_mode for x in (here, there)])
    since = np.array([[y - x[0].year for x in (here, there)] for y in years])
    # years before the tables' own go back at the usual growth
    grown = np.where(since > 0, (1 + growth[:, None]) ** since, (1 + usual) ** since)
    return Futures(
        _inflow(system, years, streams),
        sum(x.demand_twh for x in here) * grown[:, :, 0],
        grown[:, :, 1],
        growth,
        _range(parameters["swap-cap"], streams, "power/cap"),
        _range(parameters["contract-price"], streams, "power/price"),
        np.stack(
            [
                (streams.at(f"power/recorded/{p}").random(BLOCK)[:n] < records(parameters, p)).astype(np.float64)
                for p in pair
            ],
            axis=1,
        ),
    )


def records(parameters: dict[str, Range], party: str) -> float:
    """Return the chance that a party's statistics record both legs of a swap; 0 and 1 where it is known."""
    found = parameters.get(f"records-swap-{party}")
    return found.mode if found else UNKNOWN


def drawn(made: Futures, pair: tuple[str, str], home: str, years: tuple[int, ...]) -> tuple[Draw, ...]:
    """Return the drawn inputs by name, for what the odds hang on; the river of years after the first."""
    partner = next(p for p in pair if p != home)
    found = [
        Draw(f"power/inflow/{y}", f"inflow to the reservoir in {y}, share of the mean", "1", True, made.inflow[:, k])
        for k, y in enumerate(years)
        if k
    ]
    found += [
        Draw(f"power/growth/{p}", f"yearly growth of {p}'s demand for power", "1", True, made.growth[:, k])
        for k, p in enumerate((home, partner))
    ]
    found += [
        Draw("power/price", "contract price of power between the two sides", "USD/MWh", False, made.price),
        Draw("power/cap", "summer power given in exchange", "GWh/year", False, made.cap),
    ]
    found += [
        Draw(f"power/recorded/{p}", f"whether {p}'s statistics record exchanged power", "0 or 1", True,
             made.recorded[:, k])
        for k, p in enumerate(pair)
    ]  # fmt: skip
    return tuple(found)


def _inflow(system: System, years: tuple[int, ...], streams: Streams) -> Floats:
    """Return the inflow of each year [draw, year] over its mean, the anomaly carried from December to January."""
    river = system.rivers[system.lowest().id]
    weight = river.inflow_km3 / river.inflow_km3.sum()
    anomaly = np.zeros(streams.draws)
    made = np.empty((streams.draws, len(years)))
    for k, year in enumerate(years):
        noise = streams.at(f"power/inflow/{year}").standard_normal((BLOCK, 12))[: streams.draws]
        total = np.zeros(streams.draws)
        for m in range(12):
            anomaly = step(river, m, anomaly, noise[:, m])
            total += weight[m] * np.maximum(1 + river.spread[m] * anomaly, 0.0)
        made[:, k] = total
    return made


def _range(of: Range, streams: Streams, name: str) -> Floats:
    """Draw from a triangle over a range."""
    rng = streams.at(name)
    if of.low == of.high:
        return np.full(streams.draws, of.mode)
    return rng.triangular(of.low, of.mode, of.high, BLOCK)[: streams.draws]
