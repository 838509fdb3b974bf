"""Pages that speak of a run: the answer, the targets, scenarios; and what a worker keeps for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from birge.plan.due import due
from birge.plan.scenario import load_scenario, scenario_names
from birge.texts import Translator
from birge.web.blocks import Cell, Page, Picture, Table, said
from birge.web.reader import Reader

if TYPE_CHECKING:
    from birge.assess.assessment import Assessment
    from birge.factbook import Factbook

__all__ = ["answer_page", "odds", "scenarios_page", "shown", "target_name", "targets_page"]


def shown(run: Assessment, _book: Factbook) -> Mapping[str, Any]:
    """Return the drawings of a run that need its draws; the rest is in its document."""
    from birge.report.drawings import contribution_drawing, fan_drawings

    has = any(v.target.median is not None for v in run.verdicts)
    found = [*(fan_drawings(run) if has else []), contribution_drawing(run)]
    return {"drawings": [asdict(d) for d in found if d is not None]}


def odds(value: float | None, t: Translator) -> str:
    """Return odds as "38 of 100"."""
    if value is None:
        return t("not modelled")
    number = "<1" if 0 < value < 0.005 else ">99" if 0.995 < value < 1 else f"{100 * value:.0f}"
    return t("{odds} of 100", odds=number)


def target_name(view: Reader, target: Mapping[str, Any]) -> Cell:
    """Return a target in words: indicator, value, year, whose statistics."""
    t, plan = view.t, view.plan
    indicator = next((i for i in plan.indicators if i.id == target["indicator"]), None)
    if indicator is None:
        return Cell(str(target["id"]))
    title = said(indicator.title, t)
    if indicator.kind == "milestone":
        return Cell(f"{title.text}, {target['year']}", lang=title.lang)
    basis = next((p.statistics.get(t.lang) for p in plan.parties if p.code == target["basis"]), "")
    value = f"{t.number(target['value'])} {t.named('unit', indicator.unit)}"
    return Cell(", ".join(x for x in (f"{title.text}: {value}", str(target["year"]), basis) if x), lang=title.lang)


def _head(view: Reader) -> Mapping[str, Any] | None:
    document = view.document
    if document is None:
        return None
    found: Mapping[str, Any] = next(x for x in document["targets"] if x["id"] == document["headline"])
    return found


def _cited(view: Reader) -> str:
    """Return the line that says from which run the numbers are."""
    if view.run is None:
        return ""
    r, t = view.run.payload, view.t
    return t(
        "Run {run}: {draws} futures, seed {seed}, known on {date}, plan version {plan}, Birge {release}.",
        run=view.run.id,
        draws=t.number(r.draws),
        seed=r.seed,
        date=t.date(r.as_of),
        plan=r.plan_hash[:12],
        release=r.release,
    )


def answer_page(view: Reader) -> Page:
    """Return the first page: will the target be met, what changed, who decides what by when."""
    t, head = view.t, _head(view)
    lead, big, dots = [], None, None
    if head is None:
        lead.append(t("There is no run of the assessment yet that you may see."))
    elif head["odds_with"] is not None:
        big = odds(head["odds_with"], t)
        lead.append(t("In so many simulated futures the target is met: {target}.", target=target_name(view, head).text))
        if head["odds_range"]:
            low, high = (f"{100 * x:.0f}" for x in head["odds_range"])
            lead.append(t("Over defensible outlooks: {low} to {high} of 100.", low=low, high=high))
        if head["odds_without"] is not None:
            lead.append(t("If the plan stopped today: {odds}.", odds=odds(head["odds_without"], t)))
        from birge.charts import dots as drawn

        dots = drawn(head["odds_with"], tuple(head["odds_range"]) if head["variants"] else None, big)
    else:
        lead.append(t("not modelled") + f": {target_name(view, head).text}")
    blocks: list[Table | Picture] = [*due_tables(view, 5)]
    if (changed := _changed(view)) is not None:
        blocks.insert(0, changed)
    if view.document is not None:
        blocks.append(_targets(view))
    return Page(
        "answer",
        view.plan.title.get(t.lang),
        tuple(lead),
        _notes(view),
        (),
        tuple(blocks),
        big,
        dots,
        view.run.id if view.run else None,
        _gauges(view),
    )


def _notes(view: Reader) -> tuple[str, ...]:
    t, plan = view.t, view.plan
    notes = [plan.origin_note.get(t.lang)] if plan.origin == "reconstructed" else []
    if view.run is not None and view.run.payload.plan_hash != view.version:
        notes.append(t("The plan has changed since this run."))
    return tuple(notes)


def _gauges(view: Reader) -> tuple[tuple[str, str], ...]:
    """Return the three gauges, never one: done, spent, moved."""
    from birge.plan.due import last_status
    from birge.plan.schema import State

    t = view.t
    stones = view.plan.milestones()
    done = sum((s := last_status(m.status, view.day)) is not None and s.state is State.DONE for m in stones)
    head = _head(view)
    moved = t("not known")
    if head and head["odds_with"] is not None and head["odds_without"] is not None:
        change = 100 * (head["odds_with"] - head["odds_without"])
        moved = t("odds {change} of 100", change="< 0.5" if abs(change) < 0.5 else f"{change:+.0f}")
    return (
        (t("Done"), t("{done} of {all} milestones", done=done, all=len(stones))),
        (t("Spent"), t("not known: nobody has reported it")),
        (t("Moved"), moved),
    )


def _changed(view: Reader) -> Table | None:
    """Return what was reported since the last session of the interstate council."""
    t = view.t
    held = [
        m.date
        for m in view.plan.meetings
        if m.date and m.date <= view.day and m.body in ("interstate council", "intergovernmental council")
    ]
    if not held:
        return None
    since = max(held)
    rows = []
    for stone in view.plan.milestones():
        for s in stone.status:
            if since <= (s.known_on or s.reported) <= view.day:
                rows.append((s.reported, said(stone.title, t), t.named("word", s.state.value)))
    rows.sort(key=lambda r: r[0], reverse=True)
    cells = tuple((name, Cell(state, kind="state"), Cell(t.date(day), kind="date")) for day, name, state in rows[:12])
    return Table(
        "changed",
        t("Reported since the last council, {date}", date=t.date(since)),
        (t("Milestone"), t("Status"), t("Reported")),
        cells,
        empty=t("nothing was reported"),
    )


def due_tables(view: Reader, count: int = 1000) -> list[Table]:
    """Return who has to do what by when, in three groups."""
    from birge.plan.due import Only

    t, q = view.t, view.query
    only = Only(q.get("organisation") or None, q.get("pillar") or None, q.get("side") or None)
    found = due(view.plan, view.day, t.lang, count, only)
    groups = (
        ("next", t("Next"), found.next),
        ("overdue", t("Past its date, with a word since"), found.overdue),
        ("silent", t("Past its date, not known since"), found.silent),
    )
    head = (t("What"), t("Who"), t("Due"), t("Last word"))
    return [
        Table(
            name,
            title,
            head,
            tuple(
                (
                    Cell(r.item, f"measures?item={r.id}"),
                    Cell(r.organisation),
                    Cell(t.date(r.due), kind="date"),
                    Cell(r.last_word),
                )
                for r in rows[:count]
            ),
            empty=t("nothing is due"),
        )
        for name, title, rows in groups
    ]


def _targets(view: Reader) -> Table:
    t = view.t
    document = view.document
    assert document is not None
    rows = []
    for x in document["targets"]:
        span = x["odds_range"] if x["variants"] else None
        rows.append(
            (
                target_name(view, x),
                Cell(odds(x["odds_with"], t), kind="n"),
                Cell(f"{100 * span[0]:.0f} - {100 * span[1]:.0f}" if span else "-", kind="n"),
                Cell(odds(x["odds_without"], t) if x["odds_with"] is not None else "-", kind="n"),
                Cell(t.number(x["median"]) if x["median"] is not None else "-", kind="n"),
                Cell(" - ".join(t.number(v) for v in x["interval80"]) if x["interval80"] else "-", kind="n"),
            )
        )
    head = (
        t("Target"),
        t("Odds"),
        t("Over outlooks"),
        t("If the plan stopped"),
        t("Median, mn USD"),
        t("80 of 100 futures, mn USD"),
    )
    return Table("targets", t("Targets"), head, tuple(rows), _cited(view))


def targets_page(view: Reader) -> Page:
    """Return each target's odds, the fans by whose statistics, what each measure adds, what it would take."""
    t, document = view.t, view.document
    if document is None or view.run is None:
        lead = (t("There is no run of the assessment yet that you may see."),)
        return Page("targets", t("Targets"), lead, _notes(view))
    kept = view.jobs.shown(view.run.id, view.desk.connection) or {"drawings": []}
    blocks: list[Table | Picture] = [_targets(view)]
    source = t("bn USD a year, current prices.") + " " + _cited(view)
    lang = "en" if t.lang != "en" else None
    for n, d in enumerate(kept["drawings"]):
        blocks.append(Picture(f"drawing-{n + 1}", d["title"], d["wide"], d["narrow"], d["told"], source, lang))
    titles = {m.id: said(m.title, t) for m in view.plan.measures}
    rows = tuple(
        (
            titles.get(m["id"], Cell(t("not the plan"))),
            Cell(t.number(m["mean_musd"], 1), kind="n"),
            Cell(" - ".join(t.number(v, 1) for v in m["interval80_musd"]), kind="n"),
            Cell(t("assumed") if m["assumed"] else t("evidence")),
        )
        for m in document["measures"]
    )
    head = (t("Measure"), t("Mean, mn USD"), t("80 of 100 futures, mn USD"), t("Rests on"))
    blocks.append(Table("contributions", t("What each measure adds"), head, rows, _cited(view)))
    n = document["needed"]
    if n and n["growth_median"] is not None:
        pairs = (
            (t("Growth a year for even odds"), n["growth_for_odds_50"]),
            (t("Growth a year for 80 of 100"), n["growth_for_odds_80"]),
            (t("Growth a year of the median future"), n["growth_median"]),
        )
        lines = tuple(
            (Cell(k), Cell(f"{t.number(100 * v, 1)} %" if v is not None else "-", kind="n")) for k, v in pairs
        )
        blocks.append(Table("needed", t("What it would take"), (t("What"), t("Value")), lines, _cited(view)))
    return Page("targets", t("Targets"), (), _notes(view), (), tuple(blocks), run=view.run.id)


