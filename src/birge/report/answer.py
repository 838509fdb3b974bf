"""The answer as text, in the order of the reader's questions."""

from __future__ import annotations

from datetime import date

from birge.assess.assessment import Assessment, MilestoneOdds, Verdict
from birge.assess.odds import MeasureShare, TargetOdds
from birge.plan.due import due
from birge.plan.schema import Plan

__all__ = ["answer", "answer_sections", "measure_title", "of_100", "origin", "target_name"]


def of_100(odds: float | None) -> str:
    """Return a fraction as odds for the reader: 0.384 → "38", under half of one → "<1"."""
    if odds is None:
        return "not modelled"
    if 0 < odds < 0.005:
        return "<1"
    if 0.995 < odds < 1:
        return ">99"
    return f"{100 * odds:.0f}"


def origin(plan: Plan) -> str:
    """Return how the plan file came about, for titles."""
    return "reconstruction from public sources" if plan.origin == "reconstructed" else "published plan"


def measure_title(plan: Plan, ident: str, lang: str = "en") -> str:
    """Return the title of a measure in `lang`, or "not the plan"."""
    return next((m.title.get(lang) for m in plan.measures if m.id == ident), "not the plan")


def target_name(plan: Plan, t: TargetOdds) -> str:
    """Return a target in words: value, year and whose statistics."""
    indicator = next(i for i in plan.indicators if i.id == t.indicator)
    if indicator.kind == "milestone":
        return f"{indicator.title.en} by the end of {t.year}"
    by = next((f", {p.statistics.en}" for p in plan.parties if p.code == t.basis), "")
    value = (
        f"{t.value / 1000:.1f} bn USD" if indicator.unit.startswith("mn USD") else f"{t.value:,.0f} {indicator.unit}"
    )
    return f"{indicator.title.en} of {value} in {t.year}{by}"


def answer(run: Assessment) -> str:
    """Return the whole answer for a terminal."""
    futures = f"{run.draws:,} simulated futures · seed {run.seed} · {run.runtime_s:.0f} s"
    scenario = f" · scenario {run.scenario}" if run.scenario else ""
    head = [
        f"{run.plan.title.en} ({origin(run.plan)})",
        f"as of {run.as_of} · facts known until {run.facts_until} · {futures}{scenario}",
        *(f"! {w}" for w in run.warnings),
    ]
    body = [line for title, rows in answer_sections(run).items() for line in (title, *(f"  {r}" for r in rows))]
    return "\n".join([*head, *body])


def answer_sections(run: Assessment, measures: int = 6, milestones: int = 5) -> dict[str, list[str]]:
    """Return the lines of the answer by question; `measures` and `milestones` bound the lists."""
    return {
        "Will the targets be met": [_target(run.plan, v.target) for v in run.verdicts],
        "What carries it": [
            f"for: {target_name(run.plan, run.headline.target)}",
            *(_measure(run.plan, m) for m in run.headline.measures[: measures + 1]),
        ],
        "What a delay costs": _milestones(run, run.headline, milestones),
        "Who does what next": _due(run.plan, run.as_of),
        "What it would take": _needed(run.headline),
        "Whose numbers": _numbers(run),
    }


def _target(plan: Plan, t: TargetOdds) -> str:
    name = target_name(plan, t)
    if t.odds_with is None:
        return f"{name}: not modelled ({t.reason})"
    low, high = t.odds_range or (t.odds_with, t.odds_with)
    spread = f"{of_100(low)} - {of_100(high)} over defensible outlooks; " if t.variants else ""
    text = f"{name}: about {of_100(t.odds_with)} of 100 ({spread}{of_100(t.odds_without)} if the plan stopped)"
    if t.median is not None and t.interval80 is not None:
        low80, high80 = (x / 1000 for x in t.interval80)
        text += f" · median {t.median / 1000:.2f} bn, 80 %: {low80:.1f} - {high80:.1f}"
    return text + (f" · projected from {t.projected_from}" if t.projected_from else "")


def _measure(plan: Plan, m: MeasureShare) -> str:
    low, high = m.interval80_musd
    if m.id == "not-the-plan":
        return f"not the plan · {m.median_musd:,.0f} mn USD · {of_100(m.alone_odds)} of 100"
    return (
        f"{measure_title(plan, m.id)} · adds {m.mean_musd:,.1f} mn USD on average (80 %: {low:,.1f} - {high:,.1f})"
        f" · {100 * (m.shapley_odds or 0.0):+.2f} of 100 · {'assumed' if m.assumed else 'evidence'}"
    )


