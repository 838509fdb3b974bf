"""The targets: odds of each, its fan with earlier runs as ghosts, contributions, delays, what it would take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any

from birge.charts import SIDES, contributions, fan
from birge.factbook import mirror
from birge.pages.documents import lacking, whole
from birge.pages.registered import unswitched
from birge.report.input_names import input_name
from birge.report.outlooks import outlook_words
from birge.store.records import Record
from birge.texts import Translator
from birge.web.blocks import Cell, Page, Picture, Table, said
from birge.web.blocks_more import chosen, day_cell, drawn, num, pick
from birge.web.pages_run import cited, fans, notes, odds, signed, target_name, targets_table
from birge.web.reader import Reader

__all__ = ["targets_page"]

GHOSTS, DRAWN = 3, 12


def targets_page(view: Reader) -> Page:
    """Return each target's odds and, of one of them, the fan, contributions, delays, and what it would take."""
    t, document = view.t, view.document
    if document is None or view.run is None:
        lead = (t("There is no run of the assessment yet that you may see."),)
        return Page("targets", t("Targets"), lead, notes(view))
    ids = [x["id"] for x in document["targets"]]
    ident = chosen(view, "target", ids, document["headline"])
    target = next(x for x in document["targets"] if x["id"] == ident)
    own = document["by_target"].get(ident) or {"measures": (), "milestones": (), "needed": None, "sensitivity": ()}
    gone = lacking(view.run.payload.document, ident)
    names = [(x["id"], target_name(view, x).text) for x in document["targets"]]
    blocks: list[Table | Picture] = [targets_table(view), *_fans(view, target)]
    if target["odds_with"] is None:
        told = t("This target is not modelled: {reason}.", reason=target["reason"] or t("not known"))
        blocks.append(Table("reason", target_name(view, target).text, (), (), "", told))
    else:
        parts = (
            ("variants", [_outlooks(view, target)]),
            ("measures", _contributions(view, own)),
            ("milestones", [_delays(view, own)]),
            ("needed", _needed(view, own)),
            ("sensitivity", [_sensitivity(view, own)]),
        )
        blocks += [b for name, made in parts for b in made if name not in gone]
        blocks.append(_earlier(view, target))
    filters = (pick(view, "target", t("Target"), names, ident),)
    lead = (_told(view, target),)
    said_first = (*notes(view), *_not_kept(view, gone))
    return Page("targets", t("Targets"), lead, said_first, filters, tuple(blocks), run=view.run.id)


def _not_kept(view: Reader, gone: Sequence[str]) -> tuple[str, ...]:
    """Return what the release that made the run did not keep, and what to do about it; nothing where all is there."""
    t = view.t
    assert view.run is not None
    titles = {
        "variants": t("Odds by outlook"),
        "base_rate": t("how often other pairs of countries grew as fast"),
        "measures": t("What each measure adds"),
        "milestones": t("Which delay costs most"),
        "needed": t("What it would take"),
        "sensitivity": t("What the odds hang on"),
    }
    found = [words for name, words in titles.items() if name in gone]
    found += [t("Turnover as a fan")] if "fans" in gone and not _kept(view, view.run) else []
    if not found:
        return ()
    release = view.run.payload.release
    told = t(
        "This run was made by Birge {release}, which did not keep: {what}. Run the assessment again to see it.",
        release=release,
        what="; ".join(found),
    )
    return (told,)


def _told(view: Reader, target: Mapping[str, Any]) -> str:
    t = view.t
    name = target_name(view, target).text
    if target["odds_with"] is None:
        return t("{what}: not modelled.", what=name)
    return t(
        "{what}: about {odds} of 100 simulated futures reach it.", what=name, odds=f"{100 * target['odds_with']:.0f}"
    )


def _fans(view: Reader, target: Mapping[str, Any]) -> list[Picture]:
    """Return the fans on one scale, that of the chosen target's statistics first."""
    assert view.run is not None
    fans = _kept(view, view.run)
    if not fans:
        return []
    tops = [b["high"] for f in fans for b in f["bands"] if b["level"] == 80]
    top = 1.08 * max(
        [*tops, *(p["value"] for f in fans for p in f["past"]), *(v for f in fans for _, v, _ in f["targets"])]
    )
    first = min(p["year"] for f in fans for p in (*f["past"], *f["bands"]))
    order = sorted(fans, key=lambda f: f["side"]["code"] != target["basis"])
    return [_fan(view, f, top, first) for f in order]


