"""By how much each measure on crossings and links carries trade and the odds, and one of them worked by hand.

    embedded plan, taken apart ─▶ assess, with and without them ─▶ table
    hours saved × cost of an hour × tonnes a USD × share that passes ─▶ Δτ ─▶ × elasticity × trade ─▶ mn USD a year

The plan's size of the electronic queue comes from here: hours by which the event kernel's mean wait differs, with the
same trucks, once six of ten book.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from birge.assess import assess
from birge.assess.evaluate import evaluate, starts
from birge.factbook import Factbook
from birge.models import trade
from birge.models.border import Design, default_design, simulate
from birge.models.freight import settle, study
from birge.models.registry import MODELS
from birge.models.trade.diversion import left
from birge.models.trade.response import FIRST_YEAR
from birge.plan import Plan, embedded
from birge.plan.crossing import begins
from birge.rng import Streams
from birge.units import month_of

AS_OF = date(2026, 11, 29)
REBUILD, PLACE, YEAR = "crossings-rebuild", "karasu", 2030
COUPLED = {
    "crossings-rebuild": "rebuild of crossings",
    "complex-crossing": "complex: hours at Karasu - Ak-Tilek, own passage",
    "industrial-complex": "complex: sales of its residents",
    "truck-booking": "e-queue at Korday",
    "crossings-protocol": "Kegen around the clock",
    "kgz-border-services": "three crossings, Kyrgyz side",
    "almaty-issyk-kul": "road Almaty - Issyk-Kul",
    "barskoon-bedel": "road Barskoon - Bedel",
    "cku-railway": "railway China - Kyrgyzstan - Uzbekistan",
}
TARGETS = ("turnover-2027-kaz", "turnover-2030-kaz")
BOOKED = ("korday", "kegen", "karasu")
"""The two crossings of the plan's electronic queue; Karasu, the busiest, is none of its measures."""


def booking_hours(crossing: str, replications: int = 10) -> float:
    """Return by how many hours the mean wait changes at `crossing` once six of ten book, over both directions."""
    raw = default_design(crossing).model_dump(mode="json", exclude_defaults=True)
    before = simulate(Design.model_validate(raw), replications=replications)
    # slots are offered while the crossing works
    open_h = sum(shift["hours"] for shift in raw["stations"][0]["shifts"])
    for s in raw["streams"]:
        quota = max(1, round(0.8 * s["arrivals"]["per_day"] / open_h))
        s["appointments"] = {"slot_min": 60, "quota": quota, "share": 0.6, "spread_min": 30}
    after = simulate(Design.model_validate(raw), replications=replications)
    return float(
        np.mean([b.wait_mean.mean - a.wait_mean.mean for a, b in zip(before.streams, after.streams, strict=True)])
    )


def taken_apart(plan: Plan) -> Plan:
    """Return the plan in which the complex's crossing is a measure of its own, apart from its residents' sales."""
    rows = []
    for m in plan.measures:
        if m.id == "industrial-complex":
            sales = tuple(e for e in m.effects if e.driver == "trade.new_flow")
            crossing = tuple(e for e in m.effects if e.driver != "trade.new_flow")
            rows.append(m.model_copy(update={"effects": sales}))
            rows.append(m.model_copy(update={"id": "complex-crossing", "milestones": (), "effects": crossing}))
        else:
            rows.append(m)
    return plan.model_copy(update={"measures": tuple(rows)})


@dataclass(frozen=True)
class Chain:
    """The rebuild of Karasu - Ak-Tilek alone, step by step; by direction [KAZ-KGZ, KGZ-KAZ] where there are two."""

    saved: tuple[float, float]
    hour: tuple[float, float]
    tonnes: tuple[float, float]
    share: tuple[float, float]
    tau: tuple[float, float]
    opened: float
    years: float
    sigma: float
    rho: tuple[tuple[float, float], tuple[float, float]]
    trade: tuple[float, float]
    hand: float
    model: float


