"""What the growth of a pair's trade between two years consists of, as far as the evidence goes.

Growth of turnover on one side's statistics, mn USD, is split into four parts:

```
whole = reporting + price + volume and re-routing           (re-routing alone: not known)
reporting  growth of the difference between the two sides, V_first - V_second, both at settled figures
price      turnover of the first year × (price level of the last year - 1)
```

*Reporting* is measured where both sides have a full year inside the window. To reach a first or last year that one
side lacks, the nearest measured log difference is carried on with a spread of `DRIFT` × √years: assumed. *Price* comes
from products with value and quantity for the same months of both years; without any, it lies between 0 and what the
growth of both countries' general price levels in USD would give: assumed. Nothing measures *re-routing*: null, with the
reason. The rest is what the other parts leave, in interval arithmetic.

`growth_split(observations, parties, first, last) → (GrowthPart, …)`
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from birge.factbook.mirror import MirrorYear, mirror
from birge.factbook.observation import Observation

__all__ = ["DRIFT", "GrowthPart", "growth_split", "price_changes"]

DRIFT = 0.12
"""Standard deviation of a year's change of the two sides' log difference, the upper end of .05-.12: assumed."""
TEN_TO_NINETY = 1.2816
"""Standard normal quantile of .9: the spread is given as an 80 % interval."""
NO_BASIS = "no side has full-year figures for both years"
REROUTING = (
    "no re-export or transit share of the pair's trade is published by either side; part of the reporting and of the "
    "volume may be goods on their way elsewhere"
)
WHOSE = "whose recording changed is not known"
ROW = Mapping[str, str]


@dataclass(frozen=True)
class GrowthPart:
    """One part of the growth in `years`, in mn USD on `basis`; None with a `reason` where nothing is known.

    `share` is the part's low and high as a fraction of the growth in the same years.
    """

    part: str
    years: tuple[int, int]
    basis: str | None
    low: float | None
    high: float | None
    share: tuple[float, float] | None
    evidence: str
    assumed: bool
    reason: str | None


def growth_split(
    observations: Iterable[Observation],
    parties: tuple[str, str],
    first: int,
    last: int,
    as_of: date | None = None,
) -> tuple[GrowthPart, ...]:
    """Split the growth of the pair's turnover from `first` to `last`, mn USD, into what is known and what is not.

    The basis is the first party's statistics, or the second's if the first has none for both years. Pass only
    observations known on the day of the question; `as_of` does the same for prices.
    """
    rows = {r.year: r for r in mirror(observations, parties)}
    window = (first, last)
    ends = (rows.get(first), rows.get(last))
    side = next((k for k in (0, 1) if all(r is not None and r.settled[k] is not None for r in ends)), None)
    if side is None or ends[0] is None or ends[1] is None:
        names = ("whole", "reporting", "price", "re-routing", "volume and re-routing")
        return tuple(GrowthPart(n, window, None, None, None, None, "", False, NO_BASIS) for n in names)
    basis = parties[side]
    start, end = _settled(ends[0], side), _settled(ends[1], side)
    whole = end - start
    kind = " and ".join(
        f"{r.year} {'unverified compilation' if r.compiled[side] is not None else 'published'}"
        for r in ends
        if r is not None
    )
    parts = [_part("whole", window, basis, (whole, whole), whole, kind, False)]
    reporting = _reporting(rows, side, basis, window, whole)
    price = _price(parties, basis, window, start, whole, as_of)
    parts += [*reporting, price, _unknown("re-routing", window, basis, REROUTING)]
    return (*parts, _rest(window, basis, whole, reporting[-1], price))


def _settled(row: MirrorYear, side: int) -> float:
    value = row.settled[side]
    if value is None:
        raise ValueError(f"no figure for {row.year}")
    return value


def _part(
    name: str,
    years: tuple[int, int],
    basis: str,
    bounds: tuple[float, float],
    whole: float,
    evidence: str,
    assumed: bool,
) -> GrowthPart:
    low, high = min(bounds), max(bounds)
    share = (low / whole, high / whole) if whole > 0 else None
    return GrowthPart(name, years, basis, low, high, share, evidence, assumed, None)


def _unknown(name: str, years: tuple[int, int], basis: str, reason: str, evidence: str = "") -> GrowthPart:
    return GrowthPart(name, years, basis, None, None, None, evidence, False, reason)


def _reporting(
    rows: Mapping[int, MirrorYear], side: int, basis: str, window: tuple[int, int], whole: float
) -> list[GrowthPart]:
    """Return the measured growth of the difference inside the window, then that of the whole window."""
    first, last = window
    both = [r for r in rows.values() if r.settled_difference is not None]
    inside = [r for r in both if first <= r.year <= last]
    parts = []
    if len(inside) >= 2:
        a, b = inside[0], inside[-1]
        bounds = _measured(a, b, side)
        moved = _settled(b, side) - _settled(a, side)
        told = "; ".join(f"{r.year}: {_gap(r, side):+,.0f} mn USD" for r in inside)
        note = f"difference between the two sides, settled figures, {told}; {WHOSE}; bounds: first prints, last digit"
        parts.append(_part("reporting", (a.year, b.year), basis, bounds, moved, note, False))
        if (a.year, b.year) == window:
            return parts
    near = [min(both, key=lambda r: (abs(r.year - year), r.year)) for year in window] if both else []
    if not near or near[0] is near[1]:
        reason = "the two sides' full-year figures meet in fewer than two years"
        return [*parts, _unknown("reporting", window, basis, reason)]
    start, end = (_carried(r, year, _settled(rows[year], side), side) for r, year in zip(near, window, strict=True))
    middle, half = end[0] - start[0], math.hypot(start[1], end[1])
    told = " and ".join(f"that of {r.year} for {year}" for r, year in zip(near, window, strict=True) if r.year != year)
    note = f"difference between the two sides; {told} with a drift of {DRIFT} a year; {WHOSE}; 80 % interval"
    return [*parts, _part("reporting", window, basis, (middle - half, middle + half), whole, note, True)]


def _gap(row: MirrorYear, side: int) -> float:
    return _settled(row, side) - _settled(row, 1 - side)


def _measured(a: MirrorYear, b: MirrorYear, side: int) -> tuple[float, float]:
    """Return the bounds of the growth of the difference over settled and first prints, with their rounding."""
    middle = _gap(b, side) - _gap(a, side)
    spread = [middle]
    prints = [v for v in (*b.published, *a.published) if v is not None]
    if len(prints) == 4:
        printed = (prints[0] - prints[1] - prints[2] + prints[3]) * (1 if side == 0 else -1)
        digits = sum(a.rounding) + sum(b.rounding)
        spread += [printed - digits, printed + digits]
    return min(spread), max(spread)


def _carried(row: MirrorYear, year: int, own: float, side: int) -> tuple[float, float]:
    """Return the difference in mn USD in `year` and the half width of its 80 % interval, from the nearest measured."""
    gap = math.log(_settled(row, side) / _settled(row, 1 - side))
    spread = TEN_TO_NINETY * DRIFT * math.sqrt(abs(year - row.year))
    low, high = own * (1 - math.exp(-(gap - spread))), own * (1 - math.exp(-(gap + spread)))
    return own * (1 - math.exp(-gap)), (high - low) / 2


def _price(
    parties: tuple[str, str],
    basis: str,
    window: tuple[int, int],
    start: float,
    whole: float,
    as_of: date | None,
) -> GrowthPart:
    flows = {f"{x}-{y}" for x, y in (parties, parties[::-1])}
    goods = [r for r in _table("product_prices", as_of) if r["flow"] in flows]
    changes = price_changes(goods, window)
    covered = f"{len(changes)} products have value and quantity in the same months of both years"
    if changes:
        index = [c[1] for c in changes]
        told = "; ".join(f"{name} × {change:.2f}" for name, change in changes)
        bounds = (start * (min(index) - 1), start * (max(index) - 1))
        return _part("price", window, basis, bounds, whole, f"{covered}: {told}; assumed for all goods", True)
    levels = [(code, *found) for code in parties if (found := _price_level(code, window, as_of)) is not None]
    if not levels:
        return _unknown("price", window, basis, f"{covered}, and no general price level is known", "")
    told = "; ".join(f"{code} {years[0]}-{years[1]} × {level:.2f}" for code, level, years in levels)
    high = start * max(0.0, *(level - 1 for _, level, _ in levels))
    note = (
        f"{covered}; between no change and the growth of general prices in USD (GDP in USD over real GDP: {told}), "
        "which also holds revisions of GDP"
    )
    return _part("price", window, basis, (0.0, high), whole, note, True)


def price_changes(goods: Sequence[ROW], window: tuple[int, int]) -> list[tuple[str, float]]:
    """Return (product, unit value of the last year over that of the first) where both have value and quantity."""
    unit: dict[tuple[str, ...], dict[int, float]] = {}
    for r in goods:
        if r["value"] and r["quantity"] and int(r["year"]) in window:
            key = (r["product"], r["flow"], r["month_from"], r["month_to"], r["quantity_unit"], r["reporter"])
            unit.setdefault(key, {})[int(r["year"])] = float(r["value"]) / float(r["quantity"])
    first, last = window
    return [(key[0], of[last] / of[first]) for key, of in sorted(unit.items()) if first in of and last in of]


def _price_level(code: str, window: tuple[int, int], as_of: date | None) -> tuple[float, tuple[int, int]] | None:
    """Return GDP in USD over real GDP, last known year of the window against the first, and those years."""
    rows = {int(r["year"]): r for r in _table("price_level", as_of) if r["economy"] == code}
    years = [y for y in range(window[0], window[1] + 1) if y in rows]
    if len(years) < 2 or years[0] != window[0] or years[-1] - years[0] != len(years) - 1:
        return None
    real = math.prod(1 + float(rows[y]["real_growth_pct"]) / 100 for y in years[1:])
    return float(rows[years[-1]]["gdp"]) / float(rows[years[0]]["gdp"]) / real, (years[0], years[-1])


def _rest(window: tuple[int, int], basis: str, whole: float, reporting: GrowthPart, price: GrowthPart) -> GrowthPart:
    name = "volume and re-routing"
    if reporting.low is None or reporting.high is None or price.low is None or price.high is None:
        missing = " and ".join(p.part for p in (reporting, price) if p.low is None)
        return _unknown(name, window, basis, f"it is what the others leave, and {missing} is not known")
    bounds = (whole - reporting.high - price.high, whole - reporting.low - price.low)
    return _part(name, window, basis, bounds, whole, "what reporting and price leave", True)


def _table(name: str, as_of: date | None) -> list[ROW]:
    text = (files("birge.factbook") / "tables" / f"{name}.csv").read_text("utf-8")
    rows: list[ROW] = list(csv.DictReader(text.splitlines()))
    return [r for r in rows if as_of is None or date.fromisoformat(r["published"]) <= as_of]
