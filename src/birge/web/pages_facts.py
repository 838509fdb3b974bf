"""Pages that speak of figures: both sides' statistics, the list of every figure, downloads."""

from __future__ import annotations

import re
from typing import Any

from birge.charts.mirror import mirror_chart
from birge.factbook import MirrorYear, mirror
from birge.report.passport import sources
from birge.web.blocks import Cell, Page, Picture, Table
from birge.web.blocks_more import drawn, num, pick
from birge.web.reader import Reader
from birge.web.worded import amount, flow

__all__ = ["downloads_page", "sources_page", "statistics_page"]

OWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def statistics_page(view: Reader) -> Page:
    """Return turnover as each side counts it, drawn and as a table, the difference, ranks, and the vintages."""
    t = view.t
    pair = view.desk.parties
    years = mirror(view.observations, pair)
    lead = (t("The two sides publish different numbers; both stand here, and neither replaces the other."),)
    turnover = _turnover(view, years)
    blocks: list[Table | Picture] = [_drawing(view, years, turnover) if years else turnover]
    blocks += [_ranks(view), _vintages(view)]
    values = sorted({str(o.year) for o in view.observations}, reverse=True)
    codes = [(p.code, p.short.get(t.lang)) for p in view.plan.parties]
    filters = (
        pick(view, "year", t("Year"), [(y, y) for y in values]),
        pick(view, "reporter", t("Reporter"), codes),
    )
    return Page("statistics", t("Statistics"), lead, (), filters, tuple(blocks))


def _names(view: Reader) -> tuple[str, str]:
    short = {p.code: p.short.get(view.t.lang) for p in view.plan.parties}
    first, second = (short[c] for c in view.desk.parties)
    return first, second


def _drawing(view: Reader, years: list[MirrorYear], table: Table) -> Picture:
    t, names = view.t, _names(view)
    points, gaps = [], []
    for r in years:
        for kind, values in (("published", r.published), ("compiled, unverified", r.compiled)):
            for k, v in enumerate(values):
                if v is not None:
                    half = r.rounding[k] if kind == "published" else 0.0
                    point = {"year": r.year, "side": names[k], "value": v / 1000, "kind": kind}
                    points.append({**point, "low": (v - half) / 1000, "high": (v + half) / 1000})
        gap = r.difference if r.difference is not None else r.settled_difference
        if gap is not None:
            kind = "published" if r.difference is not None else "compiled, unverified"
            gaps.append({"year": r.year, "value": 100 * gap, "kind": kind, "label": f"{100 * gap:+.0f}"})
    newest = next((r for r in reversed(years) if r.difference is not None), None)
    told = t(
        "Dots: published; crosses: unverified compilation; below: the difference, % of the figure of {second}.",
        second=names[1],
    )
    if newest is not None and newest.difference is not None:
        share = f"{100 * newest.difference:+.0f}"
        told += " " + t(
            "In {year} the figure of {first} differs from that of {second} by {share} %.",
            year=newest.year,
            first=names[0],
            second=names[1],
            share=share,
        )
    source = _source(view)
    axes = t("bn USD a year, current prices"), t("difference, %")

    def make(width: int) -> dict[str, Any]:
        return mirror_chart("", names, points, gaps, "", width, axes, t.lang)

    return drawn(table.name, table.title, told, source, make, table=table)


def _source(view: Reader) -> str:
    t = view.t
    newest = max((o.published for o in view.observations), default=view.day)
    return t("Turnover in mn USD, current prices; figures published until {date}.", date=t.date(newest))


def _turnover(view: Reader, years: list[MirrorYear]) -> Table:
    t = view.t
    pair, names = view.desk.parties, _names(view)
    rows = []
    for r in reversed(years):
        gap = Cell(f"{100 * r.difference:+.0f} %" if r.difference is not None else "-", kind="n")
        rows.append(
            (
                Cell(str(r.year), f"sources?year={r.year}"),
                *(_stated(view, v, r.year, c) for v, c in zip(r.published, pair, strict=True)),
                gap,
                *(_stated(view, v, r.year, c) for v, c in zip(r.compiled, pair, strict=True)),
            )
        )
    head = (t("Year"), *names, t("Difference"), *(f"{n}, {t('compiled, unverified')}" for n in names))
    title = t("Turnover by whose statistics")
    return Table("turnover", title, head, tuple(rows), _source(view), t("nothing is recorded"))