def chain(draws: int = 1000, seed: int = 1) -> Chain:
    """Return what the rebuild adds to turnover in `YEAR` (mn USD, mean over draws): by hand, and by the models.

    By hand: means over the draws in which it is open by the end of the year, central values of all else.
    """
    plan = embedded()
    alone = plan.model_copy(
        update={
            "measures": tuple(m if m.id == REBUILD else m.model_copy(update={"effects": ()}) for m in plan.measures)
        }
    )
    streams = Streams(seed, 0, draws)
    inputs: dict[str, Any] = {m.id: m.setup(alone, Factbook.embedded(), None, AS_OF) for m in MODELS}
    prepared: dict[str, Any] = {m.id: m.prepare(inputs[m.id], Streams(seed)) for m in MODELS}
    world = evaluate(MODELS, prepared, starts(draws), streams, tolerance=1e-6).world
    i = inputs["freight"]
    y, c = i.years.index(YEAR), prepared["freight"].market.crossings.index(PLACE)
    opening = begins(i.effects, world["schedule.finish"])[0]
    until = month_of(date(YEAR + 1, 1, 1))
    there = opening < until
    flow = world["trade.flow"][:, y].mean(axis=2)
    at = np.log(flow.sum(axis=1))
    waits = world["freight.waits"][:, :, :2, c]
    levels = np.log(world["freight.level"])
    near = np.abs(levels - at[:, None]).argmin(axis=1)
    cut = waits[np.arange(draws), near, 0] - waits[np.arange(draws), near, 1]

    known = study(i.pair, Factbook.embedded()).market
    if known is None:
        raise SystemExit("no market for the pair")
    d, costs, met = known.demand, known.costs, settle(known)
    saved, hour, tonnes, share = [], [], [], []
    for k in (0, 1):
        mass = d.tonnes(k)
        saved.append(float(cut[there, k].mean()))
        hour.append(float(d.hour(k) @ mass / mass.sum()) + costs.waiting)
        tonnes.append(float(mass.sum() / d.usd[k]))
        share.append(float(mass @ met.road[k][:, known.crossings.index(PLACE)] / mass.sum()))
    tau = np.array([a * b * t * s / 1e6 for a, b, t, s in zip(saved, hour, tonnes, share, strict=True)])
    ramp = next(m for m in plan.measures if m.id == REBUILD).effects[0].ramp_months
    # the year's mean response of a ramp that began `years` before its middle
    years = float((until - 6 - ramp / 2 - opening[there]).mean() / 12)
    long_run = 2.0
    sigma = long_run * (1 - (1 - FIRST_YEAR / long_run) ** max(years, 0.0))
    rho = left(prepared["trade"].ratio, np.array([4.0]), np.array([0.5]))[1][0]
    hand = float(there.mean() * sigma * (flow.mean(axis=0) @ (rho @ tau)))
    terms = trade.steps(prepared["trade"], world["schedule.finish"], streams, freight=world["freight.cost"])
    measure = inputs["trade"].measures.index(REBUILD)
    model = float((terms.log[:, measure, y] * flow).sum(axis=1).mean())

    def two(x: Any) -> tuple[float, float]:
        return float(x[0]), float(x[1])

    return Chain(
        two(saved), two(hour), two(tonnes), two(share), two(tau), float(there.mean()), years, sigma,
        (two(rho[0]), two(rho[1])), two(flow.mean(axis=0)), hand, model,
    )  # fmt: skip


def main() -> None:
    """Print the table and the chain."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--draws", type=int, default=10_000)
    draws = wanted.parse_args().draws
    hours = {c: booking_hours(c) for c in BOOKED}
    print("booking, hours:", ", ".join(f"{c} {h:+.3f}" for c, h in hours.items()))
    plan = taken_apart(embedded())
    full = assess(plan, draws, as_of=AS_OF)
    less = assess(plan, draws, as_of=AS_OF, without=tuple(COUPLED))
    for target in TARGETS:
        v = full.verdict(target)
        stopped = v.target.odds_without
        print(f"\n{target}, {draws:,} draws, {AS_OF}: with {v.target.odds_with:.4f}, if it stopped {stopped:.4f}\n")
        print(
            "| measure | mn USD, mean | 80 of 100 | odds, of 100 | ± | without it | alone |\n"
            "|---|---|---|---|---|---|---|"
        )
        by_id = {m.id: m for m in v.measures}
        for name, title in COUPLED.items():
            m = by_id[name]
            low, high = m.interval80_musd
            print(
                f"| {title} | {m.mean_musd:.2f} | {low:.1f} to {high:.1f} | {100 * m.shapley_odds:.3f} "
                f"| {100 * (m.shapley_odds_se or 0):.3f} | {100 * m.without_odds:.2f} | {100 * m.alone_odds:.2f} |"
            )
        odds, less_odds = (r.verdict(target).target.odds_with or 0.0 for r in (full, less))
        step = full.joint.turnover() - less.joint.turnover()
        year = full.joint.years.index(int(target.split("-")[1]))
        mean = float(step[:, year, full.joint.reporters.index("KAZ")].mean())
        print(f"| all of them | {mean:.2f} | | {100 * (odds - less_odds):.3f} | | {100 * less_odds:.2f} | |")
    print(f"\n{chain()}")


if __name__ == "__main__":
    main()
