"""Power in the printed answer of a run: short winters, the reservoir and electricity in turnover, in two lines."""

from __future__ import annotations

from collections.abc import Sequence

from birge.assess.assessment import Assessment
from birge.assess.supply import PowerYear
from birge.report.words import of_100

__all__ = ["power_line"]


def power_line(run: Assessment) -> str | None:
    """Return what the power model says of the headline's year and of the last one; None where the pair has none."""
    found, years = run.power, _years(run)
    if found is None or not years:
        return None
    home = next(p.short.en for p in run.plan.parties if p.code == found.home)
    short = [s.short_odds for y in years for s in y.sides if s.party == found.home]
    level = list(years[0].below)[-1]
    name = (found.reservoir or "").replace("-", " ").title()
    basis = run.headline.target.basis
    worth = years[0].traded_musd.get(basis or "", next(iter(years[0].traded_musd.values())))
    first, *rest = zip(short, years, strict=True)
    winters = [f"{of_100(first[0])} of 100 in {first[1].year}", *(f"{of_100(o)} in {y.year}" for o, y in rest)]
    return (
        f"Power: winters short beyond rationing, {home}: {', '.join(winters)}; {name} below {level} km3: "
        f"{', '.join(of_100(y.below[level]) for y in years)}; electricity in turnover {years[0].year}: {worth:,.0f} mn "
        "USD, too little to carry a target"
    )


def _years(run: Assessment) -> Sequence[PowerYear]:
    """Return the years that the line tells."""
    if run.power is None or run.power.reason:
        return ()
    wanted = {run.headline.target.year, run.power.years[-1].year}
    return [y for y in run.power.years if y.year in wanted and y.year >= run.as_of.year]