def _kept(view: Reader, run: Record) -> list[dict[str, Any]]:
    """Return a run's fans: as the worker drew them, else from its document and the figures known then."""
    shown, document = view.jobs.shown(run.id, view.desk.connection), run.payload.document
    if shown is None and document.get("fans"):
        known = [o for o in view.observations if o.published <= run.payload.as_of]
        found = fans(document, view.plan, mirror(known, view.desk.parties))
    else:
        found = list((shown or {}).get("fans", ()))
    return [f for f in found if f["bands"]]


def _fan(view: Reader, f: Mapping[str, Any], top: float, first: int) -> Picture:
    t, code = view.t, f["side"]["code"]
    side = next(k for k, p in enumerate(view.plan.parties) if p.code == code)
    basis = view.plan.parties[side].statistics.get(t.lang)
    assert view.document is not None
    known = {x["id"]: x for x in view.document["targets"]}
    past = [
        {
            "year": p["year"],
            "value": p["value"],
            "kind": "published" if p["published"] else "compiled",
            "told": t("{value} in {year}", value=t.number(p["value"], 2), year=p["year"])
            + ("" if p["published"] else f", {t('unverified')}"),
        }
        for p in f["past"]
    ]
    goals = [
        {
            "year": year,
            "value": value,
            "label": t("target {value}", value=t.number(value, 1)),
            "odds": odds(known[ident]["odds_with"], t),
        }
        for year, value, ident in f["targets"]
        if ident in known and known[ident]["odds_with"] is not None
    ]
    ghosts = _ghosts(view, code)
    last = max(b["year"] for b in f["bands"])
    ends = {b["level"]: b for b in f["bands"] if b["year"] == last}
    told = t(
        "Of 100 futures, 80 lie between {low} and {high} in {year}; the median is {middle}.",
        low=t.number(ends[80]["low"], 1),
        high=t.number(ends[80]["high"], 1),
        year=last,
        middle=t.number(ends[80]["median"], 1),
    )
    more = [t("dots: published by the side"), t("rings: unverified compilation")]
    more.append(t("shades: the middle 50, 80 and 95 of 100 futures"))
    missing = set(range(first, min(b["year"] for b in f["bands"]))) - {p["year"] for p in past}
    if missing:
        more.append(t("grey: no data, {n} years", n=len(missing)))
    if ghosts:
        more.append(t("thin grey lines: medians of earlier runs"))
    source = f"{t('bn USD a year, current prices.')} {'; '.join(more)}. {cited(view)}"
    title = t("Turnover, {basis}", basis=basis)
    words = {"blank": t("no data"), "lang": t.lang, "level": t("{odds} of 100")}
    bands = [{**b, "tip": _tip(b, t)} for b in f["bands"]]
    make = partial(_spec, past, bands, goals, SIDES[side], top, first, ghosts, words)
    name = f"fan-{code.lower()}"
    return drawn(name, title, told, source, make, table=_fan_table(name, title, f, cited(view), t))


def _tip(b: Mapping[str, Any], t: Translator) -> str:
    """Return what a year of the fan says under the pointer."""
    low, middle, high = (t.number(b[k], 1) for k in ("low", "median", "high"))
    of = t("{odds} of 100", odds=b["level"])
    return t(
        "{year}: median {middle}; {odds} between {low} and {high}",
        year=b["year"],
        middle=middle,
        odds=of,
        low=low,
        high=high,
    )


