"""The paper for a council as one record: `paper(Wanted) → Paper`.

Order of the reader's questions: the answer, what changed since the last council, who decides what by when, the
measures by pillar, both sides' statistics and statements, sources. Without odds no run of the assessment is looked at:
everything in the record is then a fact of the plan or a figure, so nothing internal can reach a paper for both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from birge.assess.assessment import Assessment
from birge.factbook import Factbook, mirror
from birge.pages.answer import Asked, Delay, Done, Odds, Share, asked, delays, done, odds, shares
from birge.pages.changes import Changed, Session, changes
from birge.pages.decisions import DecisionRow, decisions, due_items
from birge.pages.measures import PillarRows, pillars
from birge.pages.sides import Side, shown, sides
from birge.pages.statements import Said, Statement, statements
from birge.pages.statistics import Series, YearRow, series, years
from birge.plan.due import Due
from birge.plan.known import known
from birge.plan.load import plan_hash
from birge.plan.schema import Plan, Record, Source

__all__ = ["Before", "Cited", "Paper", "Run", "Wanted", "paper"]

PAST_YEARS = 14
"""How many years before `as_of` a chart shows; the table has them all."""


@dataclass(frozen=True)
class Cited:
    """A run that was kept: its id, the document of the assessment, the release that made it."""

    id: str
    document: Mapping[str, Any]
    release: str


@dataclass(frozen=True)
class Wanted:
    """What a paper is asked for.

    `side` is the code of the side whose paper it is, `council` the session it is for, `since` an earlier plan or a day
    (with the session's title where it was one), `said` statements that the sides handed in, `run` the assessment whose
    odds are shown, fresh or kept; None gives the paper without odds. `before` is the run kept before the last session,
    sought where runs are kept (`sought`): a paper says when there is none. The fan is that of the
    run's document; a run of a release that kept none has none. `address` is where the plan is served, for the link.
    """

    plan: Plan
    book: Factbook
    as_of: date
    lang: str = "en"
    side: str | None = None
    council: Session | None = None
    since: Plan | date | None = None
    since_title: str = ""
    said: tuple[Said, ...] = ()
    run: Assessment | Cited | None = None
    before: Cited | None = None
    sought: bool = False
    address: str = ""


@dataclass(frozen=True)
class Run:
    """What a run of the assessment says: odds by target, shares of measures, open milestones; how to repeat it."""

    odds: tuple[Odds, ...]
    shares: tuple[Share, ...]
    delays: tuple[Delay, ...]
    draws: int
    seed: int
    scenario: str | None
    as_of: date
    plan_hash: str
    id: str = ""
    release: str = ""


@dataclass(frozen=True)
class Before:
    """The odds of the run kept before the last session: its id, what day it was for, odds by target."""

    id: str
    as_of: date
    odds: tuple[Odds, ...]


@dataclass(frozen=True)
class Paper:
    """A paper in one language; `run` is None in one without odds."""

    lang: str
    title: str
    note: str
    reconstructed: bool
    hash: str
    as_of: date
    facts_until: date | None
    sides: tuple[Side, Side]
    own: bool
    council: Session | None
    since: Session | None
    changes: tuple[Changed, ...] | None
    asked: tuple[Asked, ...]
    done: Done
    run: Run | None
    decisions: tuple[DecisionRow, ...]
    due: Due
    pillars: tuple[PillarRows, ...]
    years: tuple[YearRow, ...]
    series: tuple[Series, ...]
    statements: tuple[Statement, ...]
    sources: tuple[Source, ...]
    before: Before | None = None
    sought: bool = False
    link: str = ""


def paper(wanted: Wanted) -> Paper:
    """Return the paper; raises InputError where `side` is none of the plan's."""
    w, version = wanted, plan_hash(wanted.plan)
    plan = known(w.plan, w.as_of)
    order = sides(plan, w.lang, w.side)
    pair = (plan.parties[0].code, plan.parties[1].code)
    rows = mirror(w.book.observations(pair, w.as_of), pair)
    table = years(rows, order)
    return Paper(
        lang=w.lang,
        title=shown(plan.title, w.lang),
        note=shown(plan.origin_note, w.lang),
        reconstructed=plan.origin == "reconstructed",
        hash=version,
        as_of=w.as_of,
        facts_until=w.book.facts_until(pair, w.as_of),
        sides=order,
        own=w.side is not None,
        council=w.council,
        since=_since(w),
        changes=None if w.since is None else changes(w.since, w.plan, w.as_of, w.lang),
        asked=asked(plan, w.lang, rows),
        done=done(plan, w.as_of),
        run=_run(w.run, plan, w.as_of, w.lang) if w.run else None,
        decisions=decisions(plan, w.as_of, w.lang),
        due=due_items(plan, w.as_of, w.lang, w.side),
        pillars=pillars(plan, w.as_of, w.lang, order),
        years=table,
        series=series(rows, order, _goals(plan), _fans(w.run), w.as_of.year - PAST_YEARS),
        statements=statements(plan, w.as_of, w.lang, order, table, w.said),
        sources=_sources(plan),
        before=_before(w.before) if w.before and w.run else None,
        sought=w.sought and w.run is not None,
        link=_link(w),
    )


def _link(w: Wanted) -> str:
    """Return the page that says what the paper says: with the kept run, as known on the paper's day."""
    if not w.address:
        return ""
    run = f"run={w.run.id}&" if isinstance(w.run, Cited) else ""
    return f"{w.address.rstrip('/')}/{w.lang}/answer?{run}as_of={w.as_of.isoformat()}"


def _since(w: Wanted) -> Session | None:
    return Session(w.since_title, w.since) if isinstance(w.since, date) else None


def _run(run: Assessment | Cited, plan: Plan, as_of: date, lang: str) -> Run:
    """Return what a run says; one that was kept speaks of the day it was made for."""
    document = run.document if isinstance(run, Cited) else run.document()
    day = date.fromisoformat(document["as_of"])
    return Run(
        odds=odds(document),
        shares=shares(document, plan, lang),
        delays=delays(document, plan, as_of, lang),
        draws=document["draws"],
        seed=document["seed"],
        scenario=document["scenario"],
        as_of=day,
        plan_hash=document["plan_hash"],
        id=run.id if isinstance(run, Cited) else "",
        release=run.release if isinstance(run, Cited) else "",
    )


def _fans(run: Assessment | Cited | None) -> Sequence[Mapping[str, Any]]:
    if run is None:
        return ()
    found: Sequence[Mapping[str, Any]] = (run.document if isinstance(run, Cited) else run.document()).get("fans", ())
    return found


def _before(run: Cited) -> Before:
    return Before(run.id, date.fromisoformat(run.document["as_of"]), odds(run.document))


def _goals(plan: Plan) -> list[tuple[str, int, float, str]]:
    return [
        (t.basis or "", t.year, t.value, t.id)
        for i, t in plan.targets()
        if i.variable == "trade.flow" and not i.select and i.kind == "variable"
    ]


def _sources(plan: Plan) -> tuple[Source, ...]:
    """Return every source of the plan once, in the order of the plan."""
    found: dict[str, Source] = {}
    for s in _walk(plan):
        found.setdefault(s.url or s.title, s)
    return tuple(found.values())


def _walk(record: Record) -> Sequence[Source]:
    if isinstance(record, Source):
        return [record]
    made: list[Source] = []
    for name in type(record).model_fields:
        value = getattr(record, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Record):
                made += _walk(item)
    return made
