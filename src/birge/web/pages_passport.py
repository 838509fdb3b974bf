"""The passport of a number or a record: what it is, where it comes from, who entered and who confirmed it, which run.

`/{lang}/passport/{kind}/{id}`. Plan records show the plan version and its confirmations, registry records their side,
version and level; what a reader may not see is not there for them either.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

from birge.factbook import Observation
from birge.plan.due import last_status
from birge.plan.schema import Record as PlanRecord
from birge.plan.schema import Source, Status, Text
from birge.store.errors import Missing
from birge.store.plans import stands
from birge.store.progress import standing
from birge.store.records import Record, listing, read
from birge.web.blocks import Cell, Page, Table, organisations, said
from birge.web.blocks_more import num
from birge.web.pages_run import odds, switches, target_name
from birge.web.reader import Reader

__all__ = ["PASSPORTS", "passport_page"]

Row = tuple[Cell, Cell]
MOST_ROWS = 400
PLAIN = (
    "id",
    "title",
    "name",
    "source",
    "sources",
    "status",
    "note",
    "unreviewed",
    "milestones",
    "effects",
    "decisions",
)
"""Fields that a passport shows in a way of its own, or not at all."""


def passport_page(view: Reader, kind: str, ident: str) -> Page:
    """Return the passport of a thing; raises Missing for a kind or a thing that is not there for this reader."""
    if kind not in PASSPORTS:
        raise Missing("there is no such kind of passport", kind=kind[:40])
    title, blocks = PASSPORTS[kind](view, ident)
    lead = (view.t("What this is, where it comes from, and who stands for it."),)
    return Page(f"passport/{kind}/{ident}", title, lead, (), (), tuple(blocks), kicker=view.t("Passport"))


def _link(view: Reader, path: str) -> str:
    return f"/{view.t.lang}/{path}"


def _table(view: Reader, name: str, title: str, rows: Iterable[Row]) -> Table:
    t = view.t
    plain = tuple((what, replace(value, kind="")) for what, value in rows)
    return Table(name, title, (t("What"), t("Value")), plain, empty=t("nothing is recorded"))


def _missing(ident: str) -> Missing:
    return Missing("there is no such thing, or none that you may see", id=ident[:80])


def _short(view: Reader, code: str | None) -> str:
    return next((p.short.get(view.t.lang) for p in view.plan.parties if p.code == code), code or view.t("not known"))


def _source(view: Reader, source: Source | None) -> Iterable[Row]:
    t = view.t
    if source is not None:
        day = f" ({t.date(source.date)})" if source.date else ""
        yield Cell(t("Source")), Cell(source.title + day, source.url)


def _version(view: Reader) -> Table:
    """Return which plan version the page shows, and who has confirmed it on each side."""
    t = view.t
    rows: list[Row] = [(Cell(t("Plan version")), Cell(view.version)), (Cell(t("Known on")), Cell(t.date(view.day)))]
    stand = next((s for s in stands(view.desk) if s.effective <= view.day and s.agreed), None)
    stand = stand or next((s for s in stands(view.desk) if s.effective <= view.day), None)
    if stand is not None:
        said_by = ", ".join(_short(view, c) for c in stand.confirmed) or t("nobody")
        rows += [
            (Cell(t("Proposed by")), Cell(_short(view, stand.side))),
            (Cell(t("Effective from")), Cell(t.date(stand.effective), kind="date")),
            (Cell(t("Confirmed by")), Cell(said_by)),
            (Cell(t("Agreed by both sides")), Cell(t("yes") if stand.agreed else t("no"))),
        ]
    return _table(view, "version", t("The plan version behind it"), rows)


def _records(view: Reader, kind: str, key: str) -> list[Table]:
    """Return what the sides entered in the registry on the same matter, with who confirmed it."""
    found = [r for r in listing(view.desk, kind, official=True) if key in (r.key, r.id)]
    return [_entered(view, found)] if found else []


def _entered(view: Reader, found: Iterable[Record]) -> Table:
    t = view.t
    words = {"own side": t("own side"), "both sides": t("both sides"), "public": t("public")}
    rows = []
    for r in found:
        confirmed = [
            _short(view, c.side)
            for c in listing(view.desk, "confirmation", r.id, official=True)
            if c.payload.hash == r.hash and c.payload.verdict == "confirmed"
        ]
        own = r.side == view.actor.side
        rows.append(
            (
                Cell(_short(view, r.side)),
                Cell(r.author if own else t("known to that side")),
                Cell(r.at[:10], kind="date"),
                Cell(str(r.version), kind="n"),
                Cell(words[r.level]),
                Cell(", ".join(confirmed) or t("nobody")),
                Cell(r.hash[:16]),
            )
        )
    head = (t("Side"), t("Entered by"), t("On"), t("Version"), t("Level"), t("Confirmed by"), t("Hash"))
    return Table("records", t("In the registry"), head, tuple(rows), empty=t("nothing is recorded"))


def _figure(view: Reader, ident: str) -> tuple[str, list[Table]]:
    t = view.t
    o = next((o for o in view.observations if o.id == ident), None)
    if o is None:
        raise _missing(ident)
    period = _period(o)
    flow = t("turnover") if o.flow == "turnover" else " → ".join(_short(view, c) for c in o.flow.split("-"))
    kinds = {
        "annual": t("a whole year"),
        "part": t("part of a year"),
        "growth": t("growth on the same period a year earlier"),
        "rounded": t("rounded to its last digit"),
        "over": t("stated as 'over'"),
    }
    told = t(
        "Turnover is exports and imports of goods between the two; a flow is what the first exports to the second."
    )
    rows: list[Row] = [
        (Cell(t("Definition")), Cell(told)),
        (Cell(t("What")), Cell(flow)),
        (Cell(t("Value")), Cell(f"{t.number(o.value, 1)} {o.unit}", kind="n")),
        (Cell(t("Unit")), Cell(o.unit)),
        (Cell(t("Period")), Cell(period)),
        (Cell(t("Kind")), Cell(kinds[o.kind])),
        (Cell(t("Reporter")), Cell(_short(view, o.reporter))),
        (Cell(t("Valuation")), Cell(o.valuation)),
        (Cell(t("Published")), Cell(t.date(o.published) + (f" ({t('assumed')})" if o.published_assumed else ""))),
        (Cell(t("Vintage")), Cell(t.named("word", "not known") if o.vintage == "not known" else t(o.vintage))),
        (Cell(t("Checked")), Cell(t(o.verified))),
        (Cell(t("Source")), Cell(o.source, lang="en" if t.lang != "en" else None)),
        (Cell(t("Note")), Cell(o.note or "-", lang="en" if o.note and t.lang != "en" else None)),
        (Cell(t("Used in runs")), Cell(t("no: it follows from other figures") if o.derived else t("yes"))),
    ]
    same = [
        x
        for x in view.observations
        if (x.flow, x.year, x.months, x.reporter) == (o.flow, o.year, o.months, o.reporter) and x.id != o.id
    ]
    others = tuple(
        (
            Cell(x.id, _link(view, f"passport/figure/{x.id}")),
            Cell(f"{t.number(x.value, 1)} {x.unit}", kind="n"),
            Cell(t.date(x.published), kind="date"),
            Cell(t(x.vintage)),
            Cell(t(x.verified)),
        )
        for x in sorted(same, key=lambda x: x.published)
    )
    head = (t("Figure"), t("Value"), t("Published"), t("Vintage"), t("Checked"))
    blocks = [_table(view, "figure", t("The figure"), rows)]
    blocks.append(Table("vintages", t("Other vintages of it"), head, others, empty=t("nothing is recorded")))
    run = _run_rows(view)
    if run:
        blocks.append(_table(view, "run", t("The run of this page"), run))
    return f"{flow}, {period}", [*blocks, *_records(view, "observation", ident)]


def _period(o: Observation) -> str:
    return str(o.year) if o.months == (1, 12) else f"{o.year}, {o.months[0]}-{o.months[1]}"


def _run_rows(view: Reader, record: Record | None = None) -> list[Row]:
    t, r = view.t, record or view.run
    if r is None:
        return []
    p = r.payload
    return [
        (Cell(t("Run")), Cell(r.id, _link(view, f"passport/run/{r.id}"))),
        (Cell(t("Known on")), Cell(t.date(p.as_of), kind="date")),
        (Cell(t("Futures")), num(p.draws, t)),
        (Cell(t("Seed")), Cell(str(p.seed), kind="n")),
        (Cell(t("Plan version")), Cell(p.plan_hash)),
        (Cell(t("Release of Birge")), Cell(p.release)),
    ]


def _run(view: Reader, ident: str) -> tuple[str, list[Table]]:
    t = view.t
    r = read(view.desk, ident)
    if r.kind != "run":
        raise _missing(ident)
    d = r.payload.document
    facts = d.get("facts") or {}
    rows = [
        *_run_rows(view, r),
        *((Cell(name), Cell(value)) for name, value in switches(view, d)),
        (Cell(t("Compared with")), Cell(d["counterfactual"])),
        (Cell(t("Figures")), Cell(f"{facts.get('count', '-')}, {facts.get('hash', '-')}")),
        (Cell(t("Newest figure published")), Cell(t.date(date.fromisoformat(d["facts_until"])), kind="date")),
        (Cell(t("Failed futures")), num(d["failed_draws"], t)),
        (Cell(t("Hash of the document")), Cell(r.payload.digest)),
        (Cell(t("Download")), Cell("JSON", f"/api/v1/runs/{r.id}")),
    ]
    warnings = tuple((Cell(w, lang="en" if t.lang != "en" else None),) for w in d["warnings"])
    odds_rows = tuple((Cell(target_name(view, x).text), Cell(odds(x["odds_with"], t), kind="n")) for x in d["targets"])
    return t("Run {run}", run=r.id), [
        _table(view, "run", t("The run"), rows),
        Table("odds", t("Odds"), (t("Target"), t("Odds")), odds_rows),
        Table("warnings", t("Warnings"), (t("Warning"),), warnings, empty=t("none")),
        _entered(view, [r]),
    ]


def _target(view: Reader, ident: str) -> tuple[str, list[Table]]:
    t = view.t
    found = next(((i, x) for i, x in view.plan.targets() if x.id == ident), None)
    if found is None:
        raise _missing(ident)
    indicator, x = found
    s = x.settlement
    basis = next((p.statistics.get(t.lang) for p in view.plan.parties if p.code == x.basis), "-")
    variable = indicator.variable or "-"
    name = target_name(
        view, {"id": x.id, "indicator": indicator.id, "year": x.year, "value": x.value, "basis": x.basis}
    )
    rows: list[Row] = [
        (Cell(t("Indicator")), said(indicator.title, t)),
        (Cell(t("Value")), Cell(f"{t.number(x.value)} {t.named('unit', indicator.unit)}", kind="n")),
        (Cell(t("Year")), Cell(str(x.year))),
        (Cell(t("Statistics")), Cell(basis)),
        (Cell(t("Kind")), Cell(t.named("word", indicator.kind))),
        (Cell(t("Quantity of the models")), Cell(variable)),
        (Cell(t("Counts as met by")), Cell(t.named("word", s.release))),
        (Cell(t("Valuation")), Cell(t.named("word", s.valuation))),
        (Cell(t("Prices")), Cell(t.named("word", s.prices))),
        (Cell(t("The rule is")), Cell(t("assumed") if s.assumed else t("published"))),
        *_source(view, x.source),
    ]
    for b in indicator.baseline:
        value = f"{t.number(b.value)} {t.named('unit', indicator.unit)}, {b.year}, {_short(view, b.basis)}"
        rows.append((Cell(t("Baseline")), Cell(f"{value}; {b.source.title}", b.source.url)))
    blocks = [_table(view, "target", t("The target"), rows)]
    held = []
    for r in view.runs():
        y = next((y for y in r.payload.document["targets"] if y["id"] == ident), None)
        if y is not None:
            link = _link(view, f"targets?run={r.id}&target={ident}")
            error = y["simulation_error"]
            held.append(
                (
                    Cell(r.id, link),
                    Cell(t.date(r.payload.as_of), kind="date"),
                    Cell(odds(y["odds_with"], t), kind="n"),
                    Cell(f"± {100 * error:.1f}" if error else "-", kind="n"),
                    Cell(r.payload.plan_hash[:12]),
                )
            )
    head = (t("Run"), t("Known on"), t("Odds"), t("Error of simulation, of 100"), t("Plan version"))
    blocks.append(Table("odds", t("Its odds in every run"), head, tuple(held), empty=t("nothing is recorded")))
    return name.text, [*blocks, _version(view)]


def _words(view: Reader, item: str, status: tuple[Status, ...]) -> Table:
    """Return every report on an item, each side's last word marked."""
    t = view.t
    last = last_status(status, view.day)
    rows = tuple(
        (
            Cell(t.date(s.reported), kind="date"),
            Cell(t.named("word", s.state.value) + (f" ({t('last word')})" if s is last else ""), kind="state"),
            Cell(t.date(s.finished) if s.finished else "-", kind="date"),
            said(s.note, t) if s.note else Cell("-"),
            Cell(s.source.title, s.source.url) if s.source else Cell("-"),
        )
        for s in sorted(status, key=lambda s: s.reported, reverse=True)
    )
    head = (t("Reported"), t("Status"), t("Finished"), t("Note"), t("Source"))
    return Table("reports", t("Reports"), head, rows, empty=t("no report"))


