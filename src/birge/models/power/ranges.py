"""What parameters and the steps of missing power may be: shares up to 1, months of the year, prices that rise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from birge.errors import Problem
from birge.models.power.subsystem import LOCAL, SHARE
from birge.models.power.tables import Row, Tables

__all__ = ["curve_problems", "parameter_problems"]

MONTHS = ("-first", "-last")


@dataclass(frozen=True)
class Span:
    """Values from `low` (where `above`: over it) to `high`."""

    low: float = 0.0
    high: float = math.inf
    above: bool = False

    def holds(self, value: float) -> bool:
        """Return whether a value lies in it."""
        return self.low <= value <= self.high and not (self.above and value == self.low)

    def told(self) -> str:
        """Return it in words."""
        if self.high == math.inf:
            return f"above {self.low:g}" if self.above else f"{self.low:g} or more"
        return f"above {self.low:g}, up to {self.high:g}" if self.above else f"{self.low:g} to {self.high:g}"


SPANS = {
    "cvar-share": Span(0, 1, above=True),
    "cvar-weight": Span(0, 1),
    "discount": Span(0, 1),
    "dry": Span(),
    "energy-peak": Span(0, 1, above=True),
    "least-release-cost": Span(),
    "swap-cap": Span(above=True),
    "swap-line": Span(above=True),
    "swap-ratio": Span(above=True),
    "wet": Span(),
}
"""What a parameter may be from its low to its high value."""
STARTING = {SHARE: Span(0, 1), "records-swap-": Span(0, 1)} | dict.fromkeys(LOCAL, Span())
"""The same for parameters that begin alike; the first that fits holds."""


def parameter_problems(of: Tables) -> Iterator[Problem]:
    """Yield parameters out of their range, and rivers of which more than all is shared out."""
    rivers: dict[str, list[Row]] = {}
    for row in of["parameters"]:
        name, _, place = row["id"].partition("@")
        if name.startswith("swap-") and name.endswith(MONTHS):
            values = [row[c] for c in ("low", "mode", "high")]
            if wrong := [v for v in values if not float(v).is_integer() or not 1 <= float(v) <= 12]:
                yield Problem(row.where, "month", ", ".join(wrong), "write a month, a whole number from 1 to 12")
            continue
        span = SPANS.get(name) or next((s for start, s in STARTING.items() if name.startswith(start)), None)
        if span and (wrong := [row[c] for c in ("low", "mode", "high") if not span.holds(float(row[c]))]):
            yield Problem(row.where, "range", f"{name} is {', '.join(wrong)}", f"write numbers {span.told()}")
        if name.startswith(SHARE):
            rivers.setdefault(place, []).append(row)
    for place, rows in rivers.items():
        whole = sum(float(r["mode"]) for r in rows)
        if whole > 1 + 1e-9:
            message = f"the usual shares {f'@{place} ' if place else ''}are {whole:g} of a river together"
            yield Problem(rows[-1].where, "water-shares", message, "write shares that are 1 together at most")


def curve_problems(of: Tables) -> Iterator[Problem]:
    """Yield curves of missing power whose shares are not the whole load, or that ration at more than they leave out."""
    for curve in dict.fromkeys(r["curve"] for r in of["missing"]):
        own = [r for r in of["missing"] if r["curve"] == curve]
        if abs(sum(float(r["share"]) for r in own) - 1) > 1e-6:
            message = f"the shares of {curve} are {sum(float(r['share']) for r in own):g} together"
            yield Problem(own[-1].where, "shares", message, "write shares of the load that are 1 together")
        left = min((float(r["price"]) for r in own if r["kind"] == "unserved"), default=math.inf)
        for row in own:
            if row["kind"] == "rationed" and float(row["price"]) > left:
                message = f"{row['id']} rations at {row['price']}, and {curve} leaves load unserved at {left:g}"
                yield Problem(f"{row.where}, column price", "order", message, "let rationed steps be no dearer")
