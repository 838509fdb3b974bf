"""Power in the answer of a run: short winters, the reservoir, and electricity in turnover, in three lines."""

from __future__ import annotations

from collections.abc import Sequence

from birge.assess.assessment import Assessment
from birge.assess.supply import PowerYear
from birge.report.words import of_100

__all__ = ["power_lines", "told_years"]


def told_years(run: Assessment) -> tuple[PowerYear, ...]:
    """Return the years that the lines tell: that of the headline and the last one; none where there is no model."""
    if run.power is None or run.power.reason:
        return ()
    wanted = {run.headline.target.year, run.power.years[-1].year}
    return tuple(y for y in run.power.years if y.year in wanted and y.year >= run.as_of.year)


def power_lines(run: Assessment) -> list[str]:
    """Return what the power model says, nothing where the pair has none."""
    years, found = told_years(run), run.power
    if found is None or not years:
        return []
    parties = sorted(run.plan.parties, key=lambda p: p.code != found.home)
    winters = [(f"{p.short.en}", [s.short_odds for y in years for s in y.sides if s.party == p.code]) for p in parties]
    levels = [
        (f"{'down to' if k == 0 else 'below'} {level} km3", [y.below[level] for y in years])
        for k, level in enumerate(years[0].below)
    ]
    when = [y.year for y in years]
    name = (found.reservoir or "").replace("-", " ").title()
    return [
        f"Winters that lack more power than rationing covers: {_series(winters, when)}; nothing is built or bought "
        "beyond the plan and today's contracts.",
        f"{name} {_series(levels, when)}.",
        _traded(run, years[0]),
    ]


def _series(rows: Sequence[tuple[str, Sequence[float]]], years: Sequence[int]) -> str:
    """Return "NAME 51 of 100 in 2027, 97 in 2030; OTHER 0, 68"."""
    told = []
    for k, (name, odds) in enumerate(rows):
        if k == 0:
            parts = [
                f"{of_100(o)}{' of 100' if n == 0 else ''} in {y}"
                for n, (o, y) in enumerate(zip(odds, years, strict=True))
            ]
        else:
            parts = [of_100(o) for o in odds]
        told.append(f"{name} {', '.join(parts)}")
    return "; ".join(told)


def _traded(run: Assessment, year: PowerYear) -> str:
    found = run.power
    assert found is not None
    wanted = run.headline.target.basis
    basis = wanted if wanted in year.traded_musd else next(iter(year.traded_musd))
    change = year.traded_musd[basis] - found.years[0].traded_musd[basis]
    told = (
        f"Electricity in turnover: {year.traded_musd[basis]:,.0f} mn USD in {year.year} ({change:+,.0f} since "
        f"{found.years[0].year})"
    )
    if found.observed_musd is None:
        return f"{told}."
    return (
        f"{told}. All power between the two in {found.observed_year} was worth about {found.observed_musd:,.0f} mn "
        "USD: it cannot carry a target."
    )
