"""The first page: will the target be met, what changed since the last council, who decides what by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from birge.factbook import mirror
from birge.pages.answer import Asked, asked, done
from birge.pages.changes import changes, last_council
from birge.pages.decisions import decisions
from birge.web.blocks import Cell, Gauge, Page, Picture, Table
from birge.web.blocks_more import day_cell
from birge.web.pages_failed import failures
from birge.web.pages_run import due_tables, headline, notes, odds, target_name, targets_table
from birge.web.reader import Reader
from birge.web.shelf import taken

__all__ = ["answer_page", "finding"]

FIRST, MOST_CHANGES = 5, 12


def answer_page(view: Reader) -> Page:
    """Return the answer: the finding, its range, three gauges, changes, decisions, what is due."""
    t, head = view.t, headline(view)
    kicker = view.plan.title.get(t.lang)
    title, lead, dots = kicker, [], None
    way: Cell | None = None
    if head is None:
        lead.append(t("There is no run of the assessment yet that you may see."))
        way, kicker = _way(view), ""
    else:
        title = finding(view, head)
        lead += _range(view, head)
        if head["odds_with"] is not None:
            from birge.charts import dots as draw

            span = tuple(head["odds_range"]) if head["variants"] else None
            dots = draw(head["odds_with"], span, odds(head["odds_with"], t))
    changed = _changed(view)
    owed = due_tables(view)
    decided = _decisions(view)
    failed = failures(view) if head is None else []
    blocks: list[Table | Picture] = [*failed, decided, *(replace(b, rows=b.rows[:FIRST]) for b in owed)]
    if changed is not None:
        blocks.insert(len(failed), changed)
    if view.document is not None:
        blocks.append(targets_table(view))
    return Page(
        "answer",
        title,
        tuple(lead),
        notes(view),
        (),
        tuple(blocks),
        dots=dots,
        run=view.run.id if view.run else None,
        gauges=_gauges(view),
        glance=_glance(view, changed, decided, owed),
        waits=changed is not None and not changed.head,
        kicker=kicker,
        way=way,
    )


def _way(view: Reader) -> Cell:
    """Return what to do where there are no odds to see: sign in, or run the assessment."""
    t = view.t
    if not view.actor.side:
        return Cell(
            t("Odds are each side's own until both have released them. Sign in to see those of your side."), "sign-in"
        )
    return Cell(t("Run the assessment, or ask your secretariat to."), "scenarios")


def _glance(view: Reader, changed: Table | None, decided: Table, owed: list[Table]) -> tuple[Cell, ...]:
    """Return what changed and who decides what by when in a line each, with the way to the table."""
    t = view.t
    lines = [Cell(f"{b.title}: {len(b.rows)}", f"#{b.name}") for b in (changed, decided) if b and b.rows]
    first, _, silent = owed
    if first.rows:
        item, who, day, _ = first.rows[0]
        lines.append(Cell(t("Due next: {item}, {date}", item=f"{item.text} ({who.text})", date=day.text), "#next"))
    if silent.rows:
        lines.append(Cell(f"{silent.title}: {len(silent.rows)}", "#silent"))
    return tuple(lines)


def finding(view: Reader, head: Mapping[str, Any]) -> str:
    """Return the headline as a finding: "38 of 100 futures reach 3.0 bn USD in 2027"."""
    t = view.t
    if head["odds_with"] is None:
        return t("not modelled") + f": {target_name(view, head).text}"
    indicator = next(i for i in view.plan.indicators if i.id == head["indicator"])
    number = odds(head["odds_with"], t)
    if indicator.kind == "milestone":
        title = indicator.title.get(t.lang)
        return t("{odds} futures have it by the end of {year}: {title}", odds=number, year=head["year"], title=title)
    value = _value(view, head["value"], indicator.unit)
    return t("{odds} futures reach {value} in {year}", odds=number, value=value, year=head["year"])


def _value(view: Reader, value: float, unit: str) -> str:
    t = view.t
    if unit in ("mn USD", "mn USD/year") and abs(value) >= 1000:
        return f"{t.number(value / 1000, 1)} {t.named('unit', 'bn USD')}"
    return f"{t.number(value)} {t.named('unit', unit)}"


def _range(view: Reader, head: Mapping[str, Any]) -> list[str]:
    """Return whose statistics, the range over outlooks, and what is left if the plan stopped."""
    t, lead = view.t, []
    lead.append(t("Target: {what}.", what=target_name(view, head).text))
    if head["odds_with"] is None:
        return lead
    if head["odds_range"]:
        low, high = (f"{100 * x:.0f}" for x in head["odds_range"])
        lead.append(t("Over defensible outlooks: {low} to {high} of 100.", low=low, high=high))
    if head["odds_without"] is not None and _alike(head):
        acting = [m for m in (view.document or {})["measures"] if m["id"] != "not-the-plan"]
        told = t(
            "What is modelled of the plan, {n} of {all} measures, moves the odds by less than the error of the count, "
            "± {error} of 100.",
            n=len(acting),
            all=len(view.plan.measures),
            error=t.number(100 * head["simulation_error"], 1),
        )
        lead.append(told)
    elif head["odds_without"] is not None:
        lead.append(t("If the plan stopped today: {odds}.", odds=odds(head["odds_without"], t)))
    return lead


def _alike(head: Mapping[str, Any]) -> bool:
    """Return whether the odds with and without the plan differ by less than the error of the simulation."""
    error = head["simulation_error"]
    return bool(error and abs(head["odds_with"] - head["odds_without"]) < error)


def _gauges(view: Reader) -> tuple[Gauge, ...]:
    """Return the three gauges, never one: done, spent, moved; what nobody reported is counted beside what is known."""
    t, plan = view.t, view.plan
    d = done(plan, view.day)
    told = t(
        "{going} in progress, {still} not started or stopped, {silent} without a report",
        going=d.going,
        still=d.still,
        silent=d.silent,
    )
    known = [m.cost_musd for m in plan.measures if m.cost_musd is not None]
    cost = t(
        "a cost is stated for {n} of {all} measures, {sum} mn USD together",
        n=len(known),
        all=len(plan.measures),
        sum=t.number(sum(known)),
    )
    return (
        Gauge(
            t("Done"), t("{done} of {all} milestones", done=d.done, all=d.all), d.done / d.all if d.all else None, told
        ),
        Gauge(t("Spent"), t("not known: nobody has reported it"), None, cost),
        _moved(view),
    )


def _moved(view: Reader) -> Gauge:
    """Return how far the headline's indicator has come from its baseline to the target."""
    t = view.t
    found: Asked | None = next(iter(asked(view.plan, t.lang, mirror(view.observations, view.desk.parties))), None)
    if found is None or found.base is None or found.newest is None or found.value == found.base:
        return Gauge(t("Moved"), t("not known"))
    way = 100 * (found.newest - found.base) / (found.value - found.base)
    told = t(
        "from {base} ({base_year}) to {goal}: {value} in {year}",
        base=_value(view, found.base, found.unit),
        base_year=found.base_year,
        goal=_value(view, found.value, found.unit),
        value=_value(view, found.newest, found.unit),
        year=found.newest_year,
    )
    note = told if found.verified else f"{told} ({t('unverified')})"
    return Gauge(t("Moved"), t("{share} of 100 of the way", share=f"{way:.0f}"), min(max(way / 100, 0.0), 1.0), note)