def _stated(view: Reader, value: float | None, year: int, side: str) -> Cell:
    cell = num(value, view.t)
    return cell if value is None else Cell(cell.text, f"sources?year={year}&reporter={side}", kind="n")


def _ranks(view: Reader) -> Table:
    """Return the rank of each in the other's trade where an indicator of the plan states one."""
    t = view.t
    rows = []
    for i in view.plan.indicators:
        if i.unit not in ("rank", "in rank"):
            continue
        for b in i.baseline:
            basis = next((p.statistics.get(t.lang) for p in view.plan.parties if p.code == b.basis), t("not known"))
            rows.append(
                (
                    Cell(i.title.get(t.lang)),
                    Cell(str(b.year)),
                    num(b.value, t),
                    Cell(basis),
                    Cell(b.source.title, b.source.url),
                )
            )
    head = (t("Indicator"), t("Year"), t("Rank"), t("Statistics"), t("Source"))
    return Table("ranks", t("Rank of each in the other's trade"), head, tuple(rows), empty=t("nothing is recorded"))


def _vintages(view: Reader) -> Table:
    t, q = view.t, view.query
    names = {p.code: p.short.get(t.lang) for p in view.plan.parties}
    rows = tuple(
        (
            Cell(str(o.year) if o.months == (1, 12) else f"{o.year}, {o.months[0]}-{o.months[1]}"),
            Cell(flow(view, o.flow)),
            Cell(names.get(o.reporter or "", o.reporter or t("not known"))),
            Cell(amount(view, o), f"passport/figure/{o.id}", kind="n"),
            Cell(t.date(o.published), kind="date"),
            Cell(t.named("word", "not known") if o.vintage == "not known" else t(o.vintage)),
        )
        for o in sorted(view.observations, key=lambda o: (o.published, o.id), reverse=True)
        if not o.derived
        and (q.get("year") or str(o.year)) == str(o.year)
        and (not q.get("reporter") or q["reporter"] == o.reporter)
    )
    head = (t("Period"), t("Flow"), t("Reporter"), t("Value"), t("Published"), t("Vintage"))
    return Table("vintages", t("Figures by date of publication"), head, rows, empty=t("nothing fits"))


