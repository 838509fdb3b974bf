"""What stands behind the numbers of a report: what each means, where it comes from, and how to get it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from itertools import groupby
from typing import Any

from birge.assess.assessment import Assessment
from birge.factbook import Observation
from birge.plan.schema import Distribution, Plan, Source
from birge.report.words import day, indicator_of, plural

__all__ = ["command", "definitions", "figures", "passport", "size_of", "sources", "version"]

URL = re.compile(r"https?://[^\s)]+")


def version() -> str:
    """Return the installed version of Birge."""
    try:
        return installed("birge")
    except PackageNotFoundError:
        return "not installed"


def command(run: Assessment) -> str:
    """Return the command that repeats the run on the same plan file and figures."""
    parts = [f"birge assess PLAN --draws {run.draws} --seed {run.seed} --as-of {run.as_of}"]
    parts += [f"--scenario {run.scenario}"] if run.scenario else []
    parts += [f"--without {item}" for item in run.without]
    parts += [f"--delay {item}={months:g}" for item, months in run.delays.items()]
    parts += [f"--counterfactual {run.counterfactual}"] if run.counterfactual != "stop" else []
    return " ".join(parts)


def definitions(run: Assessment) -> list[tuple[str, str, str]]:
    """Return (anchor, term, meaning) of every kind of number on the page."""
    settled = {_rule(run.plan, v.target.id) for v in run.verdicts}
    error = run.headline.target.simulation_error
    chance = f" Here the simulation itself is exact to about ± {100 * error:.1f} of 100." if error else ""
    return [
        (
            "def-odds",
            "Odds, such as 38 of 100",
            f"In so many of 100 simulated futures the target is met. Each future draws the dates of milestones, trade "
            f"on each side's statistics and the effects of measures together.{chance}",
        ),
        (
            "def-range",
            "Over defensible outlooks",
            "The lowest and highest odds over named ways to carry the past on, each of which an expert could defend.",
        ),
        (
            "def-stop",
            "If the plan stopped",
            "What is unfinished today never finishes; what is finished stays, and the past continues.",
        ),
        (
            "def-interval",
            "Interval, such as 80 of 100",
            "So many of 100 futures lie inside; of the others, as many lie below as above.",
        ),
        (
            "def-share",
            "A measure's odds of 100",
            "The odds that the plan adds, shared between its measures so that the shares add up (Shapley values); "
            "± is the error of the simulation.",
        ),
        (
            "def-delay",
            "Odds lost a month",
            "By how much the odds change if the milestone, and all that waits for it, is done one month earlier.",
        ),
        (
            "def-doubt",
            "Unverified",
            "A compilation or a press figure whose original table nobody here has seen. It is shown beside published "
            "figures and never replaces one.",
        ),
        (
            "def-projected",
            "Projected from a year",
            "Since that year there is no figure on these statistics; the futures start there.",
        ),
        ("def-target", "When a target counts as met", " ".join(sorted(s for s in settled if s)) or "Not said."),
    ]


def _rule(plan: Plan, ident: str) -> str:
    """Return the settlement rule of a target in words."""
    indicator, target = next((i, t) for i, t in plan.targets() if t.id == ident)
    if indicator.kind == "milestone":
        return "A dated milestone: done by the end of the year."
    s = target.settlement
    release = "the figure as it stands 12 months after its first release"
    release = "the first release" if s.release == "first_release" else release
    mark = " (an assumption; the plan does not say)" if s.assumed else ""
    return f"{indicator.title.en}: {s.prices} value, {release}, valuation {s.valuation}{mark}."


def passport(run: Assessment) -> list[tuple[str, str]]:
    """Return what identifies the run."""
    t = run.headline.target
    target = next((x for _, x in run.plan.targets() if x.id == t.id), None)
    rows = [
        ("Plan", f"{run.plan.id}, version {run.plan_hash[:16]} (SHA-256 of its content: {run.plan_hash})"),
        ("Known on", f"{day(run.as_of)}; newest figure published {day(run.facts_until)}"),
        ("Simulation", f"{run.draws:,} futures, seed {run.seed}, {plural(run.failed_draws, 'failed draw')}"),
        ("Scenario", run.scenario or "none"),
        ("Software", f"Birge {version()}"),
    ]
    if target is not None:
        rows.append(("Headline", f"{indicator_of(run.plan, t).title.en}, target {t.id}; source: {target.source.title}"))
    return rows


def size_of(d: Distribution) -> str:
    """Return an uncertain size in words: "-0.02 to 0, most likely -0.005"."""
    if d.kind == "fixed":
        return f"{d.value:g}"
    if d.kind == "triangular":
        return f"{d.low:g} to {d.high:g}, most likely {d.mode:g}"
    if d.kind == "uniform":
        return f"{d.low:g} to {d.high:g}"
    if d.kind == "lognormal":
        return f"median {d.median:g}, log spread {d.sigma:g}"
    return f"mean {d.mean:g} ± {d.sd:g}"


def sources(plan: Plan) -> list[Source]:
    """Return every source of the plan once, in the order of the plan."""
    found: dict[str, Source] = {}
    for s in _sources(plan):
        found.setdefault(s.url or s.title, s)
    return list(found.values())


def _sources(plan: Plan) -> Iterable[Source]:
    for i in plan.indicators:
        yield from (*i.sources, *(b.source for b in i.baseline), *(t.source for t in i.targets))
    for m in plan.measures:
        yield from m.sources
        for stone in m.milestones:
            yield from (s for s in (stone.source, *(r.source for r in stone.status)) if s)
        yield from (r.source for r in m.status if r.source)
    for meeting in plan.meetings:
        yield meeting.source


def figures(known: Sequence[Observation], short: Mapping[str, str]) -> list[tuple[int, list[dict[str, Any]]]]:
    """Return every figure that entered the run, by year, with its source and a link where the source has one."""
    rows = sorted((o for o in known if not o.derived), key=lambda o: (o.year, o.months, o.id))
    return [(year, [_figure(o, short) for o in group]) for year, group in groupby(rows, key=lambda o: o.year)]


def _figure(o: Observation, short: Mapping[str, str]) -> dict[str, Any]:
    link = URL.search(o.source)
    period = str(o.year) if o.months == (1, 12) else f"{o.year}, months {o.months[0]}-{o.months[1]}"
    return {
        "period": period,
        "flow": o.flow if o.flow == "turnover" else " → ".join(short.get(c, c) for c in o.flow.split("-")),
        "reporter": short.get(o.reporter or "", o.reporter or "not stated"),
        "value": f"{o.value:,.1f} {o.unit}",
        "kind": o.kind,
        "verified": o.verified,
        "published": f"{o.published}{' (assumed)' if o.published_assumed else ''}",
        "url": link[0] if link else None,
        "source": o.source if not link else re.sub(r"^https?://(?:www\.)?([^/]+).*$", r"\1", link[0]),
    }