def _by_side(view: Reader, item: str) -> list[Table]:
    """Return each side's own last word from the registry, and whether the two agree."""
    t = view.t
    found = standing(view.desk, view.day, item)
    if not found:
        return []
    rows = []
    for code, r in found[0].last.items():
        if r is None:
            rows.append((Cell(_short(view, code)), Cell(t("no report")), Cell("-"), Cell("-"), Cell("-", kind="n")))
            continue
        body = organisations(view.plan, (r.payload.organisation,) if r.payload.organisation else (), t)
        rows.append(
            (
                Cell(_short(view, code)),
                Cell(t.named("word", r.payload.state.value), kind="state"),
                Cell(t.date(r.payload.reported), kind="date"),
                body if r.payload.organisation else Cell(t("the side")),
                Cell(str(len(r.payload.evidence)), kind="n"),
            )
        )
    told = {True: t("The two sides say the same."), False: t("The two sides say different things."), None: ""}
    head = (t("Side"), t("Status"), t("Reported"), t("Who"), t("Files of evidence"))
    return [Table("sides", t("Each side's own word"), head, tuple(rows), told[found[0].agree])]


def _milestone(view: Reader, ident: str) -> tuple[str, list[Table]]:
    t = view.t
    pair = next(((m, s) for m in view.plan.measures for s in m.milestones if s.id == ident), None)
    if pair is None:
        raise _missing(ident)
    measure, stone = pair
    titles = {s.id: s.title for s in view.plan.milestones()}
    after = "; ".join(titles[a].get(t.lang) for a in stone.after if a in titles)
    duration = stone.duration
    months = f"{duration.low:g} / {duration.mode:g} / {duration.high:g}" if duration else "-"
    assumed = f" ({t('assumed')})" if duration and duration.assumed else ""
    rows: list[Row] = [
        (Cell(t("Measure")), said(measure.title, t, _link(view, f"passport/measure/{measure.id}"))),
        (Cell(t("Planned")), Cell(t.date(stone.planned) if stone.planned else t("no date planned"), kind="date")),
        (Cell(t("After")), Cell(after or "-")),
        (Cell(t("Months it takes: least, usual, most")), Cell(months + assumed, kind="n")),
        (Cell(t("Who")), organisations(view.plan, (stone.owner,) if stone.owner else measure.responsible, t)),
        *_source(view, stone.source),
    ]
    modelled = next((m for m in view.document["milestones"] if m["id"] == ident), None) if view.document else None
    if modelled is not None:
        heads = (t("10 of 100 by"), t("Even odds by"), t("90 of 100 by"))
        for name, key in zip(heads, ("p10", "p50", "p90"), strict=True):
            day = modelled[key]
            rows.append((Cell(name), Cell(t.date(date.fromisoformat(day)) if day else "-", kind="date")))
        if modelled["p_on_time"] is not None:
            rows.append((Cell(t("On time")), Cell(odds(modelled["p_on_time"], t), kind="n")))
        rows += _run_rows(view)[:1]
    blocks = [_table(view, "milestone", t("The milestone"), rows), _words(view, ident, stone.status)]
    return stone.title.get(t.lang), [*blocks, *_by_side(view, ident), _version(view)]


