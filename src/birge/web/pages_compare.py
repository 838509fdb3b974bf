"""Scenarios: what might happen from outside, the runs, and two of them beside each other under one address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from birge.pages.documents import whole
from birge.pages.registered import unswitched
from birge.plan.scenario import Scenario, fitting, load_scenario
from birge.store.errors import Missing
from birge.store.records import Record
from birge.texts import Translator
from birge.web.blocks import Cell, Filter, Page, Table, said
from birge.web.blocks_more import day_cell, num, pick
from birge.web.pages_failed import failures
from birge.web.pages_run import decimal, notes, odds, signed, switches, target_name, titles
from birge.web.reader import Reader

__all__ = ["scenarios_page"]

MOST_RUNS = 50


def scenarios_page(view: Reader) -> Page:
    """Return two runs side by side, all runs, and the scenarios."""
    t = view.t
    runs = view.runs()[:MOST_RUNS]
    first, second = _picked(view, runs)
    blocks: list[Table] = failures(view)
    lead = [t("The same futures, with one thing changed; nothing else moves.")]
    loud: tuple[str, ...] = ()
    if first and second:
        blocks += [b for r in (second, first) if (b := _late(view, r))][:1]
        blocks += [_odds(view, first, second), _measures(view, first, second), _milestones(view, first, second)]
        lead.append(_differs(view, first, second))
        loud = _apart(view, first, second)
    blocks += [_runs(view, runs), _scenarios(view)]
    choices = [(r.id, _named(view, r)) for r in runs]
    filters: tuple[Filter, ...] = ()
    if len(runs) > 1 and first and second:
        filters = (
            pick(view, "run", t("Run"), choices, first.id),
            pick(view, "with", t("Compare with"), choices, second.id),
        )
    return Page("scenarios", t("Scenarios"), tuple(lead), (*loud, *notes(view)), filters, tuple(blocks))


def _picked(view: Reader, runs: Sequence[Record]) -> tuple[Record | None, Record | None]:
    """Return the two runs that the address names; else the newest plain run and the newest other."""
    known = {r.id: r for r in view.runs()}
    found: list[Record | None] = []
    for name in ("run", "with"):
        if ident := view.query.get(name):
            if ident not in known:
                raise Missing("there is no such run", id=ident[:80])
            found.append(known[ident])
        else:
            found.append(None)
    first, second = found
    plain = [r for r in runs if unswitched(r.payload.document)]
    first = first or next((r for r in plain if r is not second), None)
    others = [r for r in runs if first and r.id != first.id]
    alike = [r for r in others if first and _ground(r) == _ground(first)]
    second = second or next(iter(alike or others), None)
    return first, second


def _named(view: Reader, r: Record) -> str:
    """Return a run in words: what was changed, known on which day, how many futures, the head of its id."""
    t = view.t
    p = r.payload
    parts = [f"{name}: {value}" for name, value in switches(view, p.document) if value != t("none")]
    what = "; ".join(parts) or t("nothing changed")
    return f"{t.date(p.as_of)}: {what} ({t.number(p.draws)}, {r.id[:8]})"


def _differs(view: Reader, a: Record, b: Record) -> str:
    """Return what the two runs do not share, so that nobody takes a difference for an effect."""
    t = view.t
    pairs = (
        *(
            (name, x, y)
            for (name, x), (_, y) in zip(*(switches(view, r.payload.document) for r in (a, b)), strict=True)
        ),
        (t("plan version"), a.payload.plan_hash[:12], b.payload.plan_hash[:12]),
        (t("known on"), t.date(a.payload.as_of), t.date(b.payload.as_of)),
        (t("futures"), t.number(a.payload.draws), t.number(b.payload.draws)),
        (t("seed"), str(a.payload.seed), str(b.payload.seed)),
        (t("release"), a.payload.release, b.payload.release),
    )
    told = "; ".join(f"{name}: {x} → {y}" for name, x, y in pairs if x != y)
    return t("What differs: {what}.", what=told or t("nothing"))


def _ground(r: Record) -> tuple[object, ...]:
    """Return what two runs have to share for their difference to be an effect: plan, day, futures, seed, release."""
    p = r.payload
    return p.plan_hash, p.as_of, p.draws, p.seed, p.release


def _apart(view: Reader, a: Record, b: Record) -> tuple[str, ...]:
    """Return the warning that two runs do not stand on the same ground."""
    t = view.t
    if a.payload.plan_hash != b.payload.plan_hash:
        return (
            t("These two runs are of different versions of the plan: their difference is not the effect of a change."),
        )
    if _ground(a) != _ground(b):
        return (t("These two runs do not share their futures: part of their difference is chance."),)
    return ()


def _by_id(rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {x["id"]: x for x in rows}


def _heads(t: Translator, what: str) -> tuple[str, str, str, str]:
    return what, t("First run"), t("Second run"), t("Difference")


def _odds(view: Reader, a: Record, b: Record) -> Table:
    t = view.t
    one, two = (_by_id(whole(r.payload.document)["targets"]) for r in (a, b))
    rows = []
    for ident, x in one.items():
        y = two.get(ident)
        if y is None or x["odds_with"] is None or y["odds_with"] is None:
            continue
        change = 100 * (y["odds_with"] - x["odds_with"])
        error = 100 * max(x["simulation_error"] or 0.0, y["simulation_error"] or 0.0)
        name = target_name(view, x)
        rows.append((name, Cell(odds(x["odds_with"], t), kind="n"), Cell(odds(y["odds_with"], t), kind="n"),
                     Cell(f"{signed(change, t, 1)} (± {t.number(error, 1)})", kind="n")))  # fmt: skip
        if x["median"] is None and y["median"] is None:  # a target that is a date has odds and no figure
            continue
        median = t("{what}: median, mn USD", what=name.text)
        rows.append((Cell(median), num(x["median"], t), num(y["median"], t), _signed(x["median"], y["median"], t)))
    told = t("Odds of 100; ± the error of simulation of one run. Runs with the same seed share their futures.")
    return Table("odds", t("Odds side by side"), _heads(t, t("Target")), tuple(rows), told, t("nothing fits"))


def _late(view: Reader, r: Record) -> Table | None:
    """Return what being late costs each target in a run that puts something off; None where it puts off nothing."""
    t, d = view.t, whole(r.payload.document)
    costs, called = d["delay_costs"], titles(view)
    rows = []
    for x in d["targets"]:
        if (cost := costs.get(x["id"])) is None:
            continue
        change = f"{signed(100 * cost['odds_change'], t, 1)} (± {t.number(100 * cost['odds_change_se'], 1)})"
        turnover = cost["turnover_change_musd"]
        rows.append(
            (
                target_name(view, x),
                Cell(odds(cost["odds_undelayed"], t), kind="n"),
                Cell(odds(x["odds_with"], t), kind="n"),
                Cell(change if cost["odds_change_se"] else t("none"), kind="n"),
                Cell("-", kind="n") if turnover is None else _signed(0.0, turnover, t, 1),
            )
        )
    if not rows:
        return None
    late = "; ".join(
        t("{what} by {months} months", what=called.get(item, item), months=decimal(months, t))
        for item, months in d["delays"].items()
    )
    told = t("Put off: {what}. The same futures on time and late; ± is the error of their difference.", what=late)
    head = (t("Target"), t("On time"), t("Late"), t("Change of the odds, of 100"), t("Turnover, mn USD a year"))
    return Table("late", t("What being late costs"), head, tuple(rows), told)


def _signed(x: float | None, y: float | None, t: Translator, decimals: int = 0) -> Cell:
    if x is None or y is None:
        return Cell("-", kind="n")
    return Cell(signed(y - x, t, decimals), kind="n")


def _measures(view: Reader, a: Record, b: Record) -> Table:
    t = view.t
    named = {m.id: m.title for m in view.plan.measures}
    one, two = (_by_id(whole(r.payload.document)["measures"]) for r in (a, b))
    rows = tuple(
        (
            said(named[i], t, f"passport/measure/{i}") if i in named else Cell(t("not the plan")),
            num(x["mean_musd"], t, 1),
            num(two[i]["mean_musd"], t, 1),
            _signed(x["mean_musd"], two[i]["mean_musd"], t, 1),
        )
        for i, x in one.items()
        if i in two
    )
    told = t("Mean, mn USD a year, of the first target.")
    return Table("measures", t("What each measure adds"), _heads(t, t("Measure")), rows, told, t("nothing fits"))


def _milestones(view: Reader, a: Record, b: Record) -> Table:
    t = view.t
    named = {m.id: m.title for m in view.plan.milestones()}
    one, two = (_by_id(whole(r.payload.document)["milestones"]) for r in (a, b))
    rows = tuple(
        (
            said(named[i], t, f"passport/milestone/{i}"),
            day_cell(_day(x["p50"]), t),
            day_cell(_day(two[i]["p50"]), t),
        )
        for i, x in one.items()
        if i in two and i in named and x["p50"] != two[i]["p50"]
    )
    head = (t("Milestone"), t("First run"), t("Second run"))
    title = t("Milestones whose even odds moved")
    return Table("milestones", title, head, rows, empty=t("no date moved"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _runs(view: Reader, runs: Sequence[Record]) -> Table:
    t, headline = view.t, view.plan.headline
    base = view.run
    rows = []
    for r in runs:
        d = whole(r.payload.document)
        x = next((x for x in d["targets"] if x["id"] == headline), d["targets"][0])
        other = f"scenarios?run={base.id}&with={r.id}" if base and base.id != r.id else None
        rows.append(
            (
                Cell(r.id[:8], f"targets?run={r.id}"),
                Cell(t.date(r.payload.as_of), kind="date"),
                *(Cell(value) for _, value in switches(view, d)),
                num(r.payload.draws, t),
                Cell(odds(x["odds_with"], t), kind="n"),
                Cell(r.payload.plan_hash[:12]),
                Cell(t("side by side") if other else "-", other),
                Cell(t("passport"), f"passport/run/{r.id}"),
            )
        )
    head = (
        t("Run"),
        t("Known on"),
        t("Scenario"),
        t("Measures off"),
        t("Put off"),
        t("Futures"),
        t("Odds"),
        t("Plan version"),
        t("Compare"),
        t("Passport"),
    )
    empty = t("There is no run of the assessment yet that you may see.")
    return Table("runs", t("Runs"), head, tuple(rows), empty=empty)


def _evidence(s: Scenario, t: Translator) -> Cell:
    cells = [said(e.evidence, t) for e in s.effects]
    return Cell("; ".join(c.text for c in cells), lang=next((c.lang for c in cells if c.lang), None))


def _scenarios(view: Reader) -> Table:
    t = view.t
    rows = tuple(
        (
            said(s.named(view.plan), t),
            _evidence(s, t),
        )
        for s in map(load_scenario, fitting(view.plan))
    )
    return Table("scenarios", t("Scenarios"), (t("Scenario"), t("Rests on")), rows)
