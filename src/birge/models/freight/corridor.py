"""Indicators of a corridor in CAREC CPMM's definitions, its reliability, and its emissions.

    TFI1 = hours at crossings          TFI2 = USD at crossings, a truck          TFI3 = USD per 500 km per 20 t
    SWOD = km / hours moving           SWD (TFI4) = km / hours in all            reliability = P95 / P50 of hours in all

Hours in all of a way are taken as lognormal with the mean and variance of their sum (Fenton 1960); those of a corridor
are its ways together, by what they carry, of one mode or of all. Emissions follow ISO 14083: fuel of the loaded and the
empty run and of idling at the crossing, well to wheel, over tonnes and tonne-km.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from birge.factbook.network import Network
from birge.models.freight.goods import Costs, Goods
from birge.models.freight.graph import BORDER, LINK, MODES, TRANSFER, Graph
from birge.models.freight.routes import Leg, Route

__all__ = ["Indicators", "by_mode", "indicators", "legs", "lognormal_quantile", "mixed_quantile", "weighted"]

CPMM_KM, CPMM_T = 500.0, 20.0
Z = {0.5: 0.0, 0.95: 1.6448536269514722}


@dataclass(frozen=True)
class Indicators:
    """Of one route or, weighted by shares, of a corridor; hours, USD, km/h, kg CO2e."""

    km: float
    hours: float
    moving: float
    wait: float
    transfers: float
    p50: float
    p95: float
    tfi1: float
    tfi2: float
    tfi3: float
    swod: float
    swd: float
    reliability: float
    money: float
    cost: float
    co2_t: float
    co2_tkm: float
    share_rail: float = 0.0


def indicators(route: Route, goods: Goods, costs: Costs, cv: float) -> Indicators:
    """Return the indicators of `route`, whose wait has coefficient of variation `cv`."""
    border = route.wait if route.mode == "road" else (costs.rail_border_hours if route.crossing else 0.0)
    moving = route.hours - route.transfer_hours - (border if route.mode == "rail" else 0.0)
    hours = moving + route.transfer_hours + border
    variance = route.variance + (cv * route.wait) ** 2
    p50, p95 = (lognormal_quantile(hours, variance, p) for p in (0.5, 0.95))
    road = (costs.fuel_full + costs.empty_returns * costs.fuel_empty) * costs.diesel_wtw / costs.payload
    idle = costs.idle_fuel * costs.diesel_wtw * (1 + costs.empty_returns) / costs.payload * route.wait
    co2 = route.km_road * road + idle + route.km_rail * costs.rail_intensity
    return Indicators(
        km=route.km,
        hours=hours,
        moving=moving,
        wait=route.wait,
        transfers=route.transfer_hours,
        p50=p50,
        p95=p95,
        tfi1=border,
        tfi2=costs.fee if route.mode == "road" and route.crossing else 0.0,
        tfi3=route.money / route.km * CPMM_KM * CPMM_T,
        swod=route.km / moving,
        swd=route.km / hours,
        reliability=p95 / p50,
        money=route.money,
        cost=route.cost,
        co2_t=co2,
        co2_tkm=co2 / route.km,
        share_rail=float(route.mode == "rail"),
    )


def weighted(options: Sequence[Route], goods: Goods, costs: Costs, network: Network) -> Indicators:
    """Return the indicators of a corridor over `options` by their shares, whatever they sum to.

    Means over tonnes; speeds and intensities from the means; P50 and P95 of the hours of all tonnes together.
    """
    whole = sum(r.share for r in options)
    rows = [
        (
            r.share / whole,
            indicators(r, goods, costs, network.passages[r.crossing].cv if r.crossing in network.passages else 0),
        )
        for r in options
    ]
    mean = {f: sum(s * float(getattr(i, f)) for s, i in rows) for f in Indicators.__dataclass_fields__}
    mean["tfi3"] = mean["money"] / mean["km"] * CPMM_KM * CPMM_T
    mean["swod"], mean["swd"] = mean["km"] / mean["moving"], mean["km"] / mean["hours"]
    mean["co2_tkm"] = mean["co2_t"] / mean["km"]
    parts = [(s, i.p50, i.p95) for s, i in rows]
    mean["p50"], mean["p95"] = mixed_quantile(parts, 0.5), mixed_quantile(parts, 0.95)
    mean["reliability"] = mean["p95"] / mean["p50"]
    return Indicators(**mean)


def by_mode(options: Sequence[Route], goods: Goods, costs: Costs, network: Network) -> dict[str, Indicators]:
    """Return the indicators of a corridor by road and by rail, where a way of that mode leads, and over `all` ways."""
    rows = {m: [r for r in options if r.mode == m] for m in ("road", "rail")}
    return {m: weighted(found, goods, costs, network) for m, found in {**rows, "all": list(options)}.items() if found}


def mixed_quantile(parts: Sequence[tuple[float, float, float]], p: float) -> float:
    """Return the quantile `p` (0.5 or 0.95) of lognormals together: share, P50 and P95 of each; shares sum to one.

    It lies between the smallest and the largest of theirs, and is found by bisection to rounding.
    """
    from scipy.special import ndtr

    share, middle, high = (np.array(c) for c in zip(*parts, strict=True))
    spread = np.maximum(np.log(high / middle) / Z[0.95], 1e-12)
    mu = np.log(middle)
    ends = mu + Z[p] * spread
    low, top = float(ends.min()), float(ends.max())
    for _ in range(60):
        x = (low + top) / 2
        below = float(share @ ndtr((x - mu) / spread))
        low, top = (x, top) if below < p else (low, x)
    return float(np.exp((low + top) / 2))


def lognormal_quantile(mean: float, variance: float, p: float) -> float:
    """Return the quantile `p` (0.5 or 0.95) of a lognormal with `mean` and `variance`."""
    if mean <= 0:
        return 0.0
    s2 = np.log(1 + variance / mean**2)
    return float(mean * np.exp(Z[p] * np.sqrt(s2) - s2 / 2))


def legs(g: Graph, route: Route) -> list[Leg]:
    """Return the route as runs of links of one mode, crossings with their wait, and transfers."""
    made: list[Leg] = []
    for k in route.arcs:
        kind = {LINK: MODES[g.mode[k]], TRANSFER: "transfer", BORDER: "crossing"}.get(int(g.kind[k]))
        if kind is None:
            continue
        start, end = g.place[g.tail[k]], g.place[g.head[k]]
        wait = route.wait if kind == "crossing" else 0.0
        leg = Leg(kind, start, end, float(g.km[k]), float(g.hours[k]) + wait, float(g.money[k]))
        if made and made[-1].kind == kind and kind in MODES:
            last = made.pop()
            leg = Leg(kind, last.start, end, last.km + leg.km, last.hours + leg.hours, last.money + leg.money)
        made.append(leg)
    return made
