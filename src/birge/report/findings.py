"""What an assessment found, in sentences that the terminal and the page share.

Nothing is computed here that the assessment does not hold: figures get their names, rows that say nothing are
grouped, and what is not known is said in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

from birge.assess.assessment import Assessment, MilestoneOdds
from birge.assess.odds import InputSensitivity, MeasureShare
from birge.factbook import Observation
from birge.plan.due import last_status
from birge.plan.schema import Plan
from birge.report.words import bn, day, growth, joined, month, of_100, plural, range_of_100
from birge.units import month_of

__all__ = [
    "Carried",
    "Doubtful",
    "assumed_odds",
    "base_rate_line",
    "carried",
    "costly_delays",
    "doubtful",
    "doubtful_line",
    "even_odds",
    "firm_inputs",
    "growth_lines",
    "last_word",
    "needed_lines",
    "newest_both",
    "next_figure_line",
    "past_targets_line",
    "reported",
    "weight_line",
]

MOST_SCALE = 50
"""The largest factor on all effects that an assessment tries."""
SMALL_MUSD = 0.05
"""Measures that add less than this on average are told together."""


@dataclass(frozen=True)
class Carried:
    """What carries the headline: the trade without the plan, the measures worth naming, the others together."""

    without: MeasureShare | None
    named: tuple[MeasureShare, ...]
    small: tuple[MeasureShare, ...]
    silent: int
    """Measures of the plan that have no modelled effect on the target."""


def carried(run: Assessment, count: int = 100) -> Carried:
    """Return what carries the headline; at most `count` measures are named."""
    rows = [m for m in run.headline.measures if m.id != "not-the-plan"]
    named = [m for m in rows if abs(m.mean_musd) >= SMALL_MUSD][:count]
    small = [m for m in rows if m not in named]
    first = next((m for m in run.headline.measures if m.id == "not-the-plan"), None)
    return Carried(first, tuple(named), tuple(small), len(run.plan.measures) - len(rows))


@dataclass(frozen=True)
class Doubtful:
    """Unverified figures that move the odds: what they are, what they say, and the odds without them."""

    figure: str
    value: str
    kind: str
    source: str
    year: int | None
    odds: float


def doubtful(run: Assessment, known: Sequence[Observation]) -> list[Doubtful]:
    """Return the unverified figures that move the headline's odds, named by year and side instead of by id."""
    by_id = {o.id: o for o in known}
    rows = []
    for ids, odds in run.unverified.items():
        found = [by_id[i] for i in ids.split(" + ") if i in by_id]
        if found:
            rows.append(_doubtful(run.plan, found, odds))
        else:
            rows.append(Doubtful(ids, "", "", "", None, odds))
    return rows


def doubtful_line(d: Doubtful) -> str:
    """Return the odds without unverified figures, in a sentence."""
    told = ", ".join(x for x in (d.value, d.kind) if x)
    return f"Without {d.figure}{f' ({told})' if told else ''}: about {of_100(d.odds)} of 100."


def _doubtful(plan: Plan, found: Sequence[Observation], odds: float) -> Doubtful:
    one = found[0]
    short = {p.code: p.short.en for p in plan.parties}
    both = len({o.flow for o in found}) == 2 or one.flow == "turnover"
    what = "the turnover" if both else "the exports " + " to ".join(short.get(c, c) for c in one.flow.split("-"))
    part = "" if one.months == (1, 12) else f" (months {one.months[0]}-{one.months[1]})"
    by = f", {short.get(one.reporter, one.reporter)}'s side" if one.reporter else ", side not stated"
    if one.kind == "growth":
        value = f"{one.value:+,.0f} %"
    else:
        total = sum(o.value for o in found) if len({o.flow for o in found}) == len(found) else one.value
        value = f"{bn(total)} bn USD"
    kind = "unverified compilation" if one.verified == "unverified compilation" else f"{one.verified}, unverified"
    return Doubtful(f"{what} of {one.year}{part}{by}", value, kind, one.source, one.year, odds)


