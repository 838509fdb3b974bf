"""Compute what was observed of water and power in 2023-2025 and print it."""

from __future__ import annotations

from dataclasses import replace

from birge.models.power import Dispatch, System, case, dispatch, power_system
from birge.models.power.exchange import kept_to
from birge.models.power.system import DAYS, Range, observed

SYSTEM = power_system(("KAZ", "KGZ"))
SEEN = {k: v for k, (v, _) in observed().items()}


def at_work(year: int, river: float) -> System:
    """Return the system with Kyrgyz heat plants as observed in `year`, small rivers as wet as Toktogul's (a share
    of the mean, assumed) and without plants of 2025."""
    whole = SYSTEM.profiles["heat-kgz"].mean(axis=1) @ DAYS * 24 / 1e6
    plants = []
    for p in SYSTEM.plants:
        if p.id == "kgz-heat":
            p = replace(p, mw=SEEN[f"kgz-heat-{year}"] / whole)  # noqa: PLW2901
        if p.id == "kgz-small-hydro":
            p = replace(p, mw=(p.mw - 18) * river)  # noqa: PLW2901  Kara-Kul, 2025
        plants.append(p)
    return replace(SYSTEM, plants=tuple(plants))


def kyrgyz(year: int, inflow: float) -> Dispatch:
    """Return a past year of the side with the water, with its demand, inflow (km3) and the volumes at both ends."""
    share = inflow / float(SYSTEM.rivers["toktogul"].inflow_km3.sum())
    system = at_work(year, share)
    of = case(system, year, "purchases", members=("KGZ",))
    of = of.at(demand={"KGZ": SEEN[f"consumption-{year}"]}, inflow=share)
    start, end = (SEEN[f"volume-{n}-start"] for n in (year, year + 1))
    return dispatch(system, of, {"toktogul": start}, {"toktogul": end})


def kazakh() -> None:
    """Print Kazakhstan of 2024 beside what was observed, less the west: its demand and the gas that covers it."""
    west = SEEN["kaz-west-demand-2023"] * SEEN["kaz-demand-2024"] / SEEN["kaz-demand-2023"]
    wind = SEEN["kaz-west-wind-mw"] * 8.76e-3 * SYSTEM.profiles["wind-kaz-north"].mean()
    of = case(SYSTEM, 2024, "isolated", members=("KAZ",))
    share = (SEEN["kaz-demand-2024"] - west) / sum(of.demand.values())
    made = dispatch(SYSTEM, of.at(demand={n: v * share for n, v in of.demand.items()}))
    own = {p.id: p for p in SYSTEM.plants}
    seen = {"coal": 0.0, "gas": wind - west, "hydro": 0.0, "wind": -wind, "solar": 0.0}
    print(f"Kazakhstan 2024 without the west ({west:.1f} TWh), computed and observed, TWh")
    for kind, less in seen.items():
        computed = sum(v.sum() for k, v in made.generation.items() if own[k].technology == kind) / 1_000
        print(f"  {kind}: {computed:.1f}, {SEEN[f'kaz-{kind}-2024'] + less:.1f}")
    trade = {way: sum(made.traded[x.id].sum() for x in SYSTEM.steps if x.id in made.traded and x.way == way) / 1_000
             for way in ("sells", "buys")}  # fmt: skip
    lost = sum((made.forward[x.id] + made.backward[x.id]).sum() * x.loss for x in SYSTEM.lines if x.id in made.forward)
    print(f"  imports less exports: {trade['sells']:.1f} - {trade['buys']:.1f}, {SEEN['kaz-net-import-2024']:.1f}")
    print(f"  oil: none, {SEEN['kaz-oil-2024']:.1f}; lost between north and south: {lost / 1_000:.1f}")


def peaks() -> None:
    """Print how much the assumed peak of an energy-limited plant matters."""
    for share in (0.6, 0.9, 1.0):
        known = {**SYSTEM.parameters, "energy-peak": Range(share, share, share)}
        system = replace(SYSTEM, parameters=known)
        made = dispatch(system, case(system, 2025, "free"))
        print(f"energy-limited plants reach {share:g} of capacity: cost of 2025 {made.cost:,.0f} mn USD")


def summer() -> None:
    """Print the summer share of the release: alone, as today, with open lines by price of irrigation water."""
    print("| year | no exchange | today | open lines, water at 20 | at 50 | at 200 |")
    for year in (2024, 2025, 2026, 2028, 2030):
        asked = [
            ("isolated", ("KGZ",), 0.0),
            ("swap", ("KGZ",), 0.0),
            *(("free", None, p) for p in (20.0, 50.0, 200.0)),
        ]
        shares = []
        for regime, members, price in asked:
            of = case(SYSTEM, year, regime, members=members).at(water={"KAZ": price, "UZB": price})
            made = kept_to(SYSTEM, of)
            gone = made.release["toktogul"] + made.spill["toktogul"]
            shares.append(f"{gone[3:9].sum() / gone.sum():.2f}")
        print(f"| {year} | {' | '.join(shares)} |")


def main() -> None:
    """Print the comparison."""
    later = SEEN["inflow-2023"] * SEEN["three-inflows-2024"] / SEEN["three-inflows-2023"]
    for number, inflow in ((2023, SEEN["inflow-2023"]), (2024, later)):
        made = kyrgyz(number, inflow)
        bought = sum(v.sum() for k, v in made.generation.items() if k.startswith("buy"))
        other = {k: round(float(v.sum())) for k, v in made.generation.items() if not k.startswith("buy")}
        seen = {k: SEEN[f"{k}-{number}"] for k in ("hydro", "imports", "consumption")}
        heat = SEEN[f"kgz-heat-{number}"]
        lacks = seen["consumption"] - seen["hydro"] - seen["imports"] - heat
        print(f"observed {seen}, heat {heat}: what these lack of consumption {lacks:.2f} TWh")
        print(f"{number}: cascade {made.hydro['toktogul'].sum():,.0f} GWh, imports {bought:,.0f} GWh, other {other}")
    kazakh()
    peaks()
    summer()
    carbon = {p.id: p.co2 for p in SYSTEM.plants}
    for regime, price in (("isolated", 0.0), ("free", 0.0), ("free", 20.0), ("free", 50.0), ("free", 100.0)):
        made = dispatch(SYSTEM, case(SYSTEM, 2025, regime).at(water={"KAZ": price, "UZB": price}))
        gone = made.release["toktogul"] + made.spill["toktogul"]
        tonnes = sum(v.sum() * carbon.get(k, 0.0) for k, v in made.generation.items()) / 1_000
        print(f"2025 {regime}, water at {price:g}: summer {gone[3:9].sum() / gone.sum():.2f}, {tonnes:.1f} Mt CO2")


if __name__ == "__main__":
    main()
