"""The border: every crossing by both names, what is reported of it, and what trucks meet there in a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from birge.charts.months import clock, spread
from birge.factbook.border import CrossingRow
from birge.pages.border import COMPLEX, Queueing, Waits, controls, designs, named, simulated, ways
from birge.web.blocks import Cell, Page, Picture, Table
from birge.web.blocks_more import chosen, drawn, num, pick
from birge.web.border_tables import assumed, queued, reported, side_of
from birge.web.reader import Reader
from birge.web.shelf import taken
from birge.web.worded import direction

__all__ = ["border_page", "queueing"]


def queueing(pair: tuple[str, str], control: str) -> tuple[Queueing, ...] | None:
    """Return the simulated designs of a pair under a way of control; None while they are being computed."""
    names = designs(pair)
    return taken(("border", names, control), partial(simulated, names, control))


def border_page(view: Reader) -> Page:
    """Return the crossings: figures, simulated waits, before and after, queue over the day, reported queues."""
    t, pair = view.t, view.desk.parties
    title = t("Border")
    if not ways(pair):
        told = t("No crossing between these two sides is in the factbook; nothing can be said of waits.")
        return Page("border", title, (told,), _lines(view))
    names = named(pair, t.lang)
    control = chosen(view, "control", controls(pair), "normal")
    found = queueing(pair, control)
    today = tuple(r.crossing for r in ways(pair) if r.variant == "today")
    crossing = chosen(view, "crossing", today, busiest(ways(pair)))
    labels = {
        "normal": t("normal"),
        "longer-checks": t("checks take longer"),
        "crisis": t("checks as in a crisis"),
    }
    filters = (
        pick(view, "control", t("Control"), [(c, labels.get(c, c)) for c in controls(pair)], control),
        pick(view, "crossing", t("Crossing"), [(c, names[c]) for c in dict.fromkeys(today)], crossing),
    )
    blocks: list[Table | Picture] = []
    if found is not None:
        blocks += [
            *_pictures(view, found, names, crossing),
            _simulated(view, found, names),
            *_after(view, found, names),
        ]
    blocks += [reported(view, names), queued(view, names)]
    if found is not None:
        blocks.append(assumed(view, found, names, crossing))
    lead = (
        t("What trucks meet at the crossings: figures as reported, and waits from a simulation of every truck."),
        *(() if found is None else _finding(view, found, names, crossing)),
    )
    notes = (*_lines(view), *((t("This is being computed; the page asks again by itself."),) if found is None else ()))
    return Page("border", title, lead, notes, filters, tuple(blocks), waits=found is None)


def busiest(rows: Sequence[CrossingRow]) -> str:
    """Return the crossing with most trucks."""
    return max((r for r in rows if r.variant == "today"), key=lambda r: r.trucks_per_day).crossing


def _finding(view: Reader, found: Sequence[Queueing], names: dict[str, str], crossing: str) -> tuple[str, ...]:
    """Return what nine of ten trucks wait at the chosen crossing in each direction, and after its rebuild."""
    t = view.t
    by = {(q.variant, w.stream): w.wait_p90 for q in found if q.crossing == crossing for w in q.streams}
    parts = []
    for stream in _streams(view, [q for q in found if q.crossing == crossing]):
        now, then = by["today", stream], by.get(("rebuilt", stream))
        words = {"way": direction(view, stream), "now": t.number(now, 1)}
        if then is None:
            parts.append(t("{way}: {now} h", **words))
        else:
            parts.append(t("{way}: {now} h today, {then} h after the rebuild", then=t.number(then, 1), **words))
    if not parts:
        return ()
    return (t("{crossing}, 9 of 10 trucks wait less than: {parts}.", crossing=names[crossing], parts="; ".join(parts)),)


def _lines(view: Reader) -> tuple[str, ...]:
    return (view.plan.origin_note.get(view.t.lang),) if view.plan.origin == "reconstructed" else ()


def _run(view: Reader, q: Queueing) -> str:
    t = view.t
    return t(
        "Simulation: {n} years of every truck, seed {seed}; designs of the factbook; assumed inputs are listed.",
        n=q.replications,
        seed=q.seed,
    )


def _simulated(view: Reader, found: Sequence[Queueing], names: dict[str, str]) -> Table:
    t = view.t
    rows = [
        _waits_row(view, names[q.crossing], w, len(q.assumed))
        for q in found
        if q.variant == "today"
        for w in sorted(q.streams, key=lambda w: side_of(view, w.stream))
    ]
    told = _run(view, found[0]) + _closed(view, names)
    return Table("waits", t("Simulated waits today"), _waits_head(view), tuple(rows), told)


def _closed(view: Reader, names: dict[str, str]) -> str:
    """Return which crossings are closed for a part of the day, as that explains the waits there; "" where none is."""
    t = view.t
    hours = {
        r.crossing: t("{name} ({hours} h from {opens})", name=names[r.crossing], hours=f"{r.hours:g}", opens=r.opens)
        for r in ways(view.desk.parties)
        if r.variant == "today" and r.hours < 24
    }
    if not hours:
        return ""
    found = "; ".join(hours.values())
    return " " + t("Not open day and night: {names}. Waits there include the hours until the opening.", names=found)


def _waits_head(view: Reader) -> tuple[str, ...]:
    t = view.t
    return (
        t("Crossing"),
        t("Direction"),
        t("Trucks a day"),
        t("Queue, trucks"),
        t("Mean wait, h"),
        t("Half wait less than, h"),
        t("9 of 10 wait less than, h"),
        t("Over 8 h, of 100"),
        t("Assumed inputs"),
    )


def _waits_row(view: Reader, name: str, w: Waits, assumed: int) -> tuple[Cell, ...]:
    t = view.t
    mean = t.number(w.wait_mean, 2) + (f" ± {t.number(w.wait_half, 2)}" if w.wait_half is not None else "")
    return (
        Cell(name),
        Cell(direction(view, w.stream)),
        num(w.per_day, t),
        num(w.queue_mean, t),
        Cell(mean, kind="n"),
        num(w.wait_p50, t, 1),
        num(w.wait_p90, t, 1),
        num(100 * w.over_8h, t),
        Cell(str(assumed), "#assumed", kind="n"),
    )


def _after(view: Reader, found: Sequence[Queueing], names: dict[str, str]) -> list[Table]:
    """Return the complex, and each rebuilt crossing beside itself today."""
    t = view.t
    now = {(q.crossing, w.stream): w for q in found if q.variant == "today" for w in q.streams}
    rows = []
    for q in (q for q in found if q.variant == "rebuilt"):
        for w in sorted(q.streams, key=lambda w: side_of(view, w.stream)):
            before = now.get((q.crossing, w.stream))
            pairs = [
                (f"{t.number(a, d)} → {t.number(b, d)}" if before else t.number(b, d))
                for a, b, d in (
                    (before.per_day if before else 0.0, w.per_day, 0),
                    (before.queue_mean if before else 0.0, w.queue_mean, 0),
                    (before.wait_mean if before else 0.0, w.wait_mean, 2),
                    (before.wait_p90 if before else 0.0, w.wait_p90, 1),
                )
            ]
            cells = (Cell(p, kind="n") for p in pairs)
            rows.append((Cell(names[q.crossing]), Cell(direction(view, w.stream)), *cells))
    head = (t("Crossing"), t("Direction"), t("Trucks a day"), t("Queue, trucks"), t("Mean wait, h"))
    made = []
    if rows:
        title = t("Today → rebuilt: the same trucks, another crossing")
        told = t("Capacity after the rebuild and booked slots are assumed.")
        made.append(Table("rebuilt", title, (*head, t("9 of 10 wait less than, h")), tuple(rows), told))
    whole = [q for q in found if q.variant == COMPLEX]
    if whole:
        told = t("No capacity of the complex has been published; every figure of its design is assumed.")
        rows = [_waits_row(view, names[COMPLEX], w, len(q.assumed)) for q in whole for w in q.streams]
        made.append(Table("complex", t("The complex, simulated"), _waits_head(view), tuple(rows), told))
    return made


def _pictures(view: Reader, found: Sequence[Queueing], names: dict[str, str], crossing: str) -> list[Picture]:
    t = view.t
    streams = _streams(view, found)
    sides = [direction(view, s) for s in streams]
    planned = {(q.crossing, w.stream): w.wait_p90 for q in found if q.variant == "rebuilt" for w in q.streams}
    today = [q for q in found if q.variant == "today"]
    today.sort(key=lambda q: -max(w.wait_p90 for w in q.streams))
    bars = [
        {
            "title": names[q.crossing],
            "name": direction(view, w.stream),
            "value": w.wait_p90,
            "planned": planned.get((q.crossing, w.stream)),
        }
        for q in today
        for w in sorted(q.streams, key=lambda w: side_of(view, w.stream))
    ]
    axis = t("hours")
    worst = max(bars, key=lambda b: float(str(b["value"])))
    told = t(
        "9 of 10 trucks wait less than this. Most: {crossing}, {direction}, {hours} h. Diamond: after the rebuild.",
        crossing=worst["title"],
        direction=worst["name"],
        hours=t.number(float(str(worst["value"])), 1),
    )
    told += _closed(view, names)
    order = [names[q.crossing] for q in today]
    made = [
        drawn(
            "p90",
            t("Waits by crossing"),
            told,
            _run(view, found[0]),
            lambda w: spread(bars, sides, w, axis, order, t.lang),
            table=_bars_table(view, bars),
        )
    ]
    hours: list[dict[str, Any]] = [
        {
            "hour": h,
            "value": v,
            "name": direction(view, w.stream),
            "kind": "today" if q.variant == "today" else "planned",
        }
        for q in found
        if q.crossing == crossing
        for w in q.streams
        for h, v in enumerate(w.queue_by_hour)
    ]
    if hours:
        title = t("Queue over the day: {crossing}", crossing=names[crossing])
        said = t("Trucks that wait, mean over the year by hour of the day; dashed: after the rebuild.")
        trucks, hour = t("Queue, trucks"), t("hour of the day")
        made.append(
            drawn(
                "queue",
                title,
                said,
                _run(view, found[0]),
                lambda w: clock(hours, sides, w, trucks, hour, t.lang),
                table=_hours_table(view, title, hours),
            )
        )
    return made


def _streams(view: Reader, found: Sequence[Queueing]) -> list[str]:
    """Return the directions of today's designs, those from the pair's first side first."""
    every = dict.fromkeys(w.stream for q in found if q.variant == "today" for w in q.streams)
    return sorted(every, key=lambda s: side_of(view, s))


def _bars_table(view: Reader, bars: Sequence[Mapping[str, Any]]) -> Table:
    t = view.t
    rows = tuple((Cell(b["title"]), Cell(b["name"]), num(b["value"], t, 1), _after_cell(view, b)) for b in bars)
    head = (t("Crossing"), t("Direction"), t("9 of 10 wait less than, h"), t("After the rebuild, h"))
    return Table("p90", t("Waits by crossing"), head, rows)


def _after_cell(view: Reader, bar: Mapping[str, Any]) -> Cell:
    return Cell("-", kind="n") if bar["planned"] is None else num(bar["planned"], view.t, 1)


def _hours_table(view: Reader, title: str, hours: Sequence[Mapping[str, Any]]) -> Table:
    """Return the queue by hour of the day, a column for each direction today and after the rebuild."""
    t = view.t
    words = {"today": t("today"), "planned": t("rebuilt")}
    columns = list(dict.fromkeys((r["kind"], r["name"]) for r in hours))
    values = {(r["kind"], r["name"], r["hour"]): r["value"] for r in hours}
    rows = tuple((Cell(f"{h:02}:00"), *(num(values.get((*c, h)), t, 1) for c in columns)) for h in range(24))
    head = (t("hour of the day"), *(f"{name}, {words[kind]}" for kind, name in columns))
    return Table("queue", title, head, rows, t("Trucks that wait, mean over the year."))