def _measure(view: Reader, ident: str) -> tuple[str, list[Table]]:
    t, plan = view.t, view.plan
    m = next((m for m in plan.measures if m.id == ident), None)
    if m is None:
        raise _missing(ident)
    pillar = next(p.title for p in plan.pillars if p.id == m.pillar)
    cost = f"{t.number(m.cost_musd, 1)} {t.named('unit', 'mn USD')}" if m.cost_musd is not None else t("not known")
    rows: list[Row] = [
        (Cell(t("Number")), Cell(m.number)),
        (Cell(t("Pillar")), said(pillar, t)),
        (Cell(t("Form of completion")), said(m.form, t) if m.form else Cell("-")),
        (Cell(t("Responsible")), organisations(plan, m.responsible + m.co_responsible, t)),
        (Cell(t("Deadline")), said(m.deadline.text, t)),
        (Cell(t("Cost")), Cell(cost, kind="n")),
        (Cell(t("Origin")), Cell(t.named("word", m.origin))),
        *(row for s in m.sources for row in _source(view, s)),
    ]
    lang = "en" if t.lang != "en" else None
    effects = tuple(
        (
            Cell(e.driver),
            Cell(", ".join(f"{k}: {v}" for k, v in e.select.items()) or t("all")),
            Cell(t("assumed") if e.assumed else t("evidence")),
            Cell(e.evidence, lang=lang),
        )
        for e in m.effects
    )
    head = (t("Acts on"), t("Where"), t("Rests on"), t("Evidence"))
    steps = tuple(
        (
            said(s.title, t, _link(view, f"passport/milestone/{s.id}")),
            Cell(t.date(s.planned) if s.planned else t("no date planned"), kind="date"),
        )
        for s in m.milestones
    )
    blocks = [
        _table(view, "measure", t("The measure"), rows),
        Table("steps", t("Milestones"), (t("Milestone"), t("Planned")), steps, empty=t("nothing is recorded")),
        Table("effects", t("What it is taken to do"), head, effects, empty=t("no effect on trade is modelled")),
        _words(view, ident, m.status),
    ]
    return f"{m.number}. {m.title.get(t.lang)}", [*blocks, *_by_side(view, ident), _version(view)]