def _changed(view: Reader) -> Table | None:
    """Return what changed since the last session of a council, in sentences."""
    t = view.t
    since = last_council(view.plan, view.day)
    if since is None:
        return None
    key = ("changes", view.version, since[1], view.day, t.lang)
    found = taken(key, partial(changes, since[1], view.plan, view.day, t.lang))
    meeting = next(m.title.get(t.lang) for m in view.plan.meetings if m.id == since[0])
    title = t("Changed since {meeting}, {date}", meeting=meeting, date=t.date(since[1]))
    told = t("From what both sides agreed and reported; as far as it was public that day.")
    if found is None:
        return Table("changed", title, (), (), told, t("This is being computed; the page asks again by itself."))
    rows = tuple((Cell(c.record), Cell(" · ".join(c.lines))) for c in found)
    new = sum(c.new for c in found)
    if new:
        told += " " + t("{n} records are new.", n=new)
    full = view.query.get("changes") == "all"
    if len(rows) > MOST_CHANGES and not full:
        more = Cell(t("{n} more", n=len(rows) - MOST_CHANGES), "answer?changes=all#changed")
        rows = (*rows[:MOST_CHANGES], (more, Cell("")))
    return Table("changed", title, (t("What"), t("Changes")), rows, told, t("nothing changed"))


def _decisions(view: Reader) -> Table:
    t = view.t
    rows = []
    for d in decisions(view.plan, view.day, t.lang):
        who = "; ".join(d.owners) or t("no owner named in a public source")
        last = f"{t.named('word', d.word.state)}, {t.date(d.word.reported)}" if d.word else t("no report")
        rows.append((Cell(d.title, "culture#decisions"), Cell(d.meeting), Cell(who), day_cell(d.due, t), Cell(last)))
    head = (t("Decision"), t("Meeting"), t("Who"), t("Due"), t("Last word"))
    told = t("Open decisions of councils and meetings.")
    return Table("decisions", t("Who decides what by when"), head, tuple(rows), told, t("nothing is due"))