def _milestones(run: Assessment, verdict: Verdict, count: int) -> list[str]:
    titles = {m.id: m.title.en for m in run.plan.milestones()}
    open_ones = [m for m in verdict.milestones if m.odds_gain_per_month is not None]
    open_ones.sort(key=lambda m: -(m.odds_gain_per_month or 0.0))
    return [_milestone(titles[m.id], m) for m in open_ones[:count]] or ["no open milestone moves this target"]


def _milestone(title: str, m: MilestoneOdds) -> str:
    planned = f"planned {m.planned}" if m.planned else "no date planned"
    on_time = f"on time {of_100(m.p_on_time)} of 100 · " if m.p_on_time is not None else ""
    gain = 100 * (m.odds_gain_per_month or 0)
    worth = f"{gain:.3f} of 100 lost per month" if gain >= 0.001 else "less than 0.001 of 100 lost per month"
    return f"{title} · {planned} · even odds by {m.p50 or 'never'} · {on_time}{worth}"


def _due(plan: Plan, as_of: date) -> list[str]:
    rows = [f"{r.item} · {r.organisation} · {r.due} · {r.last_word}" for r in due(plan, as_of).next]
    return rows or ["nothing is due"]


def _needed(verdict: Verdict) -> list[str]:
    n = verdict.needed
    if n is None:
        return ["not modelled"]
    rows = []
    if n.growth_for_odds_50 is not None and n.growth_for_odds_80 is not None and n.growth_median is not None:
        rows.append(
            f"growth of {100 * n.growth_for_odds_50:.1f} % a year for even odds and {100 * n.growth_for_odds_80:.1f} % "
            f"for 80 of 100; the median future has {100 * n.growth_median:.1f} %"
        )
    for odds, scale in ((50, n.effect_scale_for_odds_50), (80, n.effect_scale_for_odds_80)):
        if scale == 0.0:
            rows.append(f"odds of {odds} of 100 are reached without the plan")
        elif scale is None:
            rows.append(f"odds of {odds} of 100 by the plan alone: {n.reason}")
        else:
            rows.append(f"odds of {odds} of 100 by the plan alone: all effects × {scale:.1f}")
    return rows


def _numbers(run: Assessment) -> list[str]:
    short = {p.code: p.short.en for p in run.plan.parties}
    codes = [p.code for p in run.plan.parties]
    rows = []
    both = [r for r in run.mirror if r.difference is not None]
    if both:
        last, first = both[-1], both[0]
        a, b = (v or 0.0 for v in last.published)
        rows.append(f"{last.year}: {a:,.0f} mn USD ({short[codes[0]]}) and {b:,.0f} mn USD ({short[codes[1]]})")
        if first.year < last.year:
            c, d = (v or 0.0 for v in first.published)
            rows.append(
                f"growth {first.year}-{last.year}: {100 * (a / c - 1):.0f} % ({short[codes[0]]}), "
                f"{100 * (b / d - 1):.0f} % ({short[codes[1]]}); no evidence to split price, volume, re-routing"
            )
    if run.past_targets:
        met = sum(t.met for t in run.past_targets)
        rows.append(f"dated targets of this pair so far: {met} of {len(run.past_targets)} met")
    assumed = sum(e.assumed for m in run.plan.measures for e in m.effects)
    rows.append(f"{assumed} assumed effects carry what is said of the plan; of the figures, these are unverified:")
    rows += [f"without {name}: about {of_100(odds)} of 100" for name, odds in run.unverified.items()]
    if not run.unverified:
        rows[-1] = (
            f"{assumed} assumed effects carry what is said of the plan; no unverified figure moves the odds by 5 of 100"
        )
    if (n := run.next_figure) is not None:
        rows.append(
            f"the next figure that counts: turnover of {n.year}, {short[n.reporter]}: up to {n.low:,.0f} mn USD it "
            f"leaves {of_100(n.odds_low)} of 100, from {n.high:,.0f} on it gives {of_100(n.odds_high)}"
        )
    return rows
