"""Check a plan beyond its schema: references, cycles, drivers, distributions, dates. All problems at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from birge.errors import Problem
from birge.plan.load import Lines, Path_
from birge.plan.schema import Distribution, Milestone, Plan, State
from birge.spec import Variable

__all__ = ["Acting", "check", "effect_problems"]

Found = tuple[Path_, str, str, str]
NEEDS = {
    "fixed": ("value",),
    "normal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "uniform": ("low", "high"),
    "beta": ("mean", "sd"),
    "lognormal": ("median", "sigma"),
}


def check(
    plan: Plan, lines: Lines, variables: Mapping[str, Variable], coordinates: Mapping[str, set[str]]
) -> list[Problem]:
    """Return every problem of `plan`; `coordinates` holds the known coordinates of each dim."""
    found: list[Found] = []
    for part in (_ids, _references, _cycles, _targets, _dates):
        found.extend(part(plan))
    found.extend(_measured(plan, variables))
    found.extend(_effects(plan, variables, coordinates))
    problems = [Problem(lines.at(path), code, message, remedy) for path, code, message, remedy in found]
    return sorted(problems, key=lambda p: (int(p.where.rsplit(":", 1)[1]), p.code, p.message))


def _milestones(plan: Plan) -> Iterator[tuple[Path_, Milestone]]:
    for i, measure in enumerate(plan.measures):
        for k, milestone in enumerate(measure.milestones):
            yield ("measures", i, "milestones", k), milestone


def _ids(plan: Plan) -> Iterator[Found]:
    groups: dict[str, Sequence[Any]] = {
        "pillars": plan.pillars,
        "organisations": plan.organisations,
        "indicators": plan.indicators,
        "measures": plan.measures,
        "meetings": plan.meetings,
        "events": plan.events,
        "barriers": plan.barriers,
        "instruments": plan.instruments,
        "initiatives": plan.initiatives,
        "region_pairs": plan.region_pairs,
        "risks": plan.risks,
    }
    for name, records in groups.items():
        counts = Counter(r.id for r in records)
        for i, r in enumerate(records):
            if counts[r.id] > 1:
                yield (name, i, "id"), "id-twice", f"{name} has {r.id!r} {counts[r.id]} times", "give each its own id"
    counts = Counter(m.id for _, m in _milestones(plan))
    for path, m in _milestones(plan):
        if counts[m.id] > 1:
            yield (*path, "id"), "id-twice", f"milestone {m.id!r} stands {counts[m.id]} times", "give each its own id"
    if plan.parties[0].code == plan.parties[1].code:
        yield ("parties",), "party-twice", "both parties have the same code", "name two parties"


def _references(plan: Plan) -> Iterator[Found]:
    pillars = {p.id for p in plan.pillars}
    bodies = {o.id for o in plan.organisations}
    steps = {m.id for _, m in _milestones(plan)}
    measures = {m.id for m in plan.measures}
    papers = {i.id for i in plan.instruments}
    codes = {p.code for p in plan.parties}
    targets = {t.id for _, t in plan.targets()}
    wanted: list[tuple[Path_, str | None, set[str], str]] = [(("headline",), plan.headline, targets, "target")]
    for i, indicator in enumerate(plan.indicators):
        at: Path_ = ("indicators", i)
        wanted.append(((*at, "pillar"), indicator.pillar, pillars, "pillar"))
        for k, t in enumerate(indicator.targets):
            wanted.append(((*at, "targets", k, "basis"), t.basis, codes, "party"))
            wanted.append(((*at, "targets", k, "milestone"), t.milestone, steps, "milestone"))
    for i, m in enumerate(plan.measures):
        at = ("measures", i)
        wanted.append(((*at, "pillar"), m.pillar, pillars, "pillar"))
        wanted += [((*at, "responsible"), o, bodies, "organisation") for o in m.responsible]
        wanted += [((*at, "co_responsible"), o, bodies, "organisation") for o in m.co_responsible]
        wanted += [((*at, "effects", k, "from"), e.start, steps, "milestone") for k, e in enumerate(m.effects)]
    for path, step in _milestones(plan):
        wanted += [((*path, "after"), a, steps, "milestone") for a in step.after]
        wanted.append(((*path, "owner"), step.owner, bodies, "organisation"))
        wanted.append(((*path, "side"), step.side, codes, "party"))
        wanted.append(((*path, "instrument"), step.instrument, papers, "instrument"))
    wanted += [(("risks", i, "milestone"), r.milestone, steps, "milestone") for i, r in enumerate(plan.risks)]
    for i, meeting in enumerate(plan.meetings):
        for k, d in enumerate(meeting.decisions):
            at = ("meetings", i, "decisions", k)
            wanted += [((*at, "owners"), o, bodies, "organisation") for o in d.owners]
            wanted.append(((*at, "measure"), d.measure, measures, "measure"))
    wanted += [(("events", i, "pillar"), e.pillar, pillars, "pillar") for i, e in enumerate(plan.events)]
    for i, barrier in enumerate(plan.barriers):
        wanted += [(("barriers", i, "answers"), o, bodies, "organisation") for o in barrier.answers]
    wanted += [(("initiatives", i, "proposer"), n.proposer, codes, "party") for i, n in enumerate(plan.initiatives)]
    wanted += [(("organisations", i, "party"), o.party, codes, "party") for i, o in enumerate(plan.organisations)]
    for i, instrument in enumerate(plan.instruments):
        wanted += [(("instruments", i, "ratified"), c, codes, "party") for c in instrument.ratified]
    for i, pair in enumerate(plan.region_pairs):
        wanted += [(("region_pairs", i, "regions"), c, codes, "party") for c in pair.regions]
    for path, name, known, what in wanted:
        if name is not None and name not in known:
            yield path, "unknown-reference", f"there is no {what} {name!r}", f"name one of the plan's {what} ids"


def _cycles(plan: Plan) -> Iterator[Found]:
    where = {m.id: (path, m) for path, m in _milestones(plan)}
    done: set[str] = set()
    for start in where:
        trail: list[str] = []

        def visit(node: str, trail: list[str] = trail) -> list[str] | None:
            if node in trail:
                return [*trail[trail.index(node) :], node]
            if node in done or node not in where:
                return None
            trail.append(node)
            for other in where[node][1].after:
                if (ring := visit(other)) is not None:
                    return ring
            trail.pop()
            done.add(node)
            return None

        if (ring := visit(start)) is not None:
            yield (
                (*where[ring[0]][0], "after"),
                "milestone-cycle",
                f"milestones wait for each other: {' → '.join(ring)}",
                "remove one of these `after` entries",
            )
            return


def _targets(plan: Plan) -> Iterator[Found]:
    if plan.end < plan.start:
        yield ("end",), "horizon", f"the plan ends in {plan.end}, before it starts", "swap start and end"
    for i, indicator in enumerate(plan.indicators):
        for k, t in enumerate(indicator.targets):
            at: Path_ = ("indicators", i, "targets", k)
            if not plan.start <= t.year <= plan.end + 10:
                yield (
                    (*at, "year"),
                    "target-year",
                    f"target year {t.year} lies outside {plan.start}-{plan.end + 10}",
                    "a target lies between the plan's start and ten years after its end",
                )
            if not math.isfinite(t.value) or (indicator.kind == "variable" and t.value <= 0):
                yield (*at, "value"), "target-value", f"{t.value} cannot be a target", "write a positive number"


def _measured(plan: Plan, variables: Mapping[str, Variable]) -> Iterator[Found]:
    for i, indicator in enumerate(plan.indicators):
        if indicator.kind != "variable" or indicator.variable is None:
            continue
        variable = variables.get(indicator.variable)
        if variable is None:
            yield (
                ("indicators", i, "variable"),
                "variable",
                f"{indicator.id}: there is no variable {indicator.variable!r}",
                f"use one of {', '.join(sorted(variables))}, or kind: observed",
            )
        elif indicator.unit != variable.unit:
            yield (
                ("indicators", i, "unit"),
                "unit",
                f"{indicator.id} is in {indicator.unit!r}, {variable.name} in {variable.unit!r}",
                f"give baseline and targets in {variable.unit}",
            )


def _dates(plan: Plan) -> Iterator[Found]:
    for path, m in _milestones(plan):
        if m.start and m.planned and m.start > m.planned:
            yield (*path, "planned"), "dates", f"{m.id} is planned before its start", "correct start or planned"
        if m.duration and not m.duration.low <= m.duration.mode <= m.duration.high:
            yield (*path, "duration"), "duration", "low ≤ mode ≤ high does not hold", "order the three months"
        for k, s in enumerate(m.status):
            if s.finished and s.state is not State.DONE:
                yield (*path, "status", k), "status", "finished, but the state is not done", "write state: done"
            if s.state is State.DONE and not s.finished:
                yield (*path, "status", k), "status", "done without the date it finished", "add finished: DATE"
            if s.finished and s.finished > s.reported:
                yield (*path, "status", k), "status", "finished after it was reported", "correct one of the dates"
    for i, e in enumerate(plan.events):
        if e.start and e.end and e.end < e.start:
            yield ("events", i, "end"), "dates", f"{e.id} ends before it starts", "correct start or end"
    for i, b in enumerate(plan.barriers):
        if b.since and b.removed and b.removed < b.since:
            yield (
                ("barriers", i, "removed"),
                "dates",
                f"{b.id} is removed before it was met",
                "correct since or removed",
            )
    for i, p in enumerate(plan.instruments):
        later = [d for d in (*p.ratified.values(), p.in_force) if d]
        if p.signed and later and min(later) < p.signed:
            yield ("instruments", i), "dates", f"{p.id} is ratified or in force before it is signed", "correct a date"


def _effects(plan: Plan, variables: Mapping[str, Variable], coordinates: Mapping[str, set[str]]) -> Iterator[Found]:
    for i, m in enumerate(plan.measures):
        for k, e in enumerate(m.effects):
            yield from effect_problems(("measures", i, "effects", k), m.id, e, variables, coordinates)
    for i, r in enumerate(plan.risks):
        for message in _distribution(r.delay_months):
            yield ("risks", i, "delay_months"), "distribution", message, "see the Distribution record"


class Acting(Protocol):
    """An effect of a measure or of a scenario."""

    @property
    def driver(self) -> str:
        """Return the name of the Variable it acts on."""

    @property
    def select(self) -> dict[str, str]:
        """Return the coordinate by dim."""

    @property
    def size(self) -> Distribution:
        """Return how large it is."""


def effect_problems(
    at: Path_, name: str, e: Acting, variables: Mapping[str, Variable], coordinates: Mapping[str, set[str]]
) -> Iterator[Found]:
    """Yield (place, code, message, remedy) of what is wrong with an effect of `name`."""
    drivers = sorted(v.name for v in variables.values() if v.plan_may_act)
    variable = variables.get(e.driver)
    if variable is None or not variable.plan_may_act:
        yield (
            (*at, "driver"),
            "driver",
            f"{name}: nothing outside the models acts on {e.driver!r}",
            f"use one of {', '.join(drivers)}",
        )
        return
    for dim, place in e.select.items():
        if dim not in variable.dims:
            yield (*at, "select"), "dim", f"{e.driver} has no dim {dim!r}", f"its dims are {', '.join(variable.dims)}"
        elif dim in coordinates and place not in coordinates[dim]:
            known = ", ".join(sorted(coordinates[dim])) or "none"
            yield (*at, "select"), "coordinate", f"there is no {dim} {place!r}", f"known: {known}"
    for message in _distribution(e.size):
        yield (*at, "size"), "distribution", message, "see the Distribution record"


def _distribution(d: Distribution) -> Iterator[str]:
    values = {n: getattr(d, n) for n in ("value", "mean", "sd", "low", "mode", "high", "median", "sigma")}
    missing = [n for n in NEEDS[d.kind] if values[n] is None]
    if missing:
        yield f"{d.kind} needs {', '.join(missing)}"
    extra = [n for n, v in values.items() if v is not None and n not in NEEDS[d.kind]]
    if extra:
        yield f"{d.kind} takes no {', '.join(extra)}"
    if any(v is not None and not math.isfinite(v) for v in values.values()):
        yield "a parameter is not a finite number"
    ordered = [v for n in ("low", "mode", "high") if (v := values[n]) is not None]
    if ordered != sorted(ordered):
        yield "low ≤ mode ≤ high does not hold"
    if d.kind == "beta" and d.mean is not None and not 0 < d.mean < 1:
        yield "the mean of a beta lies between 0 and 1"
    elif d.kind == "beta" and d.mean is not None and d.sd is not None and d.sd**2 >= d.mean * (1 - d.mean):
        yield "the sd of a beta is smaller than the root of mean (1 - mean)"
    if d.kind == "lognormal" and d.median is not None and d.median <= 0:
        yield "the median of a lognormal is positive"