def _fan_table(name: str, title: str, f: Mapping[str, Any], cited_: str, t: Translator) -> Table:
    """Return the same as a table: the figures of the past, then the futures of each open year."""
    none = Cell("-", kind="n")
    rows: list[tuple[Cell, ...]] = []
    for p in sorted(f["past"], key=lambda p: (p["year"], p["published"])):
        kind = t("published") if p["published"] else t("unverified compilation")
        rows.append((Cell(str(p["year"])), num(p["value"], t, 2), none, none, none, Cell(kind)))
    for year in sorted({b["year"] for b in f["bands"]}):
        at = {b["level"]: b for b in f["bands"] if b["year"] == year}
        spans = [Cell(" - ".join(t.number(at[k][e], 2) for e in ("low", "high")), kind="n") for k in (50, 80, 95)]
        rows.append((Cell(str(year)), num(at[50]["median"], t, 2), *spans, Cell(t("simulated, median"))))
    levels = tuple(t("{odds} of 100", odds=k) for k in (50, 80, 95))
    return Table(name, title, (t("Year"), t("bn USD a year"), *levels, t("Kind")), tuple(rows), cited_)


def _spec(
    past: Sequence[Mapping[str, Any]],
    bands: Sequence[Mapping[str, Any]],
    goals: Sequence[Mapping[str, Any]],
    color: str,
    top: float,
    first: int,
    ghosts: Sequence[Mapping[str, Any]],
    words: Mapping[str, str],
    width: int,
) -> dict[str, Any]:
    return _fan_spec(json.dumps([past, bands, goals, color, top, first, ghosts, words]), width)


@lru_cache(maxsize=64)
def _fan_spec(asked: str, width: int) -> dict[str, Any]:
    """Return the spec of a fan, made once for all who are shown the same: it takes a quarter of a second."""
    past, bands, goals, color, top, first, ghosts, words = json.loads(asked)
    return fan(past, bands, goals, color, width, top, first, **words, ghosts=ghosts)


def _plain_runs(view: Reader) -> list[Record]:
    """Return the runs before the page's own without scenario or switches, the newest first."""
    assert view.run is not None
    return [r for r in view.runs() if r.at < view.run.at and unswitched(r.payload.document)]


def _ghosts(view: Reader, code: str) -> list[dict[str, Any]]:
    rows = []
    for r in _plain_runs(view)[:GHOSTS]:
        for f in _kept(view, r):
            if f["side"]["code"] == code:
                label = view.t.date(r.payload.as_of)
                medians = {b["year"]: b["median"] for b in f["bands"]}
                rows += [{"year": y, "value": v, "run": r.id, "label": label} for y, v in medians.items()]
    return rows


def _outlooks(view: Reader, target: Mapping[str, Any]) -> Table:
    t = view.t
    words = outlook_words(t)
    rows = sorted(target["variants"].items(), key=lambda v: -v[1])
    cells = tuple((Cell(words.get(k, k)), Cell(odds(v, t), kind="n")) for k, v in rows)
    rate = target["base_rate"]
    told = ""
    if rate:
        told = t(
            "Of {cases} pairs of countries of this size over {years} years, {share} of 100 grew as fast as needed "
            "({low} to {high} by period).",
            cases=rate["cases"],
            years=rate["years"],
            share=f"{100 * rate['share']:.0f}",
            low=f"{100 * rate['low']:.0f}",
            high=f"{100 * rate['high']:.0f}",
        )
    head = (t("If the past continues this way"), t("Odds"))
    return Table("outlooks", t("Odds by outlook"), head, cells, told, t("nothing is recorded"))


def _contributions(view: Reader, own: Mapping[str, Any]) -> list[Table | Picture]:
    t = view.t
    titles = {m.id: said(m.title, t, f"passport/measure/{m.id}") for m in view.plan.measures}
    rows = tuple(
        (
            titles.get(m["id"], Cell(t("not the plan"))),
            num(m["mean_musd"], t, 1),
            Cell(" - ".join(t.number(v, 1) for v in m["interval80_musd"]), kind="n"),
            Cell(signed(100 * m["shapley_odds"], t, 1) if m["shapley_odds"] is not None else "-", kind="n"),
            Cell(t("assumed") if m["assumed"] else t("evidence")),
        )
        for m in own["measures"]
    )
    head = (t("Measure"), t("Mean, mn USD"), t("80 of 100 futures, mn USD"), t("Odds of 100"), t("Rests on"))
    title = t("What each measure adds")
    table = Table("contributions", title, head, rows, cited(view), t("nothing is recorded"))
    known = [m for m in own["measures"] if m["id"] in titles][:DRAWN]
    if known:
        bars = [
            {
                "title": titles[m["id"]].text,
                "low": m["interval80_musd"][0],
                "mean": m["mean_musd"],
                "high": m["interval80_musd"][1],
                "told": f"{t.number(m['mean_musd'], 1)} {t.named('unit', 'mn USD')}",
            }
            for m in known
        ]
        told = t("mn USD a year; line: 80 of 100 futures, dot: mean.")
        return [drawn("contributions", title, told, cited(view), lambda w: contributions(bars, w, t.lang), table=table)]
    return [table]


