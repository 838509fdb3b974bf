"""Passports of what is counted: figures, runs, targets, tables of the factbook, crossings."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from birge.factbook import Observation
from birge.pages.documents import lacking, whole
from birge.store.records import read
from birge.web.blocks import Cell, Table, said
from birge.web.blocks_more import day_cell, num
from birge.web.pages_run import odds, switches, target_name
from birge.web.passport_parts import (
    Made,
    Row,
    entered,
    facts,
    linked,
    missing,
    plan_version,
    recorded,
    run_rows,
    short,
    sourced,
)
from birge.web.reader import Reader
from birge.web.worded import amount, flow

__all__ = ["crossing", "factbook_table", "figure", "run", "target"]

MOST_ROWS = 400


def figure(view: Reader, ident: str) -> Made:
    t = view.t
    o = next((o for o in view.observations if o.id == ident), None)
    if o is None:
        raise missing(ident)
    period = _period(o)
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
        (Cell(t("What")), Cell(flow(view, o.flow))),
        (Cell(t("Value")), Cell(amount(view, o), kind="n")),
        (Cell(t("Unit")), Cell(t.named("unit", o.unit))),
        (Cell(t("Period")), Cell(period)),
        (Cell(t("Kind")), Cell(kinds[o.kind])),
        (Cell(t("Reporter")), Cell(short(view, o.reporter))),
        (Cell(t("Valuation")), Cell(t.named("word", o.valuation))),
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
            Cell(x.id, linked(view, f"passport/figure/{x.id}")),
            Cell(f"{t.number(x.value, 1)} {x.unit}", kind="n"),
            Cell(t.date(x.published), kind="date"),
            Cell(t(x.vintage)),
            Cell(t(x.verified)),
        )
        for x in sorted(same, key=lambda x: x.published)
    )
    head = (t("Figure"), t("Value"), t("Published"), t("Vintage"), t("Checked"))
    blocks = [facts(view, "figure", t("The figure"), rows)]
    blocks.append(Table("vintages", t("Other vintages of it"), head, others, empty=t("nothing is recorded")))
    run = run_rows(view)
    if run:
        blocks.append(facts(view, "run", t("The run of this page"), run))
    return f"{flow}, {period}", [*blocks, *recorded(view, "observation", ident)]


def _period(o: Observation) -> str:
    return str(o.year) if o.months == (1, 12) else f"{o.year}, {o.months[0]}-{o.months[1]}"


def run(view: Reader, ident: str) -> Made:
    t = view.t
    r = read(view.desk, ident)
    if r.kind != "run":
        raise missing(ident)
    d = whole(r.payload.document)
    read_, gone = d["facts"] or {}, lacking(r.payload.document)
    until = date.fromisoformat(d["facts_until"]) if d["facts_until"] else None
    rows = [
        *run_rows(view, r),
        *((Cell(name), Cell(value)) for name, value in switches(view, d)),
        (Cell(t("Compared with")), Cell(d["counterfactual"] or "-")),
        (Cell(t("Figures")), Cell(f"{read_.get('count', '-')}, {read_.get('hash', '-')}")),
        (Cell(t("Newest figure published")), day_cell(until, t)),
        (Cell(t("Failed futures")), num(d["failed_draws"], t)),
        (Cell(t("Hash of the document")), Cell(r.payload.digest)),
        (Cell(t("Download")), Cell("JSON", f"/api/v1/runs/{r.id}")),
        *([(Cell(t("Not kept by that release")), Cell(", ".join(gone)))] if gone else []),
    ]
    warnings = tuple((Cell(w, lang="en" if t.lang != "en" else None),) for w in d["warnings"])
    odds_rows = tuple((Cell(target_name(view, x).text), Cell(odds(x["odds_with"], t), kind="n")) for x in d["targets"])
    return t("Run {run}", run=r.id), [
        facts(view, "run", t("The run"), rows),
        Table("odds", t("Odds"), (t("Target"), t("Odds")), odds_rows),
        Table("warnings", t("Warnings"), (t("Warning"),), warnings, empty=t("none")),
        entered(view, [r]),
    ]


def target(view: Reader, ident: str) -> Made:
    t = view.t
    found = next(((i, x) for i, x in view.plan.targets() if x.id == ident), None)
    if found is None:
        raise missing(ident)
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
        *sourced(view, x.source),
    ]
    for b in indicator.baseline:
        value = f"{t.number(b.value)} {t.named('unit', indicator.unit)}, {b.year}, {short(view, b.basis)}"
        rows.append((Cell(t("Baseline")), Cell(f"{value}; {b.source.title}", b.source.url)))
    blocks = [facts(view, "target", t("The target"), rows)]
    held = []
    for r in view.runs():
        y = next((y for y in whole(r.payload.document)["targets"] if y["id"] == ident), None)
        if y is not None:
            link = linked(view, f"targets?run={r.id}&target={ident}")
            error = y["simulation_error"]
            held.append(
                (
                    Cell(r.id, link),
                    Cell(t.date(r.payload.as_of), kind="date"),
                    Cell(odds(y["odds_with"], t), kind="n"),
                    Cell(f"± {t.number(100 * error, 1)}" if error else "-", kind="n"),
                    Cell(r.payload.plan_hash[:12]),
                )
            )
    head = (t("Run"), t("Known on"), t("Odds"), t("Error of simulation, of 100"), t("Plan version"))
    blocks.append(Table("odds", t("Its odds in every run"), head, tuple(held), empty=t("nothing is recorded")))
    return name.text, [*blocks, plan_version(view)]


def _rows_of(name: str) -> list[dict[str, str]]:
    text = (files("birge.factbook") / "tables" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _about(view: Reader, name: str, entry: Mapping[str, Any]) -> Table:
    t = view.t
    lang = "en" if t.lang != "en" else None
    keys = (("title", t("What")), ("unit", t("Unit")), ("source", t("Source")), ("licence", t("Licence")))
    rows = [(Cell(label), Cell(str(entry[k]), lang=lang)) for k, label in keys]
    rows.append((Cell(t("Vintage")), Cell(str(entry["vintage"]))))
    return facts(view, name, t("The table {name}", name=name), rows)


def _listed(view: Reader, name: str, rows: list[dict[str, str]], columns: Iterable[str]) -> Table:
    heads = tuple(columns)
    cells = tuple(tuple(Cell(r.get(c) or "") for c in heads) for r in rows[:MOST_ROWS])
    return Table(f"rows-{name.replace('_', '-')}", view.t("Rows"), heads, cells)


def factbook_table(view: Reader, ident: str) -> Made:
    entry = view.book.catalogue.get(ident)
    if entry is None:
        raise missing(ident)
    return view.t("The table {name}", name=ident), [
        _about(view, ident, entry),
        _listed(view, ident, _rows_of(ident), entry["columns"]),
    ]


def crossing(view: Reader, ident: str) -> Made:
    from birge.pages.border import named

    title = named(view.desk.parties, view.t.lang).get(ident)
    if title is None:
        raise missing(ident)
    blocks = []
    for name, entry in view.book.catalogue.items():
        key = next((k for k in ("crossing", "id") if k in entry["columns"]), "")
        if not key or not name.startswith(("crossing", "border")):
            continue
        rows = [r for r in _rows_of(name) if r[key] == ident]
        if rows:
            blocks += [_about(view, name, entry), _listed(view, name, rows, entry["columns"])]
    return title, blocks