def costly_delays(run: Assessment) -> list[MilestoneOdds]:
    """Return open milestones that move the headline, most costly first."""
    rows = [m for m in run.headline.milestones if m.odds_gain_per_month is not None]
    return sorted(rows, key=lambda m: -(m.odds_gain_per_month or 0.0))


def even_odds(run: Assessment, m: MilestoneOdds) -> str:
    """Return by when a milestone is done with even odds; where that has passed, since when nothing is known."""
    if m.p50 is None:
        return m.reason or "never"
    if m.p50 < run.as_of:
        return f"not known since {day(last_word(run, m.id) or m.p50)}"
    return month(m.p50)


def last_word(run: Assessment, ident: str) -> date | None:
    """Return when a milestone was last reported on; its planned date if nobody has reported, None without one."""
    found = next((m for m in run.plan.milestones() if m.id == ident), None)
    last = last_status(found.status, run.as_of) if found else None
    return last.reported if last else (found.planned if found else None)


def reported(run: Assessment, ident: str) -> str:
    """Return the last report on a milestone in words: "in progress, 14 Feb 2026 (9 months ago)"."""
    found = next((m for m in run.plan.milestones() if m.id == ident), None)
    last = last_status(found.status, run.as_of) if found else None
    if last is None:
        return "no report"
    age = round(month_of(run.as_of) - month_of(last.reported))
    return f"{last.state.value}, {day(last.reported)}" + (f" ({plural(age, 'month')} ago)" if age else "")


def assumed_odds(run: Assessment) -> str | None:
    """Return how much of the plan's effect rests on assumptions, None where no measure acts on the headline."""
    acting = [m for m in run.headline.measures if m.id != "not-the-plan"]
    if not acting:
        return None
    assumed = sum(m.assumed for m in acting)
    count = "the one measure" if len(acting) == 1 else f"all {len(acting)} measures"
    if assumed == len(acting):
        return f"The effect of {count} is assumed, not measured."
    if assumed:
        return f"The effects of {assumed} of {len(acting)} measures are assumed, not measured."
    return f"The effect of {count} rests on evidence."


def needed_lines(run: Assessment) -> list[str]:
    """Return what growth, or what scaling of all effects, would bring the headline's odds to 50 and 80 of 100."""
    n = run.headline.needed
    if n is None:
        return ["Not modelled for this target."]
    rows = []
    if n.growth_for_odds_50 is not None and n.growth_for_odds_80 is not None and n.growth_median is not None:
        start = f" from {bn(n.from_value)} bn USD in {n.from_year}" if n.from_value and n.from_year else ""
        doubt = f" ({n.from_verified})" if start and n.from_verified not in (None, "official", "published") else ""
        rows.append(
            f"Growth{start}{doubt} of {growth(n.growth_for_odds_50)} a year for even odds, "
            f"{growth(n.growth_for_odds_80)} for 80 of 100; the median future has {growth(n.growth_median)}."
        )
        b = run.headline.target.base_rate
        if b is not None:
            fast = "that fast" if b.growth == n.growth_for_odds_50 else f"by {growth(b.growth)} a year"
            rows.append(
                f"Of {b.cases:,} comparable cases, {of_100(b.share)} of 100 grew {fast} over {plural(b.years, 'year')}."
            )
    if n.effect_scale_for_odds_50 is None and n.effect_scale_for_odds_80 is None:
        return [
            *rows,
            f"By the plan alone: neither even odds nor 80 of 100, not even with all its effects × {MOST_SCALE}.",
        ]
    scales = ((50, n.effect_scale_for_odds_50), (80, n.effect_scale_for_odds_80))
    rows.append("By the plan alone: " + "; ".join(_scale(odds, scale) for odds, scale in scales) + ".")
    return rows


def _scale(odds: int, scale: float | None) -> str:
    name = "even odds" if odds == 50 else f"{odds} of 100"
    if scale is None:
        return f"{name} not even with all its effects × {MOST_SCALE}"
    return f"{name} without it" if scale == 0.0 else f"{name} with all its effects × {scale:.1f}"