def _delays(view: Reader, own: Mapping[str, Any]) -> Table:
    t = view.t
    stones = {m.id: m for m in view.plan.milestones()}
    moving = [m for m in own["milestones"] if m["odds_gain_per_month"] and m["id"] in stones]
    moving.sort(key=lambda m: -m["odds_gain_per_month"])
    rows = tuple(
        (
            said(stones[m["id"]].title, t, f"passport/milestone/{m['id']}"),
            day_cell(stones[m["id"]].planned, t),
            Cell(t.date(date.fromisoformat(m["p50"])) if m["p50"] else "-", kind="date"),
            num(100 * m["odds_gain_per_month"], t, 2),
        )
        for m in moving
    )
    head = (t("Milestone"), t("Planned"), t("Even odds by"), t("Odds lost a month, of 100"))
    return Table("delays", t("Which delay costs most"), head, rows, cited(view), t("no milestone moves this target"))


def _needed(view: Reader, own: Mapping[str, Any]) -> list[Table]:
    t, n = view.t, own["needed"]
    if not n or n["growth_median"] is None:
        return []
    pairs = (
        (t("Growth a year for even odds"), n["growth_for_odds_50"], True),
        (t("Growth a year for 80 of 100"), n["growth_for_odds_80"], True),
        (t("Growth a year of the median future"), n["growth_median"], True),
        (t("Times the plan's effects for even odds"), n.get("effect_scale_for_odds_50"), False),
    )
    rows = tuple(
        (
            Cell(k),
            Cell(
                (f"{t.number(100 * v, 1)} %" if share else t.number(v, 1)) if v is not None else t("none would do"),
                kind="n",
            ),
        )
        for k, v, share in pairs
    )
    return [Table("needed", t("What it would take"), (t("What"), t("Value")), rows, cited(view))]


def _sensitivity(view: Reader, own: Mapping[str, Any]) -> Table:
    t = view.t
    rows = tuple(
        (
            _input(view, s),
            Cell(odds(s["odds_low"], t), kind="n"),
            Cell(odds(s["odds_high"], t), kind="n"),
            Cell(t("assumed") if s["assumed"] else t("evidence")),
        )
        for s in own["sensitivity"][:8]
    )
    head = (t("Input"), t("Odds where it is low"), t("Odds where it is high"), t("Rests on"))
    return Table("sensitivity", t("What the odds hang on"), head, rows, cited(view), t("nothing is recorded"))


def _input(view: Reader, s: Mapping[str, Any]) -> Cell:
    named = input_name(s["id"], s["meaning"], view.plan, view.t.lang)
    return Cell(named) if named else Cell(s["meaning"], lang="en" if view.t.lang != "en" else None)


def _earlier(view: Reader, target: Mapping[str, Any]) -> Table:
    t = view.t
    rows = []
    for r in _plain_runs(view)[:12]:
        x = next((x for x in whole(r.payload.document)["targets"] if x["id"] == target["id"]), None)
        if x is not None:
            assert view.run is not None
            rows.append(
                (
                    Cell(r.id, f"targets?run={r.id}&target={target['id']}"),
                    Cell(t.date(r.payload.as_of), kind="date"),
                    Cell(odds(x["odds_with"], t), kind="n"),
                    num(x["median"], t),
                    Cell(r.payload.plan_hash[:12]),
                    Cell(t("side by side"), f"scenarios?run={r.id}&with={view.run.id}"),
                )
            )
    head = (t("Run"), t("Known on"), t("Odds"), t("Median, mn USD"), t("Plan version"), t("Compare"))
    return Table("earlier", t("Earlier runs"), head, tuple(rows), "", t("This is the first run."))
