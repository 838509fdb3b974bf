"""Pages that speak of figures: both sides' statistics, every figure's passport, downloads."""

from __future__ import annotations

from birge.factbook import mirror
from birge.report.passport import sources
from birge.web.blocks import Cell, Page, Table
from birge.web.reader import Reader

__all__ = ["downloads_page", "sources_page", "statistics_page"]


def _whole(value: float | None, view: Reader) -> Cell:
    return Cell(view.t("no data") if value is None else view.t.number(value), kind="n")


def statistics_page(view: Reader) -> Page:
    """Return turnover as each side counts it, the difference, and the vintages."""
    t = view.t
    pair = view.desk.parties
    short = {p.code: p.short.get(t.lang) for p in view.plan.parties}
    rows = []
    for r in reversed(mirror(view.observations, pair)):
        gap = Cell(f"{100 * r.difference:+.0f} %" if r.difference is not None else "-", kind="n")
        rows.append(
            (
                Cell(str(r.year), f"sources?year={r.year}"),
                *(_whole(v, view) for v in r.published),
                gap,
                *(_whole(v, view) for v in r.compiled),
            )
        )
    names = tuple(short[c] for c in pair)
    head = (t("Year"), *names, t("Difference"), *(f"{n}, {t('compiled, unverified')}" for n in names))
    source = t(
        "Turnover in mn USD, current prices; figures published until {date}.",
        date=t.date(max((o.published for o in view.observations), default=view.day)),
    )
    lead = (t("The two sides publish different numbers; both stand here, and neither replaces the other."),)
    blocks = (
        Table("turnover", t("Turnover by whose statistics"), head, tuple(rows), source, t("nothing is recorded")),
        _vintages(view),
    )
    return Page("statistics", t("Statistics"), lead, (), (), blocks)


def _vintages(view: Reader) -> Table:
    t = view.t
    rows = tuple(
        (
            Cell(str(o.year) if o.months == (1, 12) else f"{o.year}, {o.months[0]}-{o.months[1]}"),
            Cell(o.flow),
            Cell(o.reporter or t("not known")),
            Cell(f"{t.number(o.value, 1)} {o.unit}", kind="n"),
            Cell(t.date(o.published), kind="date"),
            Cell(t.named("word", "not known") if o.vintage == "not known" else t(o.vintage)),
        )
        for o in sorted(view.observations, key=lambda o: (o.published, o.id), reverse=True)
        if not o.derived
    )
    head = (t("Period"), t("Flow"), t("Reporter"), t("Value"), t("Published"), t("Vintage"))
    return Table("vintages", t("Figures by date of publication"), head, rows, empty=t("nothing is recorded"))


def sources_page(view: Reader) -> Page:
    """Return the passport of every figure: what it is, who published it when, how far it is checked."""
    t, year = view.t, view.query.get("year", "")
    rows = tuple(
        (
            Cell(o.id),
            Cell(f"{o.flow}, {o.year}" + ("" if o.months == (1, 12) else f", {o.months[0]}-{o.months[1]}")),
            Cell(f"{t.number(o.value, 1)} {o.unit}", kind="n"),
            Cell(o.reporter or t("not known")),
            Cell(o.valuation),
            Cell(t.date(o.published), kind="date"),
            Cell(t(o.verified)),
            Cell(o.source, lang="en" if t.lang != "en" else None),
        )
        for o in sorted(view.observations, key=lambda o: (-o.year, o.id))
        if not o.derived and (not year or str(o.year) == year)
    )
    head = (
        t("Figure"),
        t("What"),
        t("Value"),
        t("Reporter"),
        t("Valuation"),
        t("Published"),
        t("Checked"),
        t("Source"),
    )
    plan = tuple(
        (Cell(s.title, s.url), Cell(t.date(s.date) if s.date else t("not known"), kind="date"))
        for s in sources(view.plan)
    )
    kept = (
        (Cell(t("Plan")), Cell(view.plan.id)),
        (Cell(t("Plan version")), Cell(view.version)),
        (Cell(t("Known on")), Cell(t.date(view.day))),
        (Cell(t("Run")), Cell(view.run.id if view.run else "-")),
    )
    blocks = (
        Table("passport", t("What this page rests on"), (t("What"), t("Value")), kept),
        Table("figures", t("Figures"), head, rows, empty=t("nothing fits")),
        Table("plan-sources", t("Sources of the plan"), (t("Source"), t("Date")), plan),
    )
    return Page(
        "sources",
        t("Sources"),
        (t("Every figure with its source, its date and how far it is checked."),),
        (),
        (),
        blocks,
    )


def downloads_page(view: Reader) -> Page:
    """Return where everything can be taken from."""
    t = view.t
    names = (
        ("/api/v1/plan", t("The plan as known on the day"), "JSON"),
        ("/api/v1/observations", t("Figures"), "JSON"),
        ("/api/v1/runs", t("Runs"), "JSON"),
        ("/calendar.ics", t("Calendar of all dates"), "iCalendar"),
        *(
            (f"/calendar.ics?pillar={p.id}", t("Calendar: {what}", what=p.title.get(t.lang)), "iCalendar")
            for p in view.plan.pillars
        ),
        *(
            (f"/calendar.ics?organisation={o.id}", t("Calendar: {what}", what=o.name.get(t.lang)), "iCalendar")
            for o in view.plan.organisations
        ),
        ("/api/v1/openapi.json", t("Description of the interface for programs"), "OpenAPI"),
    )
    rows = tuple((Cell(label, href), Cell(kind)) for href, label, kind in names)
    lead = (t("Each table has its own downloads below it."),)
    return Page(
        "downloads", t("Downloads"), lead, (), (), (Table("downloads", t("Downloads"), (t("What"), t("Format")), rows),)
    )
