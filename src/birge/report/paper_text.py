"""What a paper says, in the reader's language: `composed(Paper) → Document`.

A section per question of a council: the answer, changes, decisions due, measures by pillar, both sides' statistics and
statements, sources. A paper without odds has the same sections; what is of one side's run is not in its record at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

from birge.pages.answer import Asked, Odds
from birge.pages.measures import MeasureRow, StepRow, Word
from birge.pages.paper import Paper, Run
from birge.pages.statements import Statement
from birge.plan.due import Row
from birge.report.paper_charts import delay_figure, turnover_figure
from birge.report.paper_parts import Cell, Column, Document, Figure, Heading, Part, Prose, Table
from birge.report.qr import qr_spec
from birge.report.words import of_100
from birge.texts import Translator, long_date, translator

__all__ = ["composed"]

DELAYS = 15
"""How many milestones the chart and its table show."""


def composed(paper: Paper) -> Document:
    """Return the document of a paper."""
    t = translator(paper.lang)
    parts = [
        *_answer(paper, t),
        *_changes(paper, t),
        *_decisions(paper, t),
        *_measures(paper, t),
        *_statistics(paper, t),
        *_statements(paper, t),
        *_sources(paper, t),
        *_again(paper, t),
    ]
    short = paper.hash[:16]
    foot = [paper.note if paper.reconstructed else "", t("plan version {hash}", hash=short)]
    return Document(
        lang=paper.lang,
        title=paper.title,
        under=tuple(_under(paper, t)),
        foot=" · ".join(f for f in foot if f),
        page=t("Page"),
        parts=tuple(parts),
        blank=t("no data"),
    )


def _under(paper: Paper, t: Translator) -> Iterator[str]:
    if paper.council:
        day = long_date(paper.council.day, paper.lang)
        title = paper.council.title
        yield (
            t("Paper for the session: {title}, {date}", title=title, date=day)
            if title
            else t("Paper for the council's session on {date}", date=day)
        )
    yield t("Known on {date}", date=long_date(paper.as_of, paper.lang))
    if paper.own:
        yield t("Paper of the side: {name}", name=paper.sides[0].name)
    else:
        yield " · ".join(s.name for s in paper.sides)
    if paper.reconstructed:
        yield paper.note
    if not t.reviewed:
        yield t("The texts of this form in this language have not been reviewed by a native speaker.")


def _answer(paper: Paper, t: Translator) -> Iterator[Part]:
    yield Heading(t("The answer"))
    odds = {o.id: o for o in paper.run.odds} if paper.run else {}
    head = next(iter(paper.asked), None)
    if head is not None:
        yield Prose(_lead(paper, head, odds.get(head.id), t), "lead")
    done = paper.done
    if done.all:
        yield Prose(
            t(
                "Milestones: {done} of {all} done, {going} in progress, {still} not started or stopped, {silent} "
                "without a report.",
                done=done.done,
                all=done.all,
                going=done.going,
                still=done.still,
                silent=done.silent,
            )
        )
    yield _targets(paper, odds, t)
    if paper.run:
        yield from _behind(paper.run, paper, t)


def _lead(paper: Paper, a: Asked, o: Odds | None, t: Translator) -> str:
    told = []
    if o is not None and o.with_plan is not None:
        told.append(
            t(
                "{what}: about {odds} of 100 simulated futures reach it.",
                what=_named(a, t),
                odds=of_100(o.with_plan),
            )
        )
        if o.stopped is not None and paper.run and (error := _alike(o.with_plan, o.stopped, paper.run.draws)):
            told.append(
                t(
                    "What is modelled of the plan, {n} of {all} measures, moves the odds by less than the error of the "
                    "count, ± {error} of 100.",
                    n=len(paper.run.shares),
                    all=sum(len(p.measures) for p in paper.pillars),
                    error=t.number(100 * error, 1),
                )
            )
        elif o.stopped is not None:
            told.append(t("If the plan stopped today: about {odds} of 100.", odds=of_100(o.stopped)))
    elif o is not None:
        told.append(t("{what}: not modelled.", what=_named(a, t)))
    else:
        told.append(t("Target: {what}.", what=_named(a, t)))
    if a.newest is not None and a.newest_year is not None:
        facts = {"value": _amount(a.newest, a.unit, t), "year": a.newest_year}
        told.append(
            t("Newest figure: {value} in {year}.", **facts)
            if a.verified
            else t("Newest figure: {value} in {year}, from an unverified compilation.", **facts)
        )
    return " ".join(told)


def _alike(one: float, other: float, draws: int) -> float:
    """Return the error of odds counted over `draws` where it is larger than the difference of the two, else 0."""
    error = sqrt(one * (1 - one) / draws)
    return error if abs(one - other) < error else 0.0


def _named(a: Asked, t: Translator) -> str:
    if a.kind == "milestone":
        return t("{title} by the end of {year}", title=a.title, year=a.year)
    value = _amount(a.value, a.unit, t)
    if a.basis:
        return t("{title} of {value} in {year}, {basis}", title=a.title, value=value, year=a.year, basis=a.basis)
    return t("{title} of {value} in {year}", title=a.title, value=value, year=a.year)


def _amount(value: float, unit: str, t: Translator) -> str:
    """Write a value with its unit; a thousand mn USD and more in bn USD."""
    unit = unit.removesuffix("/year") if unit == "mn USD/year" else unit
    if unit == "mn USD" and value >= 1000:
        decimals = 1 if round(value) % 100 == 0 else 2
        return f"{t.number(value / 1000, decimals)} {t.named('unit', 'bn USD')}"
    decimals = next((d for d in range(3) if round(value, d) == value), 1)
    return f"{t.number(value, decimals)} {t.named('unit', unit)}"


def _targets(paper: Paper, odds: dict[str, Odds], t: Translator) -> Table:
    columns = [
        Column(t("Target"), 2.8),
        Column(t("Start"), 1.2),
        Column(t("Newest figure"), 1.5),
    ]
    if paper.run:
        columns += [
            Column(t("Odds of 100"), 0.9, right=True),
            Column(t("By outlook"), 1.3, right=True),
            Column(t("If stopped"), 1.3, right=True),
            Column(t("80 of 100 futures"), 1.8, right=True),
        ]
    rows = []
    for a in paper.asked:
        row: list[Cell] = [_named(a, t), _dated(a.base, a.base_year, a, t), _dated(a.newest, a.newest_year, a, t)]
        if paper.run:
            row += _odds(odds.get(a.id), a, t)
        rows.append(tuple(row))
    told = t("Targets of the plan: what each asks and what is known.")
    return Table(t("Targets"), told, tuple(columns), tuple(rows))


def _dated(value: float | None, year: int | None, a: Asked, t: Translator) -> str:
    if value is None or year is None:
        return ""
    mark = "" if value != a.newest or a.verified else f", {t('unverified')}"
    return f"{_amount(value, a.unit, t)} ({year}{mark})"


def _odds(o: Odds | None, a: Asked, t: Translator) -> list[Cell]:
    if o is None or o.with_plan is None:
        return [t("not modelled"), "", "", ""]
    span = f"{of_100(o.span[0])} - {of_100(o.span[1])}" if o.span else ""
    band = ""
    if o.interval80:
        low, high = (t.number(v / 1000, 1) for v in o.interval80)
        band = f"{low} - {high} {t.named('unit', 'bn USD')}"
    return [of_100(o.with_plan), span, of_100(o.stopped), band]


def _behind(run: Run, paper: Paper, t: Translator) -> Iterator[Part]:
    """Yield what stands behind the odds: shares of the measures, dates of the milestones, how it was found."""
    if run.shares:
        columns = (
            Column(t("Measure"), 4),
            Column(t("mn USD a year"), 1.1, 1, right=True),
            Column(t("80 of 100 futures"), 1.8, right=True),
            Column(t("Odds of 100"), 1.1, right=True),
            Column(t("Rests on"), 1.2),
        )
        rows = tuple(
            (
                s.title,
                s.mean,
                " - ".join(t.number(v, 1) for v in s.interval80),
                _hundredths(s.odds, t),
                t("assumption") if s.assumed else t("evidence"),
            )
            for s in run.shares
        )
        yield Heading(t("What the measures add"), 2)
        yield Table(t("Shares"), t("What each measure adds to the first target, in simulated futures."), columns, rows)
    drawn = run.delays[:DELAYS]
    if drawn:
        yield Heading(t("When open milestones are likely to be done"), 2)
        yield delay_figure(drawn, paper.as_of, t)
        columns = (
            Column(t("Milestone"), 4),
            Column(t("Planned"), 1.2),
            Column(t("10 of 100 by"), 1.2),
            Column(t("Even odds by"), 1.2),
            Column(t("90 of 100 by"), 1.2),
        )
        dates = tuple((d.title, d.planned or t("no date"), d.p10, d.p50, d.p90) for d in drawn)
        yield Table(t("Dates"), t("Open milestones: planned dates and dates of simulated futures."), columns, dates)
    facts = {"draws": t.number(run.draws), "seed": run.seed, "date": t.date(run.as_of)}
    told = t("From {draws} simulated futures, seed {seed}, figures known on {date}.", **facts)
    if run.id:
        told = t(
            "Run {run}: {draws} futures, seed {seed}, known on {date}, plan version {plan}, Birge {release}.",
            **facts,
            run=run.id,
            plan=run.plan_hash[:12],
            release=run.release,
        )
    yield Prose(told, "note")


def _hundredths(odds: float | None, t: Translator) -> str:
    if odds is None:
        return ""
    return t("under {value}", value=t.number(0.1, 1)) if abs(odds) < 0.0005 else t.number(100 * odds, 1)


def _changes(paper: Paper, t: Translator) -> Iterator[Part]:
    if paper.changes is None:
        return
    yield Heading(t("Changes since the last council"))
    if paper.since:
        day = long_date(paper.since.day, paper.lang)
        since = f"{paper.since.title}, {day}" if paper.since.title else day
        yield Prose(t("Compared with what was public on that day: {since}.", since=since), "note")
    else:
        yield Prose(t("Compared with an earlier version of the plan."), "note")
    yield from _odds_then(paper, t)
    if not paper.changes:
        yield Prose(t("no differences"))
        return
    # Words of a changed sentence stand in these brackets; they mean nothing to who has not been told.
    yield Prose(t("In a changed sentence removed words stand in [- -] and new ones in {+ +}."), "note")
    rows: list[tuple[Cell, ...]] = []
    for c in paper.changes:
        rows += [(c.record if k == 0 else "", line) for k, line in enumerate(c.lines)]
    columns = (Column(t("Record"), 2), Column(t("What changed"), 4))
    yield Table(t("Changes"), t("What changed, by record."), columns, tuple(rows))


def _odds_then(paper: Paper, t: Translator) -> Iterator[Part]:
    """Yield the odds of the run kept before the last session beside those of this paper."""
    if not paper.sought or paper.run is None:
        return
    if paper.before is None:
        yield Prose(t("No run from before that session is kept, so the odds of then are not known."))
        return
    then = {o.id: o for o in paper.before.odds}
    now = {o.id: o for o in paper.run.odds}
    columns = (Column(t("Target"), 4), Column(t("Then"), 1, right=True), Column(t("Now"), 1, right=True))
    rows = tuple((_named(a, t), _of_100(then.get(a.id), t), _of_100(now.get(a.id), t)) for a in paper.asked)
    told = t("Odds of each target before that session and in this paper, of 100.")
    yield Table(t("Odds then and now"), told, columns, rows)
    yield Prose(
        t("Odds then: run {run}, known on {date}.", run=paper.before.id, date=t.date(paper.before.as_of)), "note"
    )


def _of_100(o: Odds | None, t: Translator) -> str:
    return t("not modelled") if o is None or o.with_plan is None else of_100(o.with_plan)


def _decisions(paper: Paper, t: Translator) -> Iterator[Part]:
    yield Heading(t("Decisions due"))
    if paper.decisions:
        columns = (
            Column(t("Decision"), 3),
            Column(t("Meeting"), 2),
            Column(t("Organisation"), 2),
            Column(t("Due"), 1),
            Column(t("Last word"), 1.5),
        )
        rows = tuple(
            (d.title, d.meeting, ", ".join(d.owners) or _unnamed(t), d.due or t("no date"), _word(d.word, t))
            for d in paper.decisions
        )
        yield Table(t("Decisions"), t("Open decisions of councils and meetings."), columns, rows)
    yield Heading(t("Who does what next"), 2)
    groups = (
        (t("Next"), paper.due.next),
        (t("Past its date, with a word since"), paper.due.overdue),
        (t("Past its date, not known since"), paper.due.silent),
    )
    due = _due(groups, t)
    if not due:
        yield Prose(t("nothing is due"))
        return
    heads = (Column(t("Item"), 3.5), Column(t("Organisation"), 2.5), Column(t("Due"), 1), Column(t("Last word"), 2))
    yield Table(t("Due list"), t("What is due, by whom, and the last word on it."), heads, due)


def _due(groups: Sequence[tuple[str, Sequence[Row]]], t: Translator) -> tuple[tuple[Cell, ...], ...]:
    made: list[tuple[Cell, ...]] = []
    for title, rows in groups:
        if rows:
            made += [(title,), *((r.item, r.organisation, r.due, r.last_word) for r in rows)]
    return tuple(made)


def _unnamed(t: Translator) -> str:
    return t("no owner named in a public source")


def _word(word: Word | None, t: Translator) -> str:
    if word is None:
        return t("no report")
    state = t.named("word", word.state)
    day = t.date(word.finished or word.reported)
    told = t("{state}, {date}", state=state, date=day)
    return f"{told} ({word.note})" if word.note else told


def _measures(paper: Paper, t: Translator) -> Iterator[Part]:
    yield Heading(t("Measures by pillar"))
    columns = (
        Column(t("No."), 0.5),
        Column(t("Measure and milestones"), 4),
        Column(t("Organisation"), 2.2),
        Column(t("Deadline"), 1.4),
        Column(t("Last word"), 2),
    )
    for k, p in enumerate(paper.pillars, 1):
        yield Heading(p.title, 2)
        rows: list[tuple[Cell, ...]] = []
        for m in p.measures:
            rows += _measure(m, t)
        told = t("Measures and milestones of the pillar: {title}.", title=p.title)
        yield Table(f"{t('Pillar')} {k}", told, columns, tuple(rows))


def _measure(m: MeasureRow, t: Translator) -> list[tuple[Cell, ...]]:
    word = _word(m.word, t) if m.word or not m.steps else t("see the milestones")
    row: tuple[Cell, ...] = (m.number, m.title, ", ".join(m.bodies) or _unnamed(t), m.deadline, word)
    return [row, *(("", f"– {s.title}", "", _planned(s, t), _word(s.word, t)) for s in m.steps)]


def _planned(s: StepRow, t: Translator) -> str:
    if s.planned:
        return t.date(s.planned)
    return t("no date planned") if s.word is None or s.word.finished is None else t.date(s.word.finished)


def _statistics(paper: Paper, t: Translator) -> Iterator[Part]:
    if not paper.years and not paper.series:
        return
    yield Heading(t("Statistics of both sides"))
    odds = {o.id: o for o in paper.run.odds} if paper.run else {}
    for s in paper.series:
        figure = turnover_figure(s, paper.series, odds, paper.facts_until, t)
        if figure is not None:
            yield figure
    a, b = (s.short for s in paper.sides)
    columns = (
        Column(t("Year"), 0.7),
        Column(t("{side}, published", side=a), 1.4, right=True),
        Column(t("{side}, published", side=b), 1.4, right=True),
        Column(t("Difference, first less second"), 1.4, right=True),
        Column(t("{side}, unverified compilation", side=a), 1.4, right=True),
        Column(t("{side}, unverified compilation", side=b), 1.4, right=True),
    )
    rows = tuple((str(r.year), *r.published, r.difference, *r.compiled) for r in paper.years)
    told = t("Turnover by year as each side publishes it, mn USD, current prices.")
    yield Prose(told, "note")
    yield Table(t("Statistics"), told, columns, rows)


def _statements(paper: Paper, t: Translator) -> Iterator[Part]:
    yield Heading(t("Statements of both sides"))
    for s in paper.statements:
        yield Heading(s.side.name, 2)
        yield from _statement(s, t)


def _statement(s: Statement, t: Translator) -> Iterator[Part]:
    if s.newest:
        year, value = s.newest
        amount = _amount(value, "mn USD", t)
        yield Prose(t("Newest turnover published by this side: {value} in {year}.", value=amount, year=year))
    else:
        yield Prose(t("No full-year turnover published by this side is known."))
    for said in s.said:
        text = f"{t.date(said.day)}: {said.text}"
        yield Prose(f"{text} ({said.source})" if said.source else text)
    if not s.steps:
        yield Prose(t("No milestone of the plan is this side's alone."))
        return
    columns = (Column(t("Milestone"), 4), Column(t("Planned"), 1.3), Column(t("Last word"), 2.5))
    rows = tuple((step.title, step.planned or t("no date planned"), _word(step.word, t)) for step in s.steps)
    told = t("Milestones of this side alone: {name}.", name=s.side.name)
    yield Table(s.side.short, told, columns, rows)


def _again(paper: Paper, t: Translator) -> Iterator[Part]:
    """Say where all this is found again: the run's id, the link as text and as a picture to point a phone at."""
    if not paper.link and not (paper.run and paper.run.id):
        return
    yield Heading(t("Where this is found again"))
    if paper.run and paper.run.id:
        yield Prose(t("Run {run}", run=paper.run.id))
    if paper.link:
        told = t("The same page in a browser: {link}", link=paper.link)
        yield Prose(told)
        yield Figure(t("Link to this very page"), told, qr_spec(paper.link), t("plan version {hash}", hash=paper.hash))


def _sources(paper: Paper, t: Translator) -> Iterator[Part]:
    yield Heading(t("Sources"))
    if paper.reconstructed:
        yield Prose(paper.note)
    yield Prose(t("Titles of sources stand as published."), "note")
    columns = (Column(t("Source"), 4), Column(t("Day"), 1), Column(t("Address"), 4))
    rows = tuple((s.title, s.date, s.url) for s in paper.sources)
    yield Table(t("Sources"), t("Every source of the plan's records."), columns, rows)
