"""From published observations to pieces of evidence on the log of turnover.

One piece per reporter, year, period and class (published or compiled): its newest exact figure, else its newest
rounded one; a second print of the same figure changes nothing. Derived rows never enter. The first print of a side
(published within 12 months of the year's end) is revised by ρ ~ N(.05, .03). A part of a year counts for its share of
the months, with a spread for the season, as long as the side's figure for the whole year is not in. "Over x" bounds
from below; a rounded figure may lie anywhere up to half its last digit away; two directions are added up, each with its
rounding; a row without a reporter may be on either basis. An undated row carries a publication date by a stated lag.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from birge.factbook import Observation

__all__ = ["COMPILED_SD", "REVISION", "Evidence", "Share", "announced", "gather", "parts", "shares"]

REVISION = (0.05, 0.03)
"""Mean and standard deviation of the log revision of a first print (1,572 → 1,688 for 2023; 1.70 → 1.78 for 2024)."""
COMPILED_SD = 0.02
"""Log error of a compiled annual figure whose year is settled: assumed."""
FRESH_SD = 0.05
"""Log error of a compiled figure less than 12 months after its year's end: assumed, its vintage is not known."""
PUBLISHED_SD = 0.01
SEASON_SD = 0.05
"""Log error of taking k months of a year as k/12 of it, at k = 6: assumed; 7 months of 2023 were .594 of the year."""

Basis = Literal["first", "second", "either"]


@dataclass(frozen=True)
class Evidence:
    """`log turnover(year, basis) = value ± sd`, or `≥ value` if `kind` is `over`, or its growth if `growth`.

    A rounded figure lies, before its error, anywhere within `width` of `value`.
    """

    year: int
    basis: Basis
    kind: Literal["level", "over", "growth"]
    value: float
    sd: float
    ids: tuple[str, ...]
    width: float = 0.0


@dataclass(frozen=True)
class Share:
    """The first direction's share of turnover in a year, as one side records it."""

    year: int
    basis: Basis
    value: float


def gather(observations: Iterable[Observation], reporters: tuple[str, str], as_of: date) -> list[Evidence]:
    """Return the evidence in order of years; `reporters` are the parties."""
    groups: dict[tuple[int, str, tuple[int, int], bool, str], list[Observation]] = defaultdict(list)
    for o in observations:
        known = o.reporter is None or o.reporter in reporters
        if known and not o.derived and o.over:
            compiled = o.verified == "unverified compilation"
            groups[(o.year, o.reporter or "", o.months, compiled, _form(o))].append(o)
    settled = {(y, who) for y, who, months, compiled, form in groups if months == (1, 12) and form == "level"}
    pieces = [
        _piece(own, reporters, as_of)
        for (year, who, months, _, _), own in groups.items()
        if months == (1, 12) or (year, who) not in settled
    ]
    return sorted((p for p in pieces if p is not None), key=lambda p: (p.year, p.basis, p.kind, p.ids))


def parts(observations: Iterable[Observation], reporters: tuple[str, str], as_of: date) -> list[Evidence]:
    """Return what parts of years say on their own, whether or not the whole year is in."""
    return gather((o for o in observations if o.months != (1, 12)), reporters, as_of)


def announced(observations: Iterable[Observation], reporters: tuple[str, str], year: int) -> Evidence | None:
    """Return the newest official figure a party gave for `year` before it was over; it is a forecast, not evidence."""
    said = [
        o
        for o in observations
        if o.reporter in reporters and o.year == year and o.months == (1, 12) and o.flow == "turnover"
        if o.kind in ("annual", "rounded") and o.verified == "official" and not (o.derived or o.over)
    ]
    if not said:
        return None
    o = max(said, key=lambda o: (o.published, o.id))
    basis: Basis = "first" if o.reporter == reporters[0] else "second"
    return Evidence(year, basis, "level", math.log(o.value), FRESH_SD, (o.id,), (o.step or 0.0) / 2 / o.value)


def shares(observations: Iterable[Observation], reporters: tuple[str, str]) -> list[Share]:
    """Return the first direction's share by year and side, from full years in which both directions are known."""
    ab, ba = f"{reporters[0]}-{reporters[1]}", f"{reporters[1]}-{reporters[0]}"
    groups: dict[tuple[int, str], dict[str, Observation]] = defaultdict(dict)
    for o in sorted(observations, key=lambda o: (o.published, o.id)):
        if o.reporter in reporters and o.flow in (ab, ba) and o.months == (1, 12):
            exact = o.kind == "annual" and not o.derived
            if exact and o.over:
                groups[(o.year, o.reporter or "")][o.flow] = o
    return [
        Share(year, "first" if who == reporters[0] else "second", flows[ab].value / (flows[ab].value + flows[ba].value))
        for (year, who), flows in sorted(groups.items())
        if len(flows) == 2
    ]


def _form(o: Observation) -> str:
    return o.kind if o.kind in ("over", "growth") else "level"


def _piece(own: Sequence[Observation], reporters: tuple[str, str], as_of: date) -> Evidence | None:
    """Return what a group says of turnover, None if it covers one direction only."""
    whole = [o for o in own if o.flow == "turnover"]
    exact = [o for o in whole if o.kind != "rounded"] or whole
    if exact:
        best = max(exact, key=lambda o: (o.published, o.id))
        return _evidence([best], best.value, reporters, as_of)
    if own[0].kind in ("over", "growth"):
        return None
    flows = {o.flow: o for o in sorted(own, key=lambda o: (o.kind != "rounded", o.published, o.id))}
    if len(flows) < 2:
        return None
    return _evidence(list(flows.values()), sum(o.value for o in flows.values()), reporters, as_of)


def _evidence(parts: Sequence[Observation], value: float, reporters: tuple[str, str], as_of: date) -> Evidence:
    o = max(parts, key=lambda p: p.published)
    ids = tuple(sorted(p.id for p in parts))
    basis: Basis = "either" if o.reporter is None else "first" if o.reporter == reporters[0] else "second"
    if o.kind == "growth":
        rounding = (o.step or 1.0) / 100 / math.sqrt(12)
        return Evidence(o.year, basis, "growth", math.log1p(value / 100), math.hypot(rounding, 0.03), ids)
    compiled = o.verified == "unverified compilation"
    fresh = (as_of if compiled else o.published) <= date(o.year + 1, 12, 31)
    months = o.months[1] - o.months[0] + 1
    z = math.log(value / (months / 12))
    var = (SEASON_SD**2) * (12 - months) / months
    if compiled:
        var += (FRESH_SD if fresh else COMPILED_SD) ** 2
    elif fresh:
        z += REVISION[0]
        var += PUBLISHED_SD**2 + REVISION[1] ** 2
    else:
        var += PUBLISHED_SD**2
    if len(parts) == 1 and o.kind != "over" and o.step:
        return Evidence(o.year, basis, "level", z, math.sqrt(var), ids, o.step / 2 / value)
    var += sum((p.step / math.sqrt(12) / value) ** 2 for p in parts if p.step)
    return Evidence(o.year, basis, "over" if o.kind == "over" else "level", z, math.sqrt(var), ids)