def sources_page(view: Reader) -> Page:
    """Return every figure with its passport, the tables, the plan's sources, and what the page rests on."""
    t, q = view.t, view.query
    names = {p.code: p.short.get(t.lang) for p in view.plan.parties}
    known = [
        o
        for o in sorted(view.observations, key=lambda o: (-o.year, o.id))
        if (q.get("year") or str(o.year)) == str(o.year)
        and (not q.get("reporter") or q["reporter"] == o.reporter)
        and (not q.get("checked") or q["checked"] == o.verified)
    ]
    rows = tuple(
        (
            Cell(_short(o.id), f"passport/figure/{o.id}"),
            Cell(f"{flow(view, o.flow)}, {o.year}" + ("" if o.months == (1, 12) else f", {o.months[0]}-{o.months[1]}")),
            Cell(amount(view, o), kind="n"),
            Cell(names.get(o.reporter or "", o.reporter or t("not known"))),
            Cell(t.named("word", o.valuation)),
            Cell(t.date(o.published), kind="date"),
            Cell(t(o.verified) + (f", {t('derived')}" if o.derived else "")),
            Cell(o.source, lang="en" if t.lang != "en" else None),
        )
        for o in known
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
    years = sorted({str(o.year) for o in view.observations}, reverse=True)
    checks = sorted({o.verified for o in view.observations})
    filters = (
        pick(view, "year", t("Year"), [(y, y) for y in years]),
        pick(view, "reporter", t("Reporter"), list(names.items())),
        pick(view, "checked", t("Checked"), [(c, t(c)) for c in checks]),
    )
    blocks = (
        _rests(view),
        Table("figures", t("Figures"), head, rows, empty=t("nothing fits")),
        _tables(view),
        _plan_sources(view),
    )
    lead = (t("Every figure with its source, its date and how far it is checked."),)
    return Page("sources", t("Sources"), lead, (), filters, blocks)


def _short(ident: str) -> str:
    """Return a figure's id; of one that was entered here, whose id is drawn at random, its head."""
    return ident[:8] if OWN.fullmatch(ident) else ident


def _rests(view: Reader) -> Table:
    t = view.t
    kept = (
        (Cell(t("Plan")), Cell(view.plan.id)),
        (Cell(t("Plan version")), Cell(view.version[:12])),
        (Cell(t("Known on")), Cell(t.date(view.day))),
        (Cell(t("Run")), Cell(view.run.id[:8], f"passport/run/{view.run.id}") if view.run else Cell("-")),
    )
    return Table("passport", t("What this page rests on"), (t("What"), t("Value")), kept)


def _tables(view: Reader) -> Table:
    t = view.t
    lang = "en" if t.lang != "en" else None
    rows = tuple(
        (
            Cell(name, f"passport/table/{name}"),
            Cell(str(entry["title"]), lang=lang),
            Cell(str(entry["vintage"])),
            Cell(str(entry["licence"]), lang=lang),
        )
        for name, entry in view.book.catalogue.items()
    )
    head = (t("Table"), t("What"), t("Vintage"), t("Licence"))
    return Table("tables", t("Tables of the factbook"), head, rows)


def _plan_sources(view: Reader) -> Table:
    t = view.t
    rows = tuple(
        (Cell(s.title, s.url), Cell(t.date(s.date) if s.date else t("not known"), kind="date"))
        for s in sources(view.plan)
    )
    return Table("plan-sources", t("Sources of the plan"), (t("Source"), t("Date")), rows)


def downloads_page(view: Reader) -> Page:
    """Return where everything can be taken from."""
    t, lang = view.t, view.t.lang
    plan = t("The plan as known on the day")
    names = [
        ("/plan.yaml", plan, "YAML"),
        ("/api/v1/plan", plan, "JSON"),
        (f"/plan.xlsx?lang={lang}", t("The plan as the ministries' table"), "XLSX"),
        (f"/plan.docx?lang={lang}", t("The plan as the ministries' table"), "DOCX"),
    ]
    if view.run is not None:
        names.append((f"/api/v1/runs/{view.run.id}", t("The run of this page"), "JSON"))
    names += [
        ("/api/v1/runs", t("Runs"), "JSON"),
        ("/api/v1/observations", t("Figures"), "JSON"),
        ("/api/v1/tables", t("Tables of the factbook"), "JSON"),
        ("/api/v1/border", t("Border"), "JSON"),
        ("/api/v1/corridors", t("Corridors"), "JSON"),
        ("/api/v1/power", t("Power"), "JSON"),
        ("/calendar.ics", t("Calendar of all dates"), "iCalendar"),
        *(
            (f"/calendar.ics?pillar={p.id}&lang={lang}", t("Calendar: {what}", what=p.title.get(lang)), "iCalendar")
            for p in view.plan.pillars
        ),
        *(
            (
                f"/calendar.ics?organisation={o.id}&lang={lang}",
                t("Calendar: {what}", what=o.name.get(lang)),
                "iCalendar",
            )
            for o in view.plan.organisations
        ),
        ("/api/v1/openapi.json", t("Description of the interface for programs"), "OpenAPI"),
    ]
    rows = tuple((Cell(label, href), Cell(kind)) for href, label, kind in names)
    lead = (t("Each table has its own downloads below it."),)
    table = Table("downloads", t("Downloads"), (t("What"), t("Format")), rows)
    return Page("downloads", t("Downloads"), lead, (), (), (table,))