def newest_both(run: Assessment) -> str | None:
    """Return the newest year that both sides published, with the difference; None if there is none."""
    both = [r for r in run.mirror if r.difference is not None]
    if not both:
        return None
    a, b = (p.short.en for p in run.plan.parties)
    r = both[-1]
    gap = r.difference or 0.0
    told = f", {abs(100 * gap):.0f} % {'more' if gap > 0 else 'less'}" if round(100 * gap) else ""
    return f"{r.year}: {bn(r.published[0])} bn USD ({a}{told}) and {bn(r.published[1])} bn ({b})."


def growth_lines(run: Assessment) -> list[str]:
    """Return how recent growth splits into reporting, price and the rest, as far as the evidence goes."""
    parts = list(run.growth or ())
    whole = next((p for p in parts if p.part == "whole" and p.low is not None), None)
    if whole is None:
        return []
    own = [p for p in parts if p.part != "whole" and p.years == whole.years]
    known = [p for p in own if p.share is not None]
    if not known:
        return []
    told = [f"{p.part} {100 * p.share[0]:.0f} to {100 * p.share[1]:.0f} %" for p in known if p.share]
    mark = " (assumed)" if all(p.assumed for p in known) else ""
    rest = [p.part for p in own if p.share is None]
    unknown = f"; {joined(rest)} alone: not known" if rest else ""
    first, last = whole.years
    return [f"Of the growth {first}-{last} ({bn(whole.low)} bn USD): {joined(told)}{mark}{unknown}."]


def weight_line(run: Assessment, doubtful_ones: Sequence[Doubtful]) -> str:
    """Return how many assumptions and unverified figures the answer rests on."""
    assumed = sum(e.assumed for m in run.plan.measures for e in m.effects)
    doubts = sum(d.year is not None for d in doubtful_ones)
    figures = f"{plural(doubts, 'unverified figure')} move{'' if doubts > 1 else 's'}"
    figures = figures if doubts else "no single unverified figure moves"
    rests = (
        f"What is said of the plan rests on {plural(assumed, 'assumed effect')}" if assumed else "No effect is assumed"
    )
    return f"{rests}; {figures} the odds by more than 5 of 100."


def firm_inputs(run: Assessment) -> list[InputSensitivity]:
    """Return the inputs that move the headline's odds by more than chance does in one run of a hundred.

    Many inputs are looked at, so the bound on each is Bonferroni's; the fifths and the rank test both have to pass it.
    """
    looked = run.headline.sensitivity
    bound = NormalDist().inv_cdf(1 - 0.01 / (2 * max(len(looked), 1)))
    rows = [s for s in looked if abs(s.difference) > bound * s.se and abs(s.z) > bound]
    return sorted(rows, key=lambda s: -abs(s.difference))


def past_targets_line(run: Assessment) -> str | None:
    """Return how many earlier dated targets of the pair were met."""
    if not run.past_targets:
        return None
    met = sum(t.met for t in run.past_targets)
    return f"Dated targets that this pair set itself before: {met} of {len(run.past_targets)} met."


def next_figure_line(run: Assessment) -> str | None:
    """Return which figure to wait for and what it would say."""
    n = run.next_figure
    if n is None:
        return None
    short = {p.code: p.short.en for p in run.plan.parties}
    return (
        f"The next figure that counts is {short[n.reporter]}'s turnover of {n.year}: at most {bn(n.low)} bn USD leaves "
        f"about {of_100(n.odds_low)} of 100, at least {bn(n.high)} bn gives {of_100(n.odds_high)}."
    )


def base_rate_line(run: Assessment) -> str | None:
    """Return how often others managed as much growth, None where that was not looked at."""
    b = run.headline.target.base_rate
    if b is None:
        return None
    return (
        f"Of {b.cases:,} comparable cases, {of_100(b.share)} of 100 grew by {growth(b.growth)} a year or more over "
        f"{plural(b.years, 'year')} ({range_of_100((b.low, b.high))} depending on the years looked at; {b.source})."
    )
