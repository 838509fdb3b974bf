"""Compute what was observed of water and power in 2023-2025, and time the policy of 36 months; prints both."""

from __future__ import annotations

import time

from birge.models.power import Dispatch, case, dispatch, power_system
from birge.models.power.policy import Setup, train
from birge.models.power.simulate import simulate
from birge.models.power.system import observed
from birge.rng import Streams

SYSTEM = power_system(("KAZ", "KGZ"))
SEEN = {k: v for k, (v, _) in observed().items()}


def year(number: int, demand: float, inflow: float) -> Dispatch:
    """Return a past year with its demand (TWh), inflow (km3) and the volumes at both ends."""
    river = SYSTEM.rivers["toktogul"].inflow_km3.sum()
    of = case(SYSTEM, number, "purchases", members=("KGZ",)).at(demand={"KGZ": demand}, inflow=inflow / river)
    start, end = (SEEN[f"volume-{n}-start"] for n in (number, number + 1))
    return dispatch(SYSTEM, of, {"toktogul": start}, {"toktogul": end})


def main() -> None:
    """Print the comparison and the times."""
    later = SEEN["inflow-2023"] * SEEN["three-inflows-2024"] / SEEN["three-inflows-2023"]
    for number, demand, inflow in ((2023, 16.95, SEEN["inflow-2023"]), (2024, SEEN["consumption-2024"], later)):
        made = year(number, demand, inflow)
        bought = sum(v.sum() for k, v in made.generation.items() if k.startswith("buy"))
        print(f"{number}: cascade {made.hydro['toktogul'].sum():,.0f} GWh, imports {bought:,.0f} GWh")
    carbon = {p.id: p.co2 for p in SYSTEM.plants}
    for regime, price in (("isolated", 0.0), ("free", 0.0), ("free", 20.0), ("free", 50.0), ("free", 100.0)):
        made = dispatch(SYSTEM, case(SYSTEM, 2025, regime).at(water={"KAZ": price, "UZB": price}))
        gone = made.release["toktogul"] + made.spill["toktogul"]
        tonnes = sum(v.sum() * carbon.get(k, 0.0) for k, v in made.generation.items()) / 1_000
        print(f"2025 {regime}, water at {price:g}: summer {gone[3:9].sum() / gone.sum():.2f}, {tonnes:.1f} Mt CO2")
    cases = [case(SYSTEM, 2026 + m // 12, "swap", members=("KGZ",)) for m in range(36)]
    started = time.perf_counter()
    policy = train(SYSTEM, cases, Setup({"toktogul": 9.4}, sweeps=120))
    trained = time.perf_counter() - started
    run = simulate(policy, 150, Streams(1))
    print(f"policy: {trained:.0f} s, bound {policy.bound:,.0f}, cost {run.cost.mean():,.0f} ± {run.error:,.0f} mn USD")
    print(f"upper 95 % limit over the bound: {100 * (run.upper / policy.bound - 1):.1f} %")


if __name__ == "__main__":
    main()