def _of(field: str, kind: str) -> Callable[[Reader, str], tuple[str, list[Table]]]:
    """Return what makes the passport of a plan record by its fields."""

    def make(view: Reader, ident: str) -> tuple[str, list[Table]]:
        t = view.t
        found = next((x for x in getattr(view.plan, field) if x.id == ident), None)
        records = _records(view, kind, ident)
        if found is None and not records:
            raise _missing(ident)
        if found is None:
            return ident, records
        title = getattr(found, "title", None) or getattr(found, "name", None)
        if title is None:
            title = Text(en=" - ".join(r.get("en") for r in found.regions.values()))
        sources = [s for s in (getattr(found, "source", None), *getattr(found, "sources", ())) if s]
        rows = [*_fields(view, found), *(row for s in sources for row in _source(view, s))]
        blocks = [_table(view, kind, title.get(t.lang), rows), *records]
        if field == "meetings":
            blocks.insert(1, _decided(view, found))
        return title.get(t.lang), [*blocks, _version(view)]

    return make


def _fields(view: Reader, record: PlanRecord) -> Iterable[Row]:
    """Return the fields of a record in words."""
    t = view.t
    bodies = {o.id: o.name for o in view.plan.organisations}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if name in PLAIN:
            continue
        label = Cell(t.named("field", name).capitalize())
        if isinstance(value, Text):
            yield label, said(value, t)
        elif isinstance(value, date):
            yield label, Cell(t.date(value), kind="date")
        elif isinstance(value, dict):
            parts = (f"{_short(view, k)}: {v.get(t.lang) if isinstance(v, Text) else v}" for k, v in value.items())
            yield label, Cell("; ".join(parts) or "-")
        elif isinstance(value, tuple):
            yield label, Cell("; ".join(bodies[v].get(t.lang) if v in bodies else str(v) for v in value) or "-")
        elif value in [p.code for p in view.plan.parties]:
            yield label, Cell(_short(view, value))
        else:
            yield label, Cell(t.named("word", value) if isinstance(value, str) else str(value) if value else "-")
    note = getattr(record, "note", None)
    if note:
        yield Cell(t("Note")), said(note, t)


