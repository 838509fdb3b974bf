"""Three gauges, never one: what is done, what is spent, what has moved. Activity is not outcome.

Each gauge counts what nobody has reported beside what is known, and draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

from birge.assess.assessment import Assessment
from birge.plan.due import last_status
from birge.plan.schema import State
from birge.report.words import bn, plural, statistics, target_when

__all__ = ["Gauge", "Part", "gauges"]


@dataclass(frozen=True)
class Part:
    """A part of a gauge: its `share`, and `kind`: done, going, doubt (unverified), open or none (no data)."""

    kind: str
    label: str
    share: float


@dataclass(frozen=True)
class Gauge:
    """One gauge: its name, its value in words, its parts from left to right, and what stands behind it."""

    name: str
    value: str
    parts: tuple[Part, ...]
    note: str


def gauges(run: Assessment) -> tuple[Gauge, Gauge, Gauge]:
    """Return what is done, what is spent, and how far the headline's indicator has moved."""
    return _done(run), _spent(run), _moved(run)


def _done(run: Assessment) -> Gauge:
    states = [last_status(m.status, run.as_of) for m in run.plan.milestones()]
    done = sum(s is not None and s.state is State.DONE for s in states)
    going = sum(s is not None and s.state is State.IN_PROGRESS for s in states)
    still = sum(s is not None and s.state in (State.NOT_STARTED, State.STOPPED) for s in states)
    none = len(states) - done - going - still
    counts = (
        ("done", f"{done} done", done),
        ("going", f"{going} in progress", going),
        ("open", f"{still} not started or stopped", still),
        ("none", f"{none} without a report", none),
    )
    if not states:
        return Gauge("Done", "no data", (Part("none", "no milestones", 1.0),), "The plan has no milestones.")
    parts = tuple(Part(kind, label, n / len(states)) for kind, label, n in counts if n)
    return Gauge("Done", f"{done} of {plural(len(states), 'milestone')}", parts, "As last reported, not as modelled.")


def _spent(run: Assessment) -> Gauge:
    costs = [m.cost_musd for m in run.plan.measures if m.cost_musd is not None]
    count = len(run.plan.measures)
    note = (
        f"A cost is known for {len(costs)} of {plural(count, 'measure')} ({sum(costs):,.0f} mn USD)."
        if costs
        else f"No cost is known for any of the {plural(count, 'measure')}."
        if count
        else "The plan has no measures."
    )
    told = f"spending: no data for {plural(count, 'measure')}"
    return Gauge("Spent", "no data", (Part("none", told, 1.0),), f"{note} The plan holds no figure of money spent.")


def _moved(run: Assessment) -> Gauge:
    target = run.headline.target
    indicator = next(i for i in run.plan.indicators if i.id == target.indicator)
    base = next((b for b in indicator.baseline if b.basis == target.basis), None)
    others = sum(i.id != indicator.id for i in run.plan.indicators)
    rest = f" {plural(others, 'other indicator')}: no series yet." if others else ""
    side = next((k for k, p in enumerate(run.plan.parties) if p.code == target.basis), None)
    if base is None or side is None or indicator.kind != "variable" or target.value == base.value:
        reason = "no baseline on the target's statistics" if side is not None else "no figure to measure it by"
        return Gauge("Moved", "no data", (Part("none", "no data", 1.0),), f"{indicator.title.en}: {reason}.{rest}")
    newer = [(r.year, r.published[side], r.compiled[side]) for r in run.mirror if r.year > base.year]
    published = [(year, p) for year, p, _ in newer if p is not None]
    compiled = [(year, c) for year, _, c in newer if c is not None]
    goal = f"from {bn(base.value)} ({base.year}) to {bn(target.value)} bn USD {target_when(run.plan, target)}"
    if published:
        year, value = published[-1]
        way = (value - base.value) / (target.value - base.value)
        seen = Part("done", f"{bn(value)} in {year}", min(max(way, 0.0), 1.0))
        ahead = (Part("open", "still to go", 1.0 - seen.share),) if way < 1 else ()
        return Gauge("Moved", f"{100 * way:.0f} % of the way", (seen, *ahead), f"{indicator.title.en} {goal}.{rest}")
    parts: tuple[Part, ...] = (Part("none", f"not known since {base.year}", 1.0),)
    note = f"{indicator.title.en} {goal}; no published figure {statistics(run.plan, target.basis)} since {base.year}."
    if compiled:
        year, value = compiled[-1]
        way = min(max((value - base.value) / (target.value - base.value), 0.0), 1.0)
        parts = (
            Part("doubt", f"{bn(value)} in {year}, unverified", way),
            Part("none", "not known", 1.0 - way),
        )
    return Gauge("Moved", f"not known since {base.year}", parts, note + rest)