def scenarios_page(view: Reader) -> Page:
    """Return the scenarios, and the runs set beside each other."""
    t = view.t
    told = tuple(
        (
            said(s.title, t),
            Cell(s.id),
            Cell("; ".join(e.evidence for e in s.effects), lang="en" if t.lang != "en" else None),
        )
        for s in map(load_scenario, scenario_names())
    )
    head_target = view.plan.headline
    rows = []
    for r in view.runs()[:50]:
        d = r.payload.document
        x = next((x for x in d["targets"] if x["id"] == head_target), d["targets"][0])
        off = ", ".join(d["without"])
        rows.append(
            (
                Cell(r.id, f"targets?run={r.id}"),
                Cell(t.date(r.payload.as_of), kind="date"),
                Cell(r.payload.scenario or t("none")),
                Cell(off or t("none")),
                Cell(t.number(r.payload.draws), kind="n"),
                Cell(odds(x["odds_with"], t), kind="n"),
                Cell(r.payload.plan_hash[:12]),
            )
        )
    head = (
        t("Run"),
        t("Known on"),
        t("Scenario"),
        t("Measures off"),
        t("Futures"),
        t("Odds"),
        t("Plan version"),
    )
    blocks = (
        Table(
            "runs",
            t("Runs side by side"),
            head,
            tuple(rows),
            empty=t("There is no run of the assessment yet that you may see."),
        ),
        Table("scenarios", t("Scenarios"), (t("Scenario"), t("Name"), t("Rests on")), told),
    )
    return Page(
        "scenarios",
        t("Scenarios"),
        (t("The same futures, with one thing changed; nothing else moves."),),
        (),
        (),
        blocks,
    )