def _decided(view: Reader, meeting: Any) -> Table:
    t = view.t
    rows = tuple(
        (said(d.title, t, _link(view, f"passport/decision/{d.id}")), organisations(view.plan, d.owners, t))
        for d in meeting.decisions
    )
    return Table("decisions", t("Decisions"), (t("Decision"), t("Who")), rows, empty=t("nothing is recorded"))


def _decision(view: Reader, ident: str) -> tuple[str, list[Table]]:
    t = view.t
    found = next(((m, d) for m in view.plan.meetings for d in m.decisions if d.id == ident), None)
    if found is None:
        raise _missing(ident)
    m, d = found
    rows: list[Row] = [
        (Cell(t("Meeting")), said(m.title, t, _link(view, f"passport/meeting/{m.id}"))),
        (Cell(t("Who")), organisations(view.plan, d.owners, t)),
        (Cell(t("Due")), Cell(t.date(d.due) if d.due else "-", kind="date")),
        *_source(view, d.source or m.source),
    ]
    blocks = [_table(view, "decision", t("The decision"), rows), _words(view, ident, d.status), *_by_side(view, ident)]
    return d.title.get(t.lang), [*blocks, *_records(view, "decision", ident), _version(view)]


def _rows_of(name: str) -> list[dict[str, str]]:
    text = (files("birge.factbook") / "tables" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _facts(view: Reader, name: str, entry: Mapping[str, Any]) -> Table:
    t = view.t
    lang = "en" if t.lang != "en" else None
    keys = (("title", t("What")), ("unit", t("Unit")), ("source", t("Source")), ("licence", t("Licence")))
    rows = [(Cell(label), Cell(str(entry[k]), lang=lang)) for k, label in keys]
    rows.append((Cell(t("Vintage")), Cell(str(entry["vintage"]))))
    return _table(view, name, t("The table {name}", name=name), rows)


def _listed(view: Reader, name: str, rows: list[dict[str, str]], columns: Iterable[str]) -> Table:
    heads = tuple(columns)
    cells = tuple(tuple(Cell(r.get(c) or "") for c in heads) for r in rows[:MOST_ROWS])
    return Table(f"rows-{name.replace('_', '-')}", view.t("Rows"), heads, cells)


def _factbook(view: Reader, ident: str) -> tuple[str, list[Table]]:
    entry = view.book.catalogue.get(ident)
    if entry is None:
        raise _missing(ident)
    return view.t("The table {name}", name=ident), [
        _facts(view, ident, entry),
        _listed(view, ident, _rows_of(ident), entry["columns"]),
    ]


def _crossing(view: Reader, ident: str) -> tuple[str, list[Table]]:
    from birge.pages.border import named

    title = named(view.desk.parties, view.t.lang).get(ident)
    if title is None:
        raise _missing(ident)
    blocks = []
    for name, entry in view.book.catalogue.items():
        key = next((k for k in ("crossing", "id") if k in entry["columns"]), "")
        if not key or not name.startswith(("crossing", "border")):
            continue
        rows = [r for r in _rows_of(name) if r[key] == ident]
        if rows:
            blocks += [_facts(view, name, entry), _listed(view, name, rows, entry["columns"])]
    return title, blocks


PASSPORTS: dict[str, Callable[[Reader, str], tuple[str, list[Table]]]] = {
    "barrier": _of("barriers", "barrier"),
    "crossing": _crossing,
    "decision": _decision,
    "event": _of("events", "event"),
    "figure": _figure,
    "initiative": _of("initiatives", "initiative"),
    "instrument": _of("instruments", "instrument"),
    "measure": _measure,
    "meeting": _of("meetings", "meeting"),
    "milestone": _milestone,
    "organisation": _of("organisations", "organisation"),
    "region-pair": _of("region_pairs", "region-pair"),
    "run": _run,
    "table": _factbook,
    "target": _target,
}
